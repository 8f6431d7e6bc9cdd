#include "textflag.h"

// func addScaledAVX(x, w *float32, n int, gain float32)
// x[i] += w[i]*gain for n a multiple of 8.
TEXT ·addScaledAVX(SB), NOSPLIT, $0-28
	MOVQ x+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ n+16(FP), CX
	VBROADCASTSS gain+24(FP), Y2
addLoop:
	VMOVUPS (SI), Y0
	VMULPS Y2, Y0, Y0
	VADDPS (DI), Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ $32, SI
	ADDQ $32, DI
	SUBQ $8, CX
	JNE addLoop
	VZEROUPPER
	RET

// func integrateAVX(m *Membranes, n int)
// The first n neurons, n a multiple of 8, of which each has parameters of its
// own: i = synDecay*i + synGain*x where there are synapses, else i = x;
// v = decay*v + gain*i + leak, x = 0; above[k] holds a bit for each of the
// neurons 8k..8k+7 that is above its threshold, whose v becomes its reset.
TEXT ·integrateAVX(SB), NOSPLIT, $0-16
	MOVQ m+0(FP), BX
	MOVQ 0(BX), DI  // v
	MOVQ 8(BX), SI  // x
	MOVQ 16(BX), R8 // decay
	MOVQ 24(BX), R9 // gain
	MOVQ 32(BX), R10 // leak
	MOVQ 40(BX), R11 // threshold
	MOVQ 48(BX), R12 // reset
	MOVQ 56(BX), R13 // above
	MOVQ 64(BX), R15 // i
	MOVQ 72(BX), CX // synDecay
	MOVQ 80(BX), DX // synGain
	XORQ AX, AX
	VXORPS Y5, Y5, Y5
memLoop:
	VMOVUPS (SI)(AX*4), Y1
	VMOVUPS Y5, (SI)(AX*4)
	TESTQ R15, R15
	JE memInput
	VMULPS (DX)(AX*4), Y1, Y1
	VMOVUPS (R15)(AX*4), Y0
	VMULPS (CX)(AX*4), Y0, Y0
	VADDPS Y1, Y0, Y1
	VMOVUPS Y1, (R15)(AX*4)
memInput:
	VMOVUPS (DI)(AX*4), Y0
	VMULPS (R8)(AX*4), Y0, Y0
	VMULPS (R9)(AX*4), Y1, Y1
	VADDPS Y1, Y0, Y0
	VADDPS (R10)(AX*4), Y0, Y0
	VMOVUPS (R11)(AX*4), Y2
	VCMPPS $0x1E, Y2, Y0, Y3 // v > threshold
	VMOVUPS (R12)(AX*4), Y4
	VBLENDVPS Y3, Y4, Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	VMOVMSKPS Y3, BX
	MOVB BX, (R13)
	INCQ R13
	ADDQ $8, AX
	CMPQ AX, n+8(FP)
	JNE memLoop
	VZEROUPPER
	RET

// func integrateAlikeAVX(m *Membranes, n int, wide bool)
// integrateAVX where the first eight parameters of each kind stand for all;
// with AVX-512 if wide.
TEXT ·integrateAlikeAVX(SB), NOSPLIT, $0-17
	MOVQ m+0(FP), BX
	MOVQ n+8(FP), CX
	MOVQ 0(BX), DI  // v
	MOVQ 8(BX), SI  // x
	MOVQ 56(BX), R13 // above
	MOVQ 64(BX), R15 // i
	MOVQ 16(BX), AX
	VMOVUPS (AX), Y8 // decay
	MOVQ 24(BX), AX
	VMOVUPS (AX), Y9 // gain
	MOVQ 32(BX), AX
	VMOVUPS (AX), Y10 // leak
	MOVQ 40(BX), AX
	VMOVUPS (AX), Y11 // threshold
	MOVQ 48(BX), AX
	VMOVUPS (AX), Y12 // reset
	VXORPS Y5, Y5, Y5
	XORQ DX, DX
	TESTQ R15, R15
	JE alikeWidth
	MOVQ 72(BX), AX
	VMOVUPS (AX), Y6 // synDecay
	MOVQ 80(BX), AX
	VMOVUPS (AX), Y7 // synGain
alikeWidth:
	MOVQ CX, R10
	SHRQ $4, R10 // times 16 neurons
	JE alikeLoop
	CMPB wide+16(FP), $0
	JE alikeLoop
	VINSERTF64X4 $1, Y6, Z6, Z6
	VINSERTF64X4 $1, Y7, Z7, Z7
	VINSERTF64X4 $1, Y8, Z8, Z8
	VINSERTF64X4 $1, Y9, Z9, Z9
	VINSERTF64X4 $1, Y10, Z10, Z10
	VINSERTF64X4 $1, Y11, Z11, Z11
	VINSERTF64X4 $1, Y12, Z12, Z12
