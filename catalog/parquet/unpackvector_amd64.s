#include "go_asm.h"
#include "textflag.h"

// ARGUMENTS are those of both ways to unpack, and the tables of bytes.
#define ARGUMENTS \
	MOVQ    dst+0(FP), DI          \
	MOVQ    n+8(FP), CX            \
	MOVQ    packed+16(FP), SI      \
	MOVQ    size+24(FP), DX        \
	MOVQ    width+32(FP), R8       \
	MOVQ    p+40(FP), BX           \
	VMOVDQU pairs_evenBytes(BX), Y0 \
	VMOVDQU pairs_oddBytes(BX), Y1 \
	XORL    AX, AX

// PLACE brings the values of two times R8 bytes to their lanes: those with even
// numbers to Y5, those with odd ones to Y6.
#define PLACE \
	VMOVDQU     (SI), X4               \
	VINSERTI128 $1, (SI)(R8*1), Y4, Y4 \
	VPSHUFB     Y0, Y4, Y5             \
	VPSHUFB     Y1, Y4, Y6             \
	LEAQ        (SI)(R8*2), SI         \
	SUBQ        R8, DX                 \
	SUBQ        R8, DX

// func unpackBytesAVX2(dst *uint8, n int, packed *byte, size int, width int, p *pairs) (done int)
TEXT ·unpackBytesAVX2(SB), NOSPLIT, $0-56
	ARGUMENTS
	VMOVDQU pairs_evenShift(BX), Y2
	VMOVDQU pairs_oddShift(BX), Y3
	VPBROADCASTW pairs_high(BX), Y7
	ADDQ R8, R8              // bytes of 16 values
	LEAQ 16(R8), R9          // bytes read for 32
	SUBQ $32, CX
	SUBQ R9, DX

loop:
	CMPQ AX, CX
	JGT  done
	CMPQ DX, $0
	JLT  done
	PLACE
	VPMULLW Y2, Y5, Y5
	VPMULLW Y3, Y6, Y6
	VPAND   Y7, Y5, Y5
	VPAND   Y7, Y6, Y6
	VPSRLW  $8, Y5, Y5
	VPOR    Y5, Y6, Y6
	VMOVDQU Y6, (DI)(AX*1)
	ADDQ $32, AX
	JMP  loop

done:
	MOVQ AX, done+48(FP)
	VZEROUPPER
	RET

// func unpackWordsAVX2(dst *uint16, n int, packed *byte, size int, width int, p *pairs) (done int)
TEXT ·unpackWordsAVX2(SB), NOSPLIT, $0-56
	ARGUMENTS                // R8: bytes of 8 values
	VMOVDQU pairs_evenLong(BX), Y2
	VMOVDQU pairs_oddLong(BX), Y3
	VPBROADCASTD pairs_low(BX), Y7
	VPSLLD $16, Y7, Y8
	LEAQ 16(R8), R9          // bytes read for 16
	SUBQ $16, CX
	SUBQ R9, DX

loop:
	CMPQ AX, CX
	JGT  done
	CMPQ DX, $0
	JLT  done
	PLACE
	VPSRLVD Y2, Y5, Y5
	VPSLLVD Y3, Y6, Y6
	VPAND   Y7, Y5, Y5
	VPAND   Y8, Y6, Y6
	VPOR    Y5, Y6, Y6
	VMOVDQU Y6, (DI)(AX*2)
	ADDQ $16, AX
	JMP  loop

done:
	MOVQ AX, done+48(FP)
	VZEROUPPER
	RET

// func greatestBytesAVX2(values *uint8, n int, out *[32]uint8)
TEXT ·greatestBytesAVX2(SB), NOSPLIT, $0-24
	MOVQ values+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ out+16(FP), DI
	VPXOR Y0, Y0, Y0
	ADDQ SI, CX

loop:
	CMPQ SI, CX
	JGE  done
	VPMAXUB (SI), Y0, Y0
	ADDQ $32, SI
	JMP  loop

done:
	VMOVDQU Y0, (DI)
	VZEROUPPER
	RET

// func greatestWordsAVX2(values *uint16, n int, out *[16]uint16)
TEXT ·greatestWordsAVX2(SB), NOSPLIT, $0-24
	MOVQ values+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ out+16(FP), DI
	VPXOR Y0, Y0, Y0
	LEAQ (SI)(CX*2), CX

loop:
	CMPQ SI, CX
	JGE  done
	VPMAXUW (SI), Y0, Y0
	ADDQ $32, SI
	JMP  loop

done:
	VMOVDQU Y0, (DI)
	VZEROUPPER
	RET
