#include "go_asm.h"
#include "textflag.h"

// Every function ends with VZEROUPPER: what is left in the upper halves of the
// registers makes instructions without a V before them many times slower.

// MARK sets the bits of the bytes of Y4 and Y5 that are those of a register.
#define MARK(c, bits, tmp) \
	VPCMPEQB  c, Y4, Y6     \
	VPCMPEQB  c, Y5, Y7     \
	VPMOVMSKB Y6, bits      \
	VPMOVMSKB Y7, tmp       \
	SHLQ      $32, tmp      \
	ORQ       tmp, bits

// func marksAVX2(p unsafe.Pointer, blocks int, set *symbolSet, out *blockMarks)
TEXT ·marksAVX2(SB), NOSPLIT, $0-32
	MOVQ p+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ set+16(FP), AX
	MOVQ out+24(FP), DI
	VPBROADCASTB 0(AX), Y0 // delimiter
	VPBROADCASTB 1(AX), Y1 // newline
	VPBROADCASTB 2(AX), Y2 // quote
	VPBROADCASTB 3(AX), Y3 // carriage return
	TESTQ CX, CX
	JLE  done

loop:
	VMOVDQU (SI), Y4
	VMOVDQU 32(SI), Y5
	MARK(Y1, R8, R9)
	MARK(Y0, R10, R11)
	ORQ  R8, R10
	MOVQ R10, blockMarks_ends(DI)
	MOVQ R8, blockMarks_newlines(DI)
	MARK(Y2, R8, R9)
	MARK(Y3, R10, R11)
	MOVQ R8, blockMarks_quotes(DI)
	MOVQ R10, blockMarks_returns(DI)
	ADDQ $64, SI
	ADDQ $blockMarks__size, DI
	DECQ CX
	JNZ  loop

done:
	VZEROUPPER
	RET

// func newlinesAVX2(base unsafe.Pointer, pos, lim int, set *symbolSet, hasQuote uint64, out *uint32, want int) (n int, quoted bool)
TEXT ·newlinesAVX2(SB), NOSPLIT, $0-65
	MOVQ base+0(FP), SI
	MOVQ pos+8(FP), R8
	MOVQ lim+16(FP), R9
	MOVQ set+24(FP), AX
	MOVQ hasQuote+32(FP), R10
	MOVQ out+40(FP), DI
	MOVQ want+48(FP), R11
	VPBROADCASTB 1(AX), Y0
	VPBROADCASTB 2(AX), Y1
	XORL DX, DX           // newlines found
	XORL BX, BX           // quoted

loop:
	CMPQ R8, R9
	JGE  done
	CMPQ DX, R11
	JGE  done
	VMOVDQU (SI)(R8*1), Y4
	VMOVDQU 32(SI)(R8*1), Y5
	VPCMPEQB Y1, Y4, Y6
	VPCMPEQB Y1, Y5, Y7
	VPOR Y6, Y7, Y6
	VPMOVMSKB Y6, AX
	TESTQ AX, R10
	JNZ  quoted
	MARK(Y0, AX, CX)

	// The first is written in any case: most blocks have one or none.
	TZCNTQ AX, CX
	ADDQ R8, CX
	MOVL CX, (DI)(DX*4)
	XORL CX, CX
	TESTQ AX, AX
	SETNE CL
	ADDQ CX, DX
	BLSRQ AX, AX
	JZ   next

more:
	TZCNTQ AX, CX
	ADDQ R8, CX
	MOVL CX, (DI)(DX*4)
	INCQ DX
	BLSRQ AX, AX
	JNZ  more

next:
	ADDQ $64, R8
	JMP  loop

quoted:
	MOVL $1, BX

done:
	MOVQ DX, n+56(FP)
	MOVB BX, quoted+64(FP)
	VZEROUPPER
	RET

// ENDS sets AX to the bits of the delimiters in the 64 bytes at b (R13), up to the
// newline e (R12) and with it, if this is one of them.
#define ENDS \
	VMOVDQU   (SI)(R13*1), Y4   \
	VMOVDQU   32(SI)(R13*1), Y5 \
	MARK(Y0, AX, R15)           \
	MOVQ      R12, R15          \
	SUBQ      R13, R15          \
	CMPQ      R15, $64          \
	SBBQ      R14, R14          \
	NEGQ      R14               \ // 1 if e is one of them
	SHLXQ     R15, R14, R14     \
	LEAQ      -1(R14), R15      \
	ANDQ      R15, AX           \
	ORQ       R14, AX

// func plainLinesAVX2(base unsafe.Pointer, p, stop int, newlines *uint32, n int, fields *lineField, count int, row int, delim byte) (lines int, few bool)
TEXT ·plainLinesAVX2(SB), NOSPLIT, $0-81
	MOVQ base+0(FP), SI
	MOVQ p+8(FP), R8
	MOVQ newlines+24(FP), R10
	MOVQ n+32(FP), R11
	LEAQ (R10)(R11*4), R11
	MOVQ fields+40(FP), BX
	MOVQ count+48(FP), DI
	IMULQ $lineField__size, DI
	ADDQ BX, DI                 // after the last field
	MOVQ row+56(FP), DX
	IMULQ $span__size, DX
	VPBROADCASTB delim+64(FP), Y0
	MOVB $0, few+80(FP)

line: // a line from p (R8) to e (R12); a field begins at CX; R13 is its block, AX what ends there
	CMPQ R10, R11
	JGE  done
	CMPQ R8, stop+16(FP)
	JGE  done
	MOVL (R10), R12
	MOVQ R8, R13
	MOVQ R8, CX
	MOVQ fields+40(FP), BX
	ENDS

field:
	MOVQ lineField_skip(BX), R9 // fields to leave out
	TESTQ R9, R9
	JZ   find

skip:
	POPCNTQ AX, R15
	CMPQ R15, R9
	JGE  clear
	SUBQ R15, R9
	ADDQ $64, R13
	CMPQ R13, R12
	JGT  few
	ENDS
	JMP  skip

clear:
	DECQ R9
	JZ   begin
	BLSRQ AX, AX
	JMP  clear

begin:
	TZCNTQ AX, CX
	LEAQ 1(R13)(CX*1), CX
	BLSRQ AX, AX

find:
	TESTQ AX, AX
	JNZ  end
	ADDQ $64, R13
	CMPQ R13, R12
	JGT  few
	ENDS
	JMP  find

end:
	TZCNTQ AX, R15
	ADDQ R13, R15
	BLSRQ AX, AX
	MOVQ lineField_spans(BX), R14
	MOVL CX, span_beg(R14)(DX*1)
	MOVL R15, span_end(R14)(DX*1)
	LEAQ 1(R15), CX
	ADDQ $lineField__size, BX
	CMPQ BX, DI
	JLT  field
	ADDQ $span__size, DX
	LEAQ 1(R12), R8
	ADDQ $4, R10
	JMP  line

few:
	MOVB $1, few+80(FP)

done:
	SUBQ newlines+24(FP), R10
	SHRQ $2, R10
	MOVQ R10, lines+72(FP)
	VZEROUPPER
	RET
