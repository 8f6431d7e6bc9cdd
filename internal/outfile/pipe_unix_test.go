//go:build unix

package outfile

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestAPipeThatNobodyReadsIsAnErrorAndNoWait(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "nobody reads from this pipe") {
		t.Errorf("error %v", err)
	}
}
