//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package outfile

import (
	"path/filepath"
	"testing"
	"time"
)

// What a starting child holds for a moment is not taken for another writer's.
func TestALockThatIsHeldForAMomentIsWaitedFor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out")
	child, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(2*lockPause, func() { child.Close() })
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}
