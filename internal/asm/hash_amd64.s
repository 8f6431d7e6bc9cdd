#include "textflag.h"

// func xxh32AVX(lanes *[4]uint32, src *byte, stripes int)
//
// Two stripes of 16 bytes a turn: their words are multiplied in one vector, and
// what depends on the turn before, an addition, a rotation and a multiplication
// for each lane, is done in registers.
TEXT ·xxh32AVX(SB), NOSPLIT, $32-24
	MOVQ lanes+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ stripes+16(FP), CX
	MOVL $2246822519, AX
	VMOVD AX, X0
	VPBROADCASTD X0, Y0
	MOVL 0(DI), R8
	MOVL 4(DI), R9
	MOVL 8(DI), R10
	MOVL 12(DI), R11
	MOVL $2654435761, DX
	VPMULLD (SI), Y0, Y1

turn:
	VMOVDQU Y1, words-32(SP)
	ADDQ $32, SI
	SUBQ $2, CX
	JLE last
	VPMULLD (SI), Y0, Y1

last:
	ADDL words-32(SP), R8
	ADDL words-28(SP), R9
	ADDL words-24(SP), R10
	ADDL words-20(SP), R11
	ROLL $13, R8
	ROLL $13, R9
	ROLL $13, R10
	ROLL $13, R11
	IMULL DX, R8
	IMULL DX, R9
	IMULL DX, R10
	IMULL DX, R11
	ADDL words-16(SP), R8
	ADDL words-12(SP), R9
	ADDL words-8(SP), R10
	ADDL words-4(SP), R11
	ROLL $13, R8
	ROLL $13, R9
	ROLL $13, R10
	ROLL $13, R11
	IMULL DX, R8
	IMULL DX, R9
	IMULL DX, R10
	IMULL DX, R11
	TESTQ CX, CX
	JG turn
	MOVL R8, 0(DI)
	MOVL R9, 4(DI)
	MOVL R10, 8(DI)
	MOVL R11, 12(DI)
	VZEROUPPER
	RET
