// Package asmtest compares what a test computes with the vector kernels of
// package asm and without them.
package asmtest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"golang.org/x/sys/cpu"
)

// result names the file that a test without vector kernels writes to.
const result = "GANGLION_WITHOUT_VECTORS"

// Same fails a test whose result is another one without the vector kernels: it
// runs the test once more, in a process of its own in which they are off.
func Same(t *testing.T, got []byte) {
	t.Helper()
	if file := os.Getenv(result); file != "" {
		if cpu.X86.HasAVX2 {
			t.Fatal("the vector kernels are still on")
		}
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !cpu.X86.HasAVX2 {
		t.Skip("this processor has no vector kernels")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "result")
	run := exec.CommandContext(t.Context(), program, "-test.run", "^"+regexp.QuoteMeta(t.Name())+"$")
	run.Env = append(os.Environ(), "GODEBUG=cpu.avx2=off", result+"="+file)
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("without vector kernels: %v\n%s", err, out)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs without vector kernels", t.Name())
	}
}
