#include "textflag.h"

// func tallyFourAVX2(codes *uint8, n int, v uint8, totals *[4]uint32)
TEXT ·tallyFourAVX2(SB), NOSPLIT, $0-32
	MOVQ codes+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ totals+24(FP), DI
	VPBROADCASTB v+16(FP), Y0
	VPCMPEQB Y7, Y7, Y7      // −1 in each byte
	VPSUBB   Y7, Y0, Y1      // v+1
	VPSUBB   Y7, Y1, Y2
	VPSUBB   Y7, Y2, Y3
	VPXOR    Y4, Y4, Y4      // counts of v, v+1, v+2, v+3
	VPXOR    Y5, Y5, Y5
	VPXOR    Y6, Y6, Y6
	VPXOR    Y7, Y7, Y7
	ADDQ     SI, CX

loop:
	CMPQ SI, CX
	JGE  sum
	VMOVDQU (SI), Y8
	VPCMPEQB Y0, Y8, Y9      // −1 where they are equal
	VPCMPEQB Y1, Y8, Y10
	VPCMPEQB Y2, Y8, Y11
	VPCMPEQB Y3, Y8, Y12
	VPSUBB   Y9, Y4, Y4
	VPSUBB   Y10, Y5, Y5
	VPSUBB   Y11, Y6, Y6
	VPSUBB   Y12, Y7, Y7
	ADDQ $32, SI
	JMP  loop

sum:
	VPXOR Y8, Y8, Y8
	VPSADBW Y8, Y4, Y4       // four sums of 64 bits each
	VPSADBW Y8, Y5, Y5
	VPSADBW Y8, Y6, Y6
	VPSADBW Y8, Y7, Y7
	VPSLLQ $32, Y5, Y5       // v+1 beside v, v+3 beside v+2
	VPSLLQ $32, Y7, Y7
	VPOR  Y4, Y5, Y4
	VPOR  Y6, Y7, Y6
	VPUNPCKLQDQ Y6, Y4, Y5
	VPUNPCKHQDQ Y6, Y4, Y7
	VPADDD Y5, Y7, Y4
	VEXTRACTI128 $1, Y4, X5
	VPADDD X4, X5, X4
	VPADDD (DI), X4, X4
	VMOVDQU X4, (DI)
	VZEROUPPER
	RET
