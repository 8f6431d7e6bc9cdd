package cmd

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"ganglion/cmd/standard"
)

// ganglion is the program as it is shipped.
var ganglion = program{standard.Components()}

var update = flag.Bool("update", false, "rewrite the golden files")

// leakless are tests that must leave no goroutine behind.
type leakless struct{ *testing.M }

func (m leakless) Run() int {
	code := m.M.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// TestMain lets scripts run this test binary as the program.
func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){
		"ganglion":       func() { os.Exit(Main(standard.Components()...)) },
		"ganglion-crash": func() { os.Exit(crashing()) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			testdata, err := filepath.Abs(filepath.Join("..", "testdata"))
			e.Setenv("TESTDATA", testdata)
			return err
		},
	})
}

// exits runs "exits CODE COMMAND..." and demands the exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
