package ast

type (
	// CreateSecret is CREATE [OR REPLACE] [PERSISTENT|TEMPORARY] SECRET
	// [IF NOT EXISTS] [name] (setting value, …).
	CreateSecret struct {
		Pos
		Name        string // "": by its type
		IfNotExists bool
		OrReplace   bool
		Persistent  bool
		Settings    []SecretSetting
	}
	// SecretSetting is a setting of CREATE SECRET, its name in lower case. Those of a
	// MAP {'key': 'value'} are "key: value".
	SecretSetting struct {
		Pos
		Name   string
		Values []string
	}
	// DropSecret is DROP [PERSISTENT|TEMPORARY] SECRET [IF EXISTS] name.
	DropSecret struct {
		Pos
		Name     string
		IfExists bool
		Which    *SecretKind // nil: whichever there is
	}
	// SecretKind tells persistent secrets from temporary ones.
	SecretKind struct{ Persistent bool }
)

func (*CreateSecret) stmt() {}
func (*DropSecret) stmt()   {}
