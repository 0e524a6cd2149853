// Package app is Volley's command line: it wires the packages together.
//
//	volley sql          ask questions of files, no set-up (sql.go, shell.go)
//	volley serve        coordinator with workers of its own process (serve.go)
//	volley coordinator  coordinator without; workers join by Flight
//	volley worker       runs fragments for a coordinator (worker.go)
//	volley sqltest      runs sqllogictest files (sqltest.go)
//
// A user's own program registers functions with package udf and calls Main; it
// then is all of the above with those functions. node.go builds what the
// commands share: registry, object stores, formats, memory, catalog, scheduler.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"volley/catalog/pgcatalog"
	"volley/sqlerr"
	"volley/udf"
	"volley/udf/builtin"
)

// version is set by the linker; a build from source reports its revision.
var version = ""

// Version is what `volley --version` prints and what coordinator and workers
// must have in common.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "0.1.0-" + s.Value[:12]
			}
		}
	}
	return "0.1.0"
}

// gcPercent is how much the heap may grow between two collections.
const gcPercent = 400

// sqlGCPercent is the same for the command that answers and ends: what it needs
// beside its answer's own memory is kept below 64 MiB.
const sqlGCPercent = 100

// errReported is an error that has been printed already.
var errReported = errors.New("reported")

// Main runs the command line and exits: 0 on success, 1 on an error, 2 when the
// command line itself is wrong.
func Main() {
	// batches are short-lived and the heap that stays is small: collecting less
	// often costs little memory and saves much time
	setGCPercent(gcPercent)
	os.Exit(runUntilSignal(os.Args[1:]))
}

// runUntilSignal is Run until the first SIGINT or SIGTERM, which ends servers
// gracefully. The second is not waited for: it kills the process.
func runUntilSignal(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // signals do again what they do by default
	return Run(ctx, args)
}

// setGCPercent leaves the choice to the environment if that makes one.
func setGCPercent(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// Run runs the command line with these arguments and gives the exit code. ctx
// ends servers gracefully.
func Run(ctx context.Context, args []string) int {
	if err := registerBuiltins(udf.Default); err != nil {
		fmt.Fprintln(os.Stderr, "ERROR:", err)
		return 1
	}
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errReported):
		return 1
	}
	if e := (*sqlerr.Error)(nil); errors.As(err, &e) {
		printError(os.Stderr, err, "", 0)
		return 1
	}
	fmt.Fprintf(os.Stderr, "volley: %v\n", err)
	return 2
}

// registerBuiltins adds Volley's own functions.
func registerBuiltins(r *udf.Registry) error {
	return errors.Join(builtin.Register(r), pgcatalog.Register(r))
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "volley",
		Short:         "SQL over CSV, Parquet and S3, on one machine or many",
		Version:       Version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := settle(cmd); err != nil {
				return err
			}
			return setLog(cmd)
		},
	}
	root.PersistentFlags().String("config-file", "", "configuration file (default volley.yaml where it exists)")
	root.PersistentFlags().String("log-format", "text", "format of the log on standard error: text or json")
	root.PersistentFlags().String("log-level", "", "debug, info, warn or error (default: info for servers, error for commands)")
	root.AddCommand(newSQL(), newServe(), newCoordinator(), newWorker(), newSQLTest())
	return root
}

// setLog makes the process's logger.
func setLog(cmd *cobra.Command) error {
	format, _ := cmd.Flags().GetString("log-format")
	text, _ := cmd.Flags().GetString("log-level")
	if text == "" {
		text = "info"
		if name := cmd.Name(); name == "sql" || name == "sqltest" {
			text = "error"
		}
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return sqlerr.New(sqlerr.InvalidParameterValue, "unknown log level %q", text)
	}
	opt := &slog.HandlerOptions{Level: level}
	var h slog.Handler
	switch format {
	case "text":
		h = slog.NewTextHandler(os.Stderr, opt)
	case "json":
		h = slog.NewJSONHandler(os.Stderr, opt)
	default:
		return sqlerr.New(sqlerr.InvalidParameterValue, "unknown log format %q: text or json", format)
	}
	slog.SetDefault(slog.New(h))
	return nil
}