wideLoop:
	VMOVUPS (SI)(DX*4), Z1
	VMOVUPS Z5, (SI)(DX*4)
	TESTQ R15, R15
	JE wideInput
	VMULPS Z7, Z1, Z1
	VMULPS (R15)(DX*4), Z6, Z0
	VADDPS Z1, Z0, Z1
	VMOVUPS Z1, (R15)(DX*4)
wideInput:
	VMULPS Z9, Z1, Z1
	VMULPS (DI)(DX*4), Z8, Z0
	VADDPS Z1, Z0, Z0
	VADDPS Z10, Z0, Z0
	VCMPPS $0x1E, Z11, Z0, K1
	VMOVAPS Z12, K1, Z0
	VMOVUPS Z0, (DI)(DX*4)
	KMOVW K1, (R13)
	ADDQ $2, R13
	ADDQ $16, DX
	DECQ R10
	JNE wideLoop
	CMPQ DX, CX
	JE alikeEnd
alikeLoop:
	VMOVUPS (SI)(DX*4), Y1
	VMOVUPS Y5, (SI)(DX*4)
	TESTQ R15, R15
	JE alikeInput
	VMULPS Y7, Y1, Y1
	VMULPS (R15)(DX*4), Y6, Y0
	VADDPS Y1, Y0, Y1
	VMOVUPS Y1, (R15)(DX*4)
alikeInput:
	VMULPS Y9, Y1, Y1
	VMULPS (DI)(DX*4), Y8, Y0
	VADDPS Y1, Y0, Y0
	VADDPS Y10, Y0, Y0
	VCMPPS $0x1E, Y11, Y0, Y3
	VBLENDVPS Y3, Y12, Y0, Y0
	VMOVUPS Y0, (DI)(DX*4)
	VMOVMSKPS Y3, AX
	MOVB AX, (R13)
	INCQ R13
	ADDQ $8, DX
	CMPQ DX, CX
	JNE alikeLoop
alikeEnd:
	VZEROUPPER
	RET

// func integrateBlocksAVX(m *Membranes, blocks *int32, slept *int64, count, size, stride int)
// For each of count blocks of size neurons, a multiple of 8, where m points at
// block 0 without synapses and the parameters of block k begin at k*stride:
// v *= decay, slept times, and integrateAVX. above continues from block to block.
TEXT ·integrateBlocksAVX(SB), NOSPLIT, $0-48
	MOVQ m+0(FP), BX
	MOVQ 16(BX), R8 // decay
	MOVQ 24(BX), R9 // gain
	MOVQ 32(BX), R10 // leak
	MOVQ 40(BX), R11 // threshold
	MOVQ 48(BX), R12 // reset
	MOVQ 56(BX), R13 // above
	VXORPS Y5, Y5, Y5
	XORQ R15, R15 // of count
blocksLoop:
	MOVQ m+0(FP), BX
	MOVQ 0(BX), DI // v
	MOVQ 8(BX), SI // x
	MOVQ blocks+8(FP), BX
	MOVLQSX (BX)(R15*4), CX
	MOVQ CX, DX
	IMULQ size+32(FP), CX
	LEAQ (DI)(CX*4), DI
	LEAQ (SI)(CX*4), SI
	IMULQ stride+40(FP), DX // the place of parameters
	MOVQ size+32(FP), CX
blocksGroup:
	VMOVUPS (DI), Y0
	VMOVUPS (R8)(DX*4), Y1
	MOVQ slept+16(FP), BX
	MOVQ (BX)(R15*8), BX
	TESTQ BX, BX
	JLE blocksAwake
blocksSleep:
	VMULPS Y1, Y0, Y2
	VCMPPS $8, Y0, Y2, Y3 // equal, or not a number
	VMOVAPS Y2, Y0
	VMOVMSKPS Y3, AX
	CMPL AX, $0xff
	JE blocksAwake
	DECQ BX
	JNE blocksSleep
blocksAwake:
	VMULPS Y1, Y0, Y0
	VMOVUPS (SI), Y1
	VMOVUPS Y5, (SI)
	VMULPS (R9)(DX*4), Y1, Y1
	VADDPS Y1, Y0, Y0
	VADDPS (R10)(DX*4), Y0, Y0
	VMOVUPS (R11)(DX*4), Y2
	VCMPPS $0x1E, Y2, Y0, Y3
	VMOVUPS (R12)(DX*4), Y4
	VBLENDVPS Y3, Y4, Y0, Y0
	VMOVUPS Y0, (DI)
	VMOVMSKPS Y3, AX
	MOVB AX, (R13)
	INCQ R13
	ADDQ $32, DI
	ADDQ $32, SI
	ADDQ $8, DX
	SUBQ $8, CX
	JNE blocksGroup
	INCQ R15
	CMPQ R15, count+24(FP)
	JNE blocksLoop
	VZEROUPPER
	RET

