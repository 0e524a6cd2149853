// Package sqlerr is the one error type that crosses every boundary of Volley:
// from a reader or a function, through operators, over Flight, to the client.
//
// An error carries a five-character SQLSTATE (PostgreSQL, Appendix A), a
// message, and where the fault is: a byte position in the SQL text, or a file,
// line and column in the data. Wrapping with fmt.Errorf("…: %w", err) keeps all
// of it; Find gets it back. Nothing ever parses an error's text.
package sqlerr

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// SQLSTATE codes in use. Names follow PostgreSQL's errcodes.txt.
const (
	FeatureNotSupported         = "0A000"
	ConnectionFailure           = "08006"
	ProtocolViolation           = "08P01"
	CardinalityViolation        = "21000"
	StringDataRightTrunc        = "22001"
	NumericOutOfRange           = "22003"
	NullNotAllowed              = "22004"
	InvalidDatetimeFormat       = "22007"
	DatetimeOverflow            = "22008"
	InvalidTimeZoneDisplacement = "22009"
	SubstringError              = "22011"
	InvalidFrameOffset          = "22013"
	DivisionByZero              = "22012"
	IntervalOverflow            = "22015"
	ArraySubscript              = "2202E"
	StringDataLengthMismatch    = "22026"
	InvalidArgForNtile          = "22014"
	InvalidArgForNthValue       = "22016"
	InvalidArgForLog            = "2201E"
	InvalidArgForPower          = "2201F"
	InvalidRegexp               = "2201B"
	InvalidRowCountLimit        = "2201W"
	InvalidRowCountOffset       = "2201X"
	InvalidTablesampleRepeat    = "2202G"
	InvalidTablesampleArgument  = "2202H"
	CharacterNotInRepertory     = "22021"
	InvalidParameterValue       = "22023"
	InvalidEscapeSequence       = "22025"
	BadCopyFileFormat           = "22P04"
	InvalidText                 = "22P02"
	InvalidBinary               = "22P03"
	UntranslatableCharacter     = "22P05"
	NotNullViolation            = "23502"
	UniqueViolation             = "23505"
	CheckViolation              = "23514"
	InvalidTransactionState     = "25000"
	ActiveTransaction           = "25001"
	NoActiveTransaction         = "25P01"
	InFailedTransaction         = "25P02"
	ReadOnlyTransaction         = "25006"
	InvalidStatementName        = "26000"
	InvalidAuthorization        = "28000"
	InvalidPassword             = "28P01"
	InvalidCursorName           = "34000"
	InvalidCursorDefinition     = "42P11"
	InvalidCatalogName          = "3D000"
	InvalidSchemaName           = "3F000"
	ExternalRoutine             = "38000"
	SyntaxError                 = "42601"
	InsufficientPrivilege       = "42501"
	CannotCoerce                = "42846"
	GroupingError               = "42803"
	WindowingError              = "42P20"
	InvalidRecursion            = "42P19"
	InvalidColumnReference      = "42P10"
	DatatypeMismatch            = "42804"
	IndeterminateDatatype       = "42P18"
	UndefinedColumn             = "42703"
	UndefinedFunction           = "42883"
	UndefinedTable              = "42P01"
	UndefinedParameter          = "42P02"
	UndefinedObject             = "42704"
	DuplicateColumn             = "42701"
	DuplicateTable              = "42P07"
	DuplicateAlias              = "42712"
	DuplicateObject             = "42710"
	DuplicateCursor             = "42P03"
	DuplicatePrepared           = "42P05"
	DuplicateFunction           = "42723"
	AmbiguousColumn             = "42702"
	AmbiguousAlias              = "42P09"
	AmbiguousFunction           = "42725"
	CollationMismatch           = "42P21"
	InvalidTableDefinition      = "42P16"
	WrongObjectType             = "42809"
	NameTooLong                 = "42622"
	InsufficientResources       = "53000"
	DiskFull                    = "53100"
	OutOfMemory                 = "53200"
	TooManyConnections          = "53300"
	StatementTooComplex         = "54001"
	TooManyColumns              = "54011"
	TooManyArguments            = "54023"
	ProgramLimitExceeded        = "54000"
	ObjectInUse                 = "55006"
	ObjectNotInState            = "55000"
	QueryCanceled               = "57014"
	AdminShutdown               = "57P01"
	CannotConnectNow            = "57P03"
	SystemError                 = "58000"
	IOError                     = "58030"
	UndefinedFile               = "58P01"
	InternalError               = "XX000"
	DataCorrupted               = "XX001"
)

