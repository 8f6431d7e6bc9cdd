// Package shareddata finds what tests read: third-party recordings that are not
// part of the project, and files of the project itself.
//
// The recordings are looked for in $GANGLION_DATA, else in ../shared/data beside
// the checkout. A test that needs one is skipped, with the reason, where it is
// absent.
package shareddata

import (
	"os"
	"path/filepath"
	"testing"
)

// Path returns the path of a file or folder of the shared data, and skips the
// test where it is absent.
func Path(tb testing.TB, parts ...string) string {
	tb.Helper()
	path := filepath.Join(append([]string{root(tb)}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		tb.Skipf("shared data is absent (GANGLION_DATA names its folder): %v", err)
	}
	return path
}

// Project returns the path of a file or folder of the project, from its top.
func Project(tb testing.TB, parts ...string) string {
	tb.Helper()
	return filepath.Join(append([]string{top(tb)}, parts...)...)
}

func root(tb testing.TB) string {
	tb.Helper()
	if dir := os.Getenv("GANGLION_DATA"); dir != "" {
		return dir
	}
	return filepath.Join(top(tb), "..", "shared", "data")
}

// top is the folder of the project's go.mod, an ancestor of every package.
func top(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			tb.Fatal("no go.mod above the working directory")
		}
		dir = parent
	}
}