// func addRowsAVX(x, w *float32, ids *uint32, count, width, n int, gains *float32)
// For n a multiple of 8 and each of the ids in turn, of which there are count:
// x[j] += w[id*width+j], times its gain unless gains is nil.
TEXT ·addRowsAVX(SB), NOSPLIT, $0-56
	MOVQ x+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ ids+16(FP), R8
	MOVQ count+24(FP), R9
	MOVQ width+32(FP), R10
	MOVQ n+40(FP), CX
	MOVQ gains+48(FP), R11
	SHLQ $2, R10 // bytes of a row
rows64:
	CMPQ CX, $64
	JLT rows8
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y1
	VMOVUPS 64(DI), Y2
	VMOVUPS 96(DI), Y3
	VMOVUPS 128(DI), Y4
	VMOVUPS 160(DI), Y5
	VMOVUPS 192(DI), Y6
	VMOVUPS 224(DI), Y7
	XORQ DX, DX
	TESTQ R11, R11
	JNE scaled64
plain64:
	MOVL (R8)(DX*4), AX
	IMULQ R10, AX
	ADDQ SI, AX
	VADDPS (AX), Y0, Y0
	VADDPS 32(AX), Y1, Y1
	VADDPS 64(AX), Y2, Y2
	VADDPS 96(AX), Y3, Y3
	VADDPS 128(AX), Y4, Y4
	VADDPS 160(AX), Y5, Y5
	VADDPS 192(AX), Y6, Y6
	VADDPS 224(AX), Y7, Y7
	INCQ DX
	CMPQ DX, R9
	JLT plain64
	JMP done64
scaled64:
	MOVL (R8)(DX*4), AX
	IMULQ R10, AX
	ADDQ SI, AX
	VBROADCASTSS (R11)(DX*4), Y8
	VMULPS (AX), Y8, Y9
	VADDPS Y9, Y0, Y0
	VMULPS 32(AX), Y8, Y9
	VADDPS Y9, Y1, Y1
	VMULPS 64(AX), Y8, Y9
	VADDPS Y9, Y2, Y2
	VMULPS 96(AX), Y8, Y9
	VADDPS Y9, Y3, Y3
	VMULPS 128(AX), Y8, Y9
	VADDPS Y9, Y4, Y4
	VMULPS 160(AX), Y8, Y9
	VADDPS Y9, Y5, Y5
	VMULPS 192(AX), Y8, Y9
	VADDPS Y9, Y6, Y6
	VMULPS 224(AX), Y8, Y9
	VADDPS Y9, Y7, Y7
	INCQ DX
	CMPQ DX, R9
	JLT scaled64
done64:
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)
	VMOVUPS Y4, 128(DI)
	VMOVUPS Y5, 160(DI)
	VMOVUPS Y6, 192(DI)
	VMOVUPS Y7, 224(DI)
	ADDQ $256, DI
	ADDQ $256, SI
	SUBQ $64, CX
	JMP rows64
rows8:
	TESTQ CX, CX
	JE rowsEnd
	VMOVUPS (DI), Y0
	XORQ DX, DX
	TESTQ R11, R11
	JNE scaled8
plain8:
	MOVL (R8)(DX*4), AX
	IMULQ R10, AX
	VADDPS (SI)(AX*1), Y0, Y0
	INCQ DX
	CMPQ DX, R9
	JLT plain8
	JMP done8
scaled8:
	MOVL (R8)(DX*4), AX
	IMULQ R10, AX
	VBROADCASTSS (R11)(DX*4), Y8
	VMULPS (SI)(AX*1), Y8, Y9
	VADDPS Y9, Y0, Y0
	INCQ DX
	CMPQ DX, R9
	JLT scaled8
done8:
	VMOVUPS Y0, (DI)
	ADDQ $32, DI
	ADDQ $32, SI
	SUBQ $8, CX
	JMP rows8
rowsEnd:
	VZEROUPPER
	RET

// func decayAVX(v, decay *float32, n, steps int)
// v *= decay, steps times, at least once, for n a multiple of 8. A group that a
// step leaves as it is, is left.
TEXT ·decayAVX(SB), NOSPLIT, $0-32
	MOVQ v+0(FP), DI
	MOVQ decay+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ steps+24(FP), R8
decayGroup:
	VMOVUPS (DI), Y0
	VMOVUPS (SI), Y1
	MOVQ R8, DX
