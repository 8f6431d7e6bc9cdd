package cmd

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ganglion/cmd/standard"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// crashing is the program with a source that panics.
func crashing() int {
	return Main(append(standard.Components(), component.Source("crash", "panics", struct{}{},
		func(struct{}, component.Env) (pipeline.Source, error) { return crashSource{}, nil }))...)
}

type crashSource struct{}

func (crashSource) Open(context.Context) (pipeline.StreamInfo, error) {
	return pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 8, Height: 8}, nil
}

func (crashSource) Read(context.Context, *pipeline.Batch) error { panic("a mistake of the program") }

func (crashSource) Close() error { return nil }

func TestACrashIsNoWrongUse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "crash.yaml")
	text := "name: crash\nsource: {type: crash}\nencoder: {type: events}\nnetwork: {model: motion}\nreadout: {type: motion}\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("ganglion-crash")
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), program, "run", file)
	cmd.Stderr = &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) {
		t.Fatalf("%v; %s", err, stderr.String())
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGABRT {
		t.Errorf("ended with %v, want SIGABRT", exit)
	}
	if !strings.Contains(stderr.String(), "panic: a mistake of the program") {
		t.Errorf("why is not told: %s", stderr.String())
	}
}
