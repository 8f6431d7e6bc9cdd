// Package h5py lets tests ask Python's h5py for a second opinion, through
// scripts in the folder .ci. Where no Python with h5py is found, the test is
// skipped.
package h5py

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"sync"
	"testing"

	"ganglion/internal/shareddata"
)

// Entry is one dataset or attribute as h5py sees it. Floats are hexadecimal,
// other numbers decimal, so that nothing is rounded on the way.
type Entry struct {
	Type   string   `json:"type"`
	Null   bool     `json:"null"`
	Shape  []int    `json:"shape"`
	Values []string `json:"values"`
}

// Dump is everything in each of the files, by path ("/a/b", "/a@attribute").
func Dump(t testing.TB, files ...string) []map[string]Entry {
	t.Helper()
	lines := json.NewDecoder(bytes.NewReader(Run(t, append([]string{"dump"}, files...)...)))
	all := make([]map[string]Entry, len(files))
	for i := range all {
		if err := lines.Decode(&all[i]); err != nil {
			t.Fatalf("dump of %s: %v", files[i], err)
		}
	}
	return all
}

// Run runs the script .ci/nir_check.py, see [RunScript].
func Run(t testing.TB, args ...string) []byte {
	t.Helper()
	return RunScript(t, "nir_check.py", args...)
}

// RunScript runs a script of the folder .ci and returns what it prints. It
// skips the test where there is no h5py, and fails it when the script fails.
func RunScript(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	return RunWith(t, "h5py", name, args...)
}

// RunWith is RunScript for a script that needs another module.
func RunWith(t testing.TB, module, name string, args ...string) []byte {
	t.Helper()
	python := find(module)
	if python == "" {
		t.Skipf("no Python with %[1]s (Debian: python3-%[1]s); GANGLION_PYTHON may name one", module)
	}
	script := shareddata.Project(t, ".ci", name)
	out, err := exec.Command(python, append([]string{script}, args...)...).Output()
	if err != nil {
		var stderr []byte
		if exit, ok := err.(*exec.ExitError); ok {
			stderr = exit.Stderr
		}
		t.Fatalf("%s %v: %v\n%s", name, args, err, stderr)
	}
	return out
}

// interpreters are those that were found, by module.
var interpreters sync.Map

// find tries the interpreters that may have a module.
func find(module string) string {
	if python, ok := interpreters.Load(module); ok {
		return python.(string)
	}
	found := ""
	for _, python := range []string{os.Getenv("GANGLION_PYTHON"), "python3", "/usr/bin/python3"} {
		if found == "" && python != "" && exec.Command(python, "-c", "import "+module).Run() == nil {
			found = python
		}
	}
	interpreters.Store(module, found)
	return found
}
