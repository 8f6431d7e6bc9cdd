#include "textflag.h"

// STORE_EVENTS writes 8 events at DI: their times are in two vectors, of events 0, 1,
// 4, 5 and of 2, 3, 6, 7; Y2 has columns and rows, Y4 polarities. It changes Y2, Y5,
// Y6, Y10 and Y11.
#define STORE_EVENTS(t0145, t2367) \
	VPUNPCKLDQ Y4, Y2, Y5; \
	VPUNPCKHDQ Y4, Y2, Y6; \
	VPUNPCKLQDQ Y5, t0145, Y10; \
	VPUNPCKHQDQ Y5, t0145, Y11; \
	VPERM2I128 $0x20, Y11, Y10, Y2; \
	VMOVDQU Y2, (DI); \
	VPERM2I128 $0x31, Y11, Y10, Y2; \
	VMOVDQU Y2, 64(DI); \
	VPUNPCKLQDQ Y6, t2367, Y10; \
	VPUNPCKHQDQ Y6, t2367, Y11; \
	VPERM2I128 $0x20, Y11, Y10, Y2; \
	VMOVDQU Y2, 32(DI); \
	VPERM2I128 $0x31, Y11, Y10, Y2; \
	VMOVDQU Y2, 96(DI)

// func evt2AVX(out unsafe.Pointer, src *byte, n int, base int64, column, row uint32) int
TEXT ·evt2AVX(SB), NOSPLIT, $0-48
	MOVQ out+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	VPBROADCASTQ base+24(FP), Y8
	MOVL column+32(FP), AX
	VMOVD AX, X9
	VPBROADCASTD X9, Y9
	MOVL row+36(FP), AX
	VMOVD AX, X13
	VPBROADCASTD X13, Y13
	VPCMPEQD Y15, Y15, Y15
	VPSRLD $31, Y15, Y14 // 1
	VPSRLD $21, Y15, Y15 // address
	VPXOR Y12, Y12, Y12
	XORQ R8, R8
evt2Loop:
	VMOVDQU (SI), Y0
	VPSRLD $11, Y0, Y2
	VPAND Y15, Y2, Y2 // x
	VPAND Y15, Y0, Y3 // y
	VPSRLD $28, Y0, Y4 // type: the polarity
	VPCMPGTD Y9, Y2, Y5
	VPCMPGTD Y13, Y3, Y6
	VPOR Y6, Y5, Y5
	VPCMPGTD Y14, Y4, Y6
	VPOR Y6, Y5, Y5
	VMOVMSKPS Y5, AX
	VPSLLD $16, Y3, Y3
	VPOR Y3, Y2, Y2
	VPSLLD $4, Y0, Y0
	VPSRLD $26, Y0, Y0 // low part of the time
	VPUNPCKLDQ Y12, Y0, Y1
	VPADDQ Y8, Y1, Y1 // times of 0, 1, 4, 5
	VPUNPCKHDQ Y12, Y0, Y7
	VPADDQ Y8, Y7, Y7 // times of 2, 3, 6, 7
	STORE_EVENTS(Y1, Y7)
	TESTL AX, AX
	JNE evt2Partial
	ADDQ $32, SI
	ADDQ $128, DI
	ADDQ $8, R8
	CMPQ R8, CX
	JLT evt2Loop
	VZEROUPPER
	MOVQ R8, ret+40(FP)
	RET
evt2Partial:
	BSFL AX, AX
	ADDQ AX, R8
	VZEROUPPER
	MOVQ R8, ret+40(FP)
	RET

// func evt3AVX(p *EVT3Pairs)
TEXT ·evt3AVX(SB), NOSPLIT, $0-8
	MOVQ p+0(FP), DX
	MOVQ 0(DX), DI
	MOVQ 8(DX), R8  // room
	MOVQ 16(DX), SI
	MOVQ 24(DX), R9 // words
	MOVQ 32(DX), R10 // time
	VPBROADCASTD 40(DX), Y9
	VPBROADCASTD 44(DX), Y13
	VMOVQ R10, X8
	VPBROADCASTQ X8, Y8
	VPCMPEQD Y15, Y15, Y15
	VPSRLD $31, Y15, Y14 // 1
	VPSRLD $21, Y15, Y7  // address
	VPSLLD $29, Y14, Y12 // 2<<28: ADDR_X over ADDR_Y
	VPSLLW $12, Y15, Y15 // types
