package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/peterh/liner"

	"volley/parser"
)

func isTerminal(f *os.File) bool { return isatty.IsTerminal(f.Fd()) }

// shell reads statements from the terminal, each up to its semicolon, until
// \q or the end of input. Lines are kept in ~/.volley_history.
func (c *console) shell(ctx context.Context) error {
	line := liner.NewLiner()
	defer func() { _ = line.Close() }()
	line.SetCtrlCAborts(true)
	history := ""
	if home, err := os.UserHomeDir(); err == nil {
		history = filepath.Join(home, ".volley_history")
		if f, err := os.Open(history); err == nil {
			_, _ = line.ReadHistory(f)
			_ = f.Close()
		}
	}
	fmt.Fprintf(c.out, "volley %s — end a statement with ; and leave with \\q\n", Version())
	_ = c.out.Flush()
	var text strings.Builder
	for {
		prompt := "volley=> "
		if text.Len() > 0 {
			prompt = "volley-> "
		}
		input, err := line.Prompt(prompt)
		switch {
		case errors.Is(err, liner.ErrPromptAborted):
			text.Reset()
			continue
		case errors.Is(err, io.EOF):
			fmt.Fprintln(c.out)
			return saveHistory(line, history)
		case err != nil:
			return err
		}
		if word := strings.TrimSpace(input); text.Len() == 0 && (word == `\q` || word == "exit" || word == "quit") {
			return saveHistory(line, history)
		}
		text.WriteString(input)
		text.WriteByte('\n')
		if !strings.HasSuffix(strings.TrimSpace(input), ";") {
			continue
		}
		if !parser.HoldsSecrets(text.String()) {
			line.AppendHistory(strings.TrimSpace(text.String()))
		}
		sql := text.String()
		text.Reset()
		_ = c.script(ctx, sql) // the error has been printed; the shell goes on
	}
}

func saveHistory(line *liner.State, path string) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil //nolint:nilerr // a shell without a history is still a shell
	}
	_, _ = line.WriteHistory(f)
	return f.Close()
}
