package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryCommandHasAPage(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "man")
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]string{
		"ganglion.1":            "spiking neural networks on event cameras",
		"ganglion-run.1":        "SYNOPSIS",
		"ganglion-feed.1":       "JetStream",
		"ganglion-train-stdp.1": "ganglion-train(1)",
	} {
		b, err := os.ReadFile(filepath.Join(dir, page))
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(strings.ReplaceAll(string(b), `\-`, "-"), want) {
			t.Errorf("%s says nothing of %s", page, want)
		}
	}
	file := filepath.Join(dir, "ganglion.1")
	if err := write(file); err == nil {
		t.Error("pages within a file were written")
	}
}
