#include "textflag.h"

// func addRowsAVX(x, w *float32, ids *uint32, k, n, stride int)
// x[i] += w[id*stride+i] for each of the k ids in turn; n a multiple of 8,
// k at least 1, stride in values.
TEXT ·addRowsAVX(SB), NOSPLIT, $0-48
	MOVQ x+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ n+32(FP), CX
	MOVQ stride+40(FP), R11
	SHLQ $2, R11
rowsWide:
	CMPQ CX, $32
	JLT rowsNarrow
	MOVQ ids+16(FP), R8
	MOVQ k+24(FP), R9
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y1
	VMOVUPS 64(DI), Y2
	VMOVUPS 96(DI), Y3
rowsWideLoop:
	MOVL (R8), R10
	IMULQ R11, R10
	ADDQ SI, R10
	VADDPS (R10), Y0, Y0
	VADDPS 32(R10), Y1, Y1
	VADDPS 64(R10), Y2, Y2
	VADDPS 96(R10), Y3, Y3
	ADDQ $4, R8
	DECQ R9
	JNE rowsWideLoop
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)
	ADDQ $128, DI
	ADDQ $128, SI
	SUBQ $32, CX
	JMP rowsWide
rowsNarrow:
	CMPQ CX, $8
	JLT rowsDone
	MOVQ ids+16(FP), R8
	MOVQ k+24(FP), R9
	VMOVUPS (DI), Y0
rowsNarrowLoop:
	MOVL (R8), R10
	IMULQ R11, R10
	VADDPS (SI)(R10*1), Y0, Y0
	ADDQ $4, R8
	DECQ R9
	JNE rowsNarrowLoop
	VMOVUPS Y0, (DI)
	ADDQ $32, DI
	ADDQ $32, SI
	SUBQ $8, CX
	JMP rowsNarrow
rowsDone:
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