evt3Loop:
	CMPQ R8, $8
	JLT evt3Done
	CMPQ R9, $17
	JLT evt3Done
	VMOVDQU (SI), Y0
	VPAND Y15, Y0, Y1
	VPCMPEQD Y12, Y1, Y1
	VPSRLD $16, Y0, Y2
	VPAND Y7, Y2, Y2 // x
	VPAND Y7, Y0, Y3 // y
	VPSRLD $27, Y0, Y4
	VPAND Y14, Y4, Y4 // polarity
	VPCMPGTD Y9, Y2, Y5
	VPCMPGTD Y13, Y3, Y6
	VPOR Y6, Y5, Y5
	VPANDN Y1, Y5, Y5
	VMOVMSKPS Y5, AX
	VPSLLD $16, Y3, Y3
	VPOR Y3, Y2, Y2
	STORE_EVENTS(Y8, Y8)
	XORL $0xFF, AX
	JNE evt3Partial
	ADDQ $32, SI
	ADDQ $128, DI
	SUBQ $16, R9
	SUBQ $8, R8
	JMP evt3Loop
evt3Partial:
	BSFL AX, BX // pairs in front
	SUBQ BX, R8
	LEAQ (SI)(BX*4), SI
	ADDQ BX, BX
	SUBQ BX, R9
	LEAQ (DI)(BX*8), DI
	MOVWLZX (SI), AX
	MOVL AX, CX
	SHRL $12, CX
	CMPL CX, $6
	JNE evt3Done
	ANDL $0xFFF, AX
	ANDQ $~0xFFF, R10
	ORQ AX, R10
	VMOVQ R10, X8
	VPBROADCASTQ X8, Y8
	ADDQ $2, SI
	DECQ R9
	JMP evt3Loop
evt3Done:
	MOVQ R8, 8(DX)
	MOVQ R9, 24(DX)
	MOVQ R10, 32(DX)
	VZEROUPPER
	RET

// func sumAVX(s *Sums, events unsafe.Pointer, n int, leap int64)
TEXT ·sumAVX(SB), NOSPLIT, $0-32
	MOVQ s+0(FP), DX
	MOVQ events+8(FP), SI
	MOVQ n+16(FP), CX
	VPBROADCASTQ leap+24(FP), Y8
	VPXOR Y9, Y9, Y9    // greatest
	VPXOR Y10, Y10, Y10 // polarities
	VPXOR Y11, Y11, Y11 // far
	VPCMPEQD Y15, Y15, Y15
	VPSRLQ $56, Y15, Y15
	VPSLLQ $32, Y15, Y15 // polarity
sumLoop:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VMOVDQU -16(SI), Y2
	VPUNPCKHQDQ Y1, Y0, Y4
	VPUNPCKLQDQ 16(SI), Y2, Y3
	VPUNPCKLQDQ Y1, Y0, Y5
	VPSUBQ Y3, Y5, Y5
	VPCMPGTQ Y8, Y5, Y6
	VPOR Y5, Y11, Y11 // the sign
	VPOR Y6, Y11, Y11
	VPMAXUW Y4, Y9, Y9
	VPAND Y15, Y4, Y4
	VPADDQ Y4, Y10, Y10
	ADDQ $64, SI
	SUBQ $4, CX
	JNE sumLoop
	VMOVDQU Y9, (DX)
	VMOVDQU Y10, 32(DX)
	VMOVMSKPD Y11, AX
	MOVQ AX, 64(DX)
	VZEROUPPER
	RET

