#include "textflag.h"

// The kernels of Unshuffle interleave the bytes of neighbouring positions, then pairs
// of them, then fours.

// func unshuffle2AVX(dst, src *byte, n, stride int)
TEXT ·unshuffle2AVX(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ stride+24(FP), BX
two:
	VMOVDQU (SI), Y0
	VMOVDQU (SI)(BX*1), Y1
	VPUNPCKLBW Y1, Y0, Y2 // 0 to 7, 16 to 23
	VPUNPCKHBW Y1, Y0, Y3 // 8 to 15, 24 to 31
	VMOVDQU X2, (DI)
	VMOVDQU X3, 16(DI)
	VEXTRACTI128 $1, Y2, 32(DI)
	VEXTRACTI128 $1, Y3, 48(DI)
	ADDQ $32, SI
	ADDQ $64, DI
	SUBQ $32, CX
	JNE two
	VZEROUPPER
	RET

// func unshuffle4AVX(dst, src *byte, n, stride int)
TEXT ·unshuffle4AVX(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ stride+24(FP), BX
	LEAQ (BX)(BX*2), R9
four:
	VMOVDQU (SI), Y0
	VMOVDQU (SI)(BX*1), Y1
	VMOVDQU (SI)(BX*2), Y2
	VMOVDQU (SI)(R9*1), Y3
	VPUNPCKLBW Y1, Y0, Y4
	VPUNPCKHBW Y1, Y0, Y5
	VPUNPCKLBW Y3, Y2, Y6
	VPUNPCKHBW Y3, Y2, Y7
	VPUNPCKLWD Y6, Y4, Y0 // 0 to 3, 16 to 19
	VPUNPCKHWD Y6, Y4, Y1 // 4 to 7, 20 to 23
	VPUNPCKLWD Y7, Y5, Y2 // 8 to 11, 24 to 27
	VPUNPCKHWD Y7, Y5, Y3 // 12 to 15, 28 to 31
	VMOVDQU X0, (DI)
	VMOVDQU X1, 16(DI)
	VMOVDQU X2, 32(DI)
	VMOVDQU X3, 48(DI)
	VEXTRACTI128 $1, Y0, 64(DI)
	VEXTRACTI128 $1, Y1, 80(DI)
	VEXTRACTI128 $1, Y2, 96(DI)
	VEXTRACTI128 $1, Y3, 112(DI)
	ADDQ $32, SI
	ADDQ $128, DI
	SUBQ $32, CX
	JNE four
	VZEROUPPER
	RET

// STORE_EIGHT writes values of 8 bytes at an offset and behind it: their halves are in
// the vectors a and b, four of each. It changes X8 and X9.
#define STORE_EIGHT(a, b, offset) \
	VPUNPCKLDQ b, a, X8; \
	VPUNPCKHDQ b, a, X9; \
	VMOVDQU X8, offset(DI); \
	VMOVDQU X9, offset+16(DI)

// func unshuffle8AVX(dst, src *byte, n, stride int)
TEXT ·unshuffle8AVX(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ stride+24(FP), BX
	LEAQ (BX)(BX*2), R9
	LEAQ (SI)(BX*4), R10
eight:
	VMOVDQU (SI), X0
	VMOVDQU (SI)(BX*1), X1
	VMOVDQU (SI)(BX*2), X2
	VMOVDQU (SI)(R9*1), X3
	VMOVDQU (R10), X4
	VMOVDQU (R10)(BX*1), X5
	VMOVDQU (R10)(BX*2), X6
	VMOVDQU (R10)(R9*1), X7
	VPUNPCKLBW X1, X0, X8
	VPUNPCKHBW X1, X0, X9
	VPUNPCKLBW X3, X2, X10
	VPUNPCKHBW X3, X2, X11
	VPUNPCKLBW X5, X4, X12
	VPUNPCKHBW X5, X4, X13
	VPUNPCKLBW X7, X6, X14
	VPUNPCKHBW X7, X6, X15
	VPUNPCKLWD X10, X8, X0 // lower halves of 0 to 3
	VPUNPCKHWD X10, X8, X1
	VPUNPCKLWD X11, X9, X2
	VPUNPCKHWD X11, X9, X3
	VPUNPCKLWD X14, X12, X4 // upper halves of 0 to 3
	VPUNPCKHWD X14, X12, X5
	VPUNPCKLWD X15, X13, X6
	VPUNPCKHWD X15, X13, X7
	STORE_EIGHT(X0, X4, 0)
	STORE_EIGHT(X1, X5, 32)
	STORE_EIGHT(X2, X6, 64)
	STORE_EIGHT(X3, X7, 96)
	ADDQ $16, SI
	ADDQ $16, R10
	ADDQ $128, DI
	SUBQ $16, CX
	JNE eight
	VZEROUPPER
	RET

// Where the bytes of four addresses of 24 bits stand in a group.
DATA places<>+0(SB)/8, $0x80070600_80030201
DATA places<>+8(SB)/8, $0x800A0908_800B0504
GLOBL places<>(SB), RODATA|NOPTR, $16

// func groupsAVX(records unsafe.Pointer, src *byte, n int)
TEXT ·groupsAVX(SB), NOSPLIT, $0-24
	MOVQ records+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	VBROADCASTI128 places<>(SB), Y8
	VPCMPEQD Y15, Y15, Y15
	VPSRLD $31, Y15, Y14 // 1
	VPSRLD $21, Y15, Y15 // column
	VPSLLD $16, Y15, Y13 // row
groups:
	VMOVDQU (SI), X0
	VINSERTI128 $1, 12(SI), Y0, Y0
	VPSHUFB Y8, Y0, Y0
	VPAND Y14, Y0, Y1  // polarity
	VPSRLD $1, Y0, Y2
	VPAND Y15, Y2, Y2  // column
	VPSLLD $4, Y0, Y3
	VPAND Y13, Y3, Y3  // row
	VPOR Y3, Y2, Y2
	VPUNPCKLDQ Y1, Y2, Y4 // 0, 1; 4, 5
	VPUNPCKHDQ Y1, Y2, Y5 // 2, 3; 6, 7
	VMOVLPS X4, (DI)
	VMOVHPS X4, 16(DI)
	VMOVLPS X5, 32(DI)
	VMOVHPS X5, 48(DI)
	VEXTRACTI128 $1, Y4, X4
	VEXTRACTI128 $1, Y5, X5
	VMOVLPS X4, 64(DI)
	VMOVHPS X4, 80(DI)
	VMOVLPS X5, 96(DI)
	VMOVHPS X5, 112(DI)
	ADDQ $24, SI
	ADDQ $128, DI
	SUBQ $2, CX
	JNE groups
	VZEROUPPER
	RET