decayStep:
	VMULPS Y1, Y0, Y2
	VCMPPS $8, Y0, Y2, Y3 // equal, or not a number
	VMOVAPS Y2, Y0
	VMOVMSKPS Y3, AX
	CMPL AX, $0xff
	JE decayDone
	DECQ DX
	JNE decayStep
decayDone:
	VMOVUPS Y0, (DI)
	ADDQ $32, DI
	ADDQ $32, SI
	SUBQ $8, CX
	JNE decayGroup
	VZEROUPPER
	RET

// func addProductAVX(x, w, gain *float32, k, n, stride int)
// x[i] += gain[j]*w[j*stride+i] for each of the k rows j in turn; n a multiple of
// 8, k at least 1, stride in values.
TEXT ·addProductAVX(SB), NOSPLIT, $0-48
	MOVQ x+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ n+32(FP), CX
	MOVQ stride+40(FP), R11
	SHLQ $2, R11
productWide:
	CMPQ CX, $32
	JLT productNarrow
	MOVQ gain+16(FP), R8
	MOVQ k+24(FP), R9
	MOVQ SI, R10
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y1
	VMOVUPS 64(DI), Y2
	VMOVUPS 96(DI), Y3
productWideLoop:
	VBROADCASTSS (R8), Y8
	VMULPS (R10), Y8, Y4
	VMULPS 32(R10), Y8, Y5
	VMULPS 64(R10), Y8, Y6
	VMULPS 96(R10), Y8, Y7
	VADDPS Y4, Y0, Y0
	VADDPS Y5, Y1, Y1
	VADDPS Y6, Y2, Y2
	VADDPS Y7, Y3, Y3
	ADDQ R11, R10
	ADDQ $4, R8
	DECQ R9
	JNE productWideLoop
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)
	ADDQ $128, DI
	ADDQ $128, SI
	SUBQ $32, CX
	JMP productWide
productNarrow:
	CMPQ CX, $8
	JLT productDone
	MOVQ gain+16(FP), R8
	MOVQ k+24(FP), R9
	MOVQ SI, R10
	VMOVUPS (DI), Y0
productNarrowLoop:
	VBROADCASTSS (R8), Y8
	VMULPS (R10), Y8, Y4
	VADDPS Y4, Y0, Y0
	ADDQ R11, R10
	ADDQ $4, R8
	DECQ R9
	JNE productNarrowLoop
	VMOVUPS Y0, (DI)
	ADDQ $32, DI
	ADDQ $32, SI
	SUBQ $8, CX
	JMP productNarrow
productDone:
	VZEROUPPER
	RET

// func addToRowsAVX(w, x *float32, ids *uint32, k, n, stride int)
// w[id*stride+i] += x[i] for each of the k ids in turn; n a multiple of 8, k at
// least 1, stride in values.
TEXT ·addToRowsAVX(SB), NOSPLIT, $0-48
	MOVQ w+0(FP), SI
	MOVQ x+8(FP), DI
	MOVQ n+32(FP), CX
	MOVQ stride+40(FP), R11
	SHLQ $2, R11
toWide:
	CMPQ CX, $32
	JLT toNarrow
	MOVQ ids+16(FP), R8
	MOVQ k+24(FP), R9
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y1
	VMOVUPS 64(DI), Y2
	VMOVUPS 96(DI), Y3
toWideLoop:
	MOVL (R8), R10
	IMULQ R11, R10
	ADDQ SI, R10
	VADDPS (R10), Y0, Y4
	VADDPS 32(R10), Y1, Y5
	VADDPS 64(R10), Y2, Y6
	VADDPS 96(R10), Y3, Y7
	VMOVUPS Y4, (R10)
	VMOVUPS Y5, 32(R10)
	VMOVUPS Y6, 64(R10)
	VMOVUPS Y7, 96(R10)
	ADDQ $4, R8
	DECQ R9
	JNE toWideLoop
	ADDQ $128, DI
	ADDQ $128, SI
	SUBQ $32, CX
	JMP toWide
toNarrow:
	CMPQ CX, $8
	JLT toDone
	MOVQ ids+16(FP), R8
	MOVQ k+24(FP), R9
	VMOVUPS (DI), Y0
toNarrowLoop:
	MOVL (R8), R10
	IMULQ R11, R10
	VADDPS (SI)(R10*1), Y0, Y4
	VMOVUPS Y4, (SI)(R10*1)
	ADDQ $4, R8
	DECQ R9
	JNE toNarrowLoop
	ADDQ $32, DI
	ADDQ $32, SI
	SUBQ $8, CX
	JMP toNarrow
toDone:
	VZEROUPPER
	RET
