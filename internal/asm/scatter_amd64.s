#include "go_asm.h"
#include "textflag.h"

DATA scatterOne<>+0(SB)/4, $0x3F800000
GLOBL scatterOne<>(SB), RODATA|NOPTR, $4

// GROWN is fine[t%512]*coarse[t/512]; it spends t, R15 and AX.
#define GROWN(t, fine, coarse, x) \
	MOVL t, R15 \
	ANDL $511, R15 \
	SHRL $9, t \
	MOVQ fine(BX), AX \
	VMOVSS (AX)(R15*4), x \
	MOVQ coarse(BX), AX \
	VMULSS (AX)(t*4), x, x

// func scatterAVX(s *Scatter, st *Stretch)
// BX s, DI v, R8 spent, R9 weight, R10 row, R11 col, R12 reciprocal, R13 width,
// SI ids, CX the spike; X15 growth, X14 threshold*growth, X13 grown, X12
// 1/grown, X11 mask, X10 use, X9 1, X8 0.
TEXT ·scatterAVX(SB), NOSPLIT, $0-16
	MOVQ s+0(FP), BX
	MOVQ st+8(FP), AX
	MOVQ Stretch_IDs(AX), SI
	MOVQ Stretch_At(AX), CX
	SUBQ CX, Stretch_Added(AX)
	MOVB $0, Stretch_Above(AX)
	MOVQ Scatter_V(BX), DI
	MOVQ Scatter_Spent(BX), R8
	MOVQ Scatter_Weight(BX), R9
	MOVQ Scatter_Row(BX), R10
	MOVQ Scatter_Col(BX), R11
	MOVQ Scatter_Reciprocal(BX), R12
	MOVQ Scatter_Width(BX), R13
	VMOVUPS Scatter_Mask(BX), X11
	VMOVSS Scatter_Use(BX), X10
	VMOVSS scatterOne<>(SB), X9
	VXORPS X8, X8, X8
scatterRun:
	MOVQ st+8(FP), AX
	MOVQ Stretch_Run(AX), DX
	CMPQ DX, Stretch_Runs(AX)
	JGE scatterEnd
	MOVQ Stretch_T(AX), R14
	MOVQ (R14)(DX*8), R14
	CMPQ R14, Stretch_Until(AX)
	JGE scatterEnd
	MOVQ Stretch_Offsets(AX), R15
	MOVL 4(R15)(DX*4), R15
	MOVQ R15, Stretch_End(AX)
	CMPQ CX, R15
	JGE scatterNext
	MOVQ R14, DX
	SUBQ Stretch_Start(AX), DX
	SUBQ Stretch_Began(AX), R14
	GROWN(DX, Scatter_Fine, Scatter_Coarse, X15)
	VMULSS Scatter_Threshold(BX), X15, X14
	VBROADCASTSS X14, X14
	GROWN(R14, Scatter_SpentFine, Scatter_SpentCoarse, X13)
	VDIVSS X13, X9, X12
scatterSpike:
	MOVQ st+8(FP), AX
	LEAQ 24(CX), DX
	CMPQ DX, Stretch_N(AX)
	JGE scatterNow
	MOVL (SI)(DX*4), R14 // a spike to come, whose state is fetched
	CMPQ R14, Scatter_Size(BX)
	JCC scatterNow
	MOVQ R14, AX
	MULQ R12
	MOVL (R10)(DX*8), R15
	IMULQ R13, DX
	MOVQ R14, AX
	SUBQ DX, AX
	ADDL (R11)(AX*8), R15
	LEAQ (DI)(R15*4), R15
	MOVQ Scatter_Stride(BX), DX
	PREFETCHT0 (R8)(R14*4)
	PREFETCHT0 (R15)
	PREFETCHT0 (R15)(DX*1)
	CMPQ Scatter_Lines(BX), $3
	JLT scatterNow
	PREFETCHT0 (R15)(DX*2)
scatterNow:
	MOVL (SI)(CX*4), R14
	CMPQ R14, Scatter_Size(BX)
	JCC scatterEnd
	MOVQ R14, AX
	MULQ R12 // DX is the row
	MOVQ (R10)(DX*8), R15
	IMULQ R13, DX
	MOVQ R14, AX
	SUBQ DX, AX // the column
	ADDQ (R11)(AX*8), R15
	JMI scatterEnd
	VMOVSS (R8)(R14*4), X0
	VMULSS X12, X0, X1
	VSUBSS X1, X9, X1
	VUCOMISS X8, X1
	JEQ scatterEnd
	VMULSS X1, X15, X2
	VMULSS X10, X1, X1
	VMULSS X13, X1, X1
	VADDSS X1, X0, X0
	VMOVSS X0, (R8)(R14*4)
	VBROADCASTSS X2, X2
	MOVLQSX R15, AX
	SARQ $32, R15
	LEAQ (DI)(AX*4), AX
	LEAQ (R9)(R15*4), R15
	MOVQ Scatter_Lines(BX), DX
	VXORPS X3, X3, X3
scatterLine:
	VMULPS (R15), X2, X4
	VANDPS X11, X4, X4
	VADDPS (AX), X4, X4
	VMOVUPS X4, (AX)
	VCMPPS $0x1E, X14, X4, X5 // v > threshold
	VORPS X5, X3, X3
	ADDQ Scatter_Stride(BX), AX
	ADDQ Scatter_Step(BX), R15
	DECQ DX
	JNE scatterLine
	INCQ CX
	MOVQ st+8(FP), AX
	VTESTPS X11, X3
	JNE scatterAbove
	CMPQ CX, Stretch_End(AX)
	JLT scatterSpike
scatterNext:
	INCQ Stretch_Run(AX)
	JMP scatterRun
scatterAbove:
	MOVB $1, Stretch_Above(AX)
scatterEnd:
	MOVQ st+8(FP), AX
	MOVQ CX, Stretch_At(AX)
	ADDQ CX, Stretch_Added(AX)
	RET