// func columnsAVX(out unsafe.Pointer, c *columns, n int) int
TEXT ·columnsAVX(SB), NOSPLIT, $0-32
	MOVQ out+0(FP), DI
	MOVQ c+8(FP), DX
	MOVQ n+16(FP), CX
	MOVQ 0(DX), SI  // times
	MOVQ 8(DX), R9  // columns
	MOVQ 16(DX), R10 // rows
	MOVQ 24(DX), R11 // polarities
	VPBROADCASTQ 32(DX), Y8 // base
	VPBROADCASTD 40(DX), Y9
	VPBROADCASTD 44(DX), Y13
	VPXOR Y12, Y12, Y12
	VPCMPEQD Y7, Y7, Y7
	VPSRLD $24, Y7, Y7 // 255
	XORQ R8, R8
columnsLoop:
	VPMOVZXWD (R9)(R8*2), Y2
	VPMOVZXWD (R10)(R8*2), Y3
	VPMOVZXBD (R11)(R8*1), Y4
	VPCMPGTD Y9, Y2, Y5
	VPCMPGTD Y13, Y3, Y6
	VPOR Y6, Y5, Y5
	VMOVMSKPS Y5, AX
	TESTL AX, AX
	JNE columnsDone
	VPSLLD $16, Y3, Y3
	VPOR Y3, Y2, Y2
	VPCMPGTD Y12, Y4, Y5
	VPCMPGTD Y4, Y7, Y6
	VPAND Y6, Y5, Y4
	VPSRLD $31, Y4, Y4
	VPADDQ (SI)(R8*8), Y8, Y0
	VPADDQ 32(SI)(R8*8), Y8, Y1
	VPERM2I128 $0x20, Y1, Y0, Y3 // times of 0, 1, 4, 5
	VPERM2I128 $0x31, Y1, Y0, Y1 // times of 2, 3, 6, 7
	STORE_EVENTS(Y3, Y1)
	ADDQ $128, DI
	ADDQ $8, R8
	CMPQ R8, CX
	JLT columnsLoop
columnsDone:
	VZEROUPPER
	MOVQ R8, ret+24(FP)
	RET

// SWAP_RECORDS makes events of two records at an offset in R8. It changes Y0 and
// Y1 and adds what is outside to Y2.
#define SWAP_RECORDS(offset) \
	VPSHUFD $0x4E, offset(SI)(R8*1), Y0; \
	VPSUBUSW Y8, Y0, Y1; \
	VPOR Y1, Y2, Y2; \
	VPCMPGTW Y12, Y0, Y1; \
	VPAND Y14, Y1, Y1; \
	VPAND Y15, Y0, Y0; \
	VPOR Y1, Y0, Y0; \
	VMOVDQU Y0, offset(DI)(R8*1)

// func recordsAVX(out unsafe.Pointer, src *byte, n int, last uint32) int
TEXT ·recordsAVX(SB), NOSPLIT, $0-40
	MOVQ out+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	SHLQ $4, CX
	MOVL last+24(FP), AX
	VMOVD AX, X8
	VPBROADCASTD X8, Y8
	VPXOR Y12, Y12, Y12
	VPCMPEQD Y15, Y15, Y15
	VPSRLDQ $4, Y15, Y15    // time and address
	VPSRLDQ $8, Y15, Y14    // time, half of it
	VPSLLDQ $8, Y14, Y14    // address
	VPCMPEQD Y0, Y0, Y0
	VPXOR Y14, Y0, Y0
	VPOR Y0, Y8, Y8         // limits of the address, none of the rest
	VPCMPEQD Y14, Y14, Y14
	VPSRLW $15, Y14, Y14
	VPSRLDQ $14, Y14, Y14
	VPSLLDQ $12, Y14, Y14   // 1 of the polarity
	XORQ R8, R8
recordsLoop:
	VPXOR Y2, Y2, Y2
	SWAP_RECORDS(0)
	SWAP_RECORDS(32)
	SWAP_RECORDS(64)
	SWAP_RECORDS(96)
	VPTEST Y2, Y2
	JNE recordsDone
	ADDQ $128, R8
	CMPQ R8, CX
	JLT recordsLoop
recordsDone:
	VZEROUPPER
	SHRQ $4, R8
	MOVQ R8, ret+32(FP)
	RET