// Error is a fault with its SQLSTATE and place. The zero Position, Line, Byte
// and Column mean "not known"; those known count from 1.
type Error struct {
	Code     string // SQLSTATE, five characters
	Message  string // one line, lower case, no full stop
	Detail   string
	Hint     string
	Context  string // what was being done: COPY t, line 1: "…"
	Position int    // byte position in the SQL text, from 1

	File   string // data file or object the fault is in
	Line   int64  // line in File, from 1
	Byte   int64  // byte in File, from 1
	Column string // column name (or number) in File
	Worker string // worker the fault happened on, for distributed queries

	Retryable bool  // the same task may succeed on another worker
	Cause     error `json:"-"`
}

// New makes an error with a SQLSTATE and a formatted message.
func New(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Panic makes an error of a recovered panic's value. Its stack is for the log
// of the process, never for the client.
func Panic(value any) *Error {
	e := New(InternalError, "internal error: %v", value).
		WithHint("This is a bug in Volley. Please report it with the statement and the server's log.")
	e.Cause, _ = value.(error)
	return e
}

// Guarded is f for a goroutine of its own: a panic is its error, and ends no process.
func Guarded(f func() error) func() error {
	return func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = Panic(p)
			}
		}()
		return f()
	}
}

// At makes an error with a position: pos is a byte offset from 0 in the SQL
// text; a negative pos means "not known".
func At(pos int, code, format string, args ...any) *Error {
	return New(code, format, args...).WithPos(pos)
}

// Wrap makes an error with a SQLSTATE whose cause is err. If err already has a
// SQLSTATE, that one and its place are kept and only the message is prefixed.
func Wrap(err error, code, format string, args ...any) *Error {
	msg := fmt.Sprintf(format, args...)
	if e := (*Error)(nil); errors.As(err, &e) {
		c := *e
		c.Message = msg + ": " + e.Message
		c.Cause = err
		return &c
	}
	return &Error{Code: code, Message: msg + ": " + err.Error(), Cause: err}
}

// WithPos sets the position from a byte offset (from 0) unless one is set
// already, and returns e.
func (e *Error) WithPos(pos int) *Error {
	if e.Position == 0 && pos >= 0 {
		e.Position = pos + 1
	}
	return e
}

// WithHint sets the hint and returns e.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// WithDetail sets the detail and returns e.
func (e *Error) WithDetail(format string, args ...any) *Error {
	e.Detail = fmt.Sprintf(format, args...)
	return e
}

// WithContext sets the context unless one is set already, and returns e.
func (e *Error) WithContext(format string, args ...any) *Error {
	if e.Context == "" {
		e.Context = fmt.Sprintf(format, args...)
	}
	return e
}

// WithFile sets the place in the data and returns e.
func (e *Error) WithFile(file string, line int64, column string) *Error {
	e.File, e.Line, e.Column = file, line, column
	return e
}

// Error is the message followed by the place in the data, when known.
func (e *Error) Error() string {
	p := e.Place()
	if p == "" {
		return e.Message
	}
	return e.Message + " (" + p + ")"
}

// Place describes where in the data the fault is: "file x.csv, line 3, column a".
func (e *Error) Place() string {
	var parts []string
	if e.File != "" {
		parts = append(parts, "file "+e.File)
	}
	if e.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", e.Line))
	}
	if e.Byte > 0 {
		parts = append(parts, fmt.Sprintf("byte %d", e.Byte))
	}
	if e.Column != "" {
		parts = append(parts, "column "+e.Column)
	}
	return strings.Join(parts, ", ")
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Find gives the first *Error in err's chain; anything else becomes an
// InternalError with err as its cause, so that every error has a SQLSTATE.
// Find(nil) is nil.
func Find(err error) *Error {
	if err == nil {
		return nil
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e
	}
	return &Error{Code: InternalError, Message: err.Error(), Cause: err}
}

// Code gives the SQLSTATE of err, InternalError when it has none, "" for nil.
func Code(err error) string {
	if err == nil {
		return ""
	}
	return Find(err).Code
}

// Marshal encodes err for a hop between processes; Unmarshal is its inverse.
func Marshal(err error) []byte {
	b, _ := json.Marshal(Find(err)) // a struct of strings and numbers cannot fail
	return b
}

// Unmarshal decodes what Marshal made.
func Unmarshal(b []byte) *Error {
	e := &Error{}
	if json.Unmarshal(b, e) != nil || e.Code == "" {
		return New(InternalError, "unreadable error from another process: %.200q", b)
	}
	return e
}
