package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryCommandHasAPage(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1780000000")
	dir := filepath.Join(t.TempDir(), "man")
	var told strings.Builder
	if code := run([]string{dir}, &told); code != 0 {
		t.Fatalf("exit code %d: %s", code, told.String())
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
	b, err := os.ReadFile(filepath.Join(dir, "ganglion-run.1"))
	if err != nil {
		t.Fatal(err)
	}
	if page := string(b); !strings.Contains(page, `"2026-05-28"`) || strings.Contains(page, "\t") || !strings.Contains(page, ".TP\n\\fB--dry-run") {
		t.Errorf("the page has no date, or options that are not tagged paragraphs:\n%s", page)
	}
	file := filepath.Join(dir, "ganglion.1")
	if code := run([]string{file}, &told); code != 1 || !strings.Contains(told.String(), file) {
		t.Errorf("pages within a file: exit code %d, %s", code, told.String())
	}
	if code := run(nil, &told); code != 2 || !strings.Contains(told.String(), "usage") {
		t.Errorf("without a folder: exit code %d, %s", code, told.String())
	}
}
