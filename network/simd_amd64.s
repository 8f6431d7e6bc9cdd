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

// func synapseAVX(i, x, decay, gain *float32, n int)
// i = decay*i + gain*x, x = i for n a multiple of 8.
TEXT ·synapseAVX(SB), NOSPLIT, $0-40
	MOVQ i+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ decay+16(FP), R8
	MOVQ gain+24(FP), R9
	MOVQ n+32(FP), CX
	XORQ AX, AX
synLoop:
	VMOVUPS (DI)(AX*4), Y0
	VMULPS (R8)(AX*4), Y0, Y0
	VMOVUPS (SI)(AX*4), Y1
	VMULPS (R9)(AX*4), Y1, Y1
	VADDPS Y1, Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	VMOVUPS Y0, (SI)(AX*4)
	ADDQ $8, AX
	CMPQ AX, CX
	JNE synLoop
	VZEROUPPER
	RET

// func membraneAVX(p *membranes, n int)
// v = decay*v + gain*x + leak, x = 0; above[k] holds a bit for each of the
// neurons 8k..8k+7 that is above its threshold, whose v becomes its reset.
TEXT ·membraneAVX(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), BX
	MOVQ n+8(FP), CX
	MOVQ 0(BX), DI  // v
	MOVQ 8(BX), SI  // x
	MOVQ 16(BX), R8 // decay
	MOVQ 24(BX), R9 // gain
	MOVQ 32(BX), R10 // leak
	MOVQ 40(BX), R11 // threshold
	MOVQ 48(BX), R12 // reset
	MOVQ 56(BX), R13 // above
	XORQ AX, AX
	VXORPS Y5, Y5, Y5
memLoop:
	VMOVUPS (DI)(AX*4), Y0
	VMULPS (R8)(AX*4), Y0, Y0
	VMOVUPS (SI)(AX*4), Y1
	VMOVUPS Y5, (SI)(AX*4)
	VMULPS (R9)(AX*4), Y1, Y1
	VADDPS Y1, Y0, Y0
	VADDPS (R10)(AX*4), Y0, Y0
	VMOVUPS (R11)(AX*4), Y2
	VCMPPS $0x1E, Y2, Y0, Y3 // v > threshold
	VMOVUPS (R12)(AX*4), Y4
	VBLENDVPS Y3, Y4, Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	VMOVMSKPS Y3, DX
	MOVB DX, (R13)
	INCQ R13
	ADDQ $8, AX
	CMPQ AX, CX
	JNE memLoop
	VZEROUPPER
	RET
