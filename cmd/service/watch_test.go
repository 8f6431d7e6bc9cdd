package service

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// What changes is read once it has stayed as it is for one more look.
func TestAChangedFileIsReadOnceItRests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		file := filepath.Join(dir, "a.yaml")
		write := func(text string) {
			t.Helper()
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("1")
		s := &Service{o: Options{Watch: []string{dir, filepath.Join(dir, "absent.yaml")}}, requests: make(chan struct{}, 1)}
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan error)
		go func() { over <- s.watchFiles(ctx) }()
		asked := func() (yes bool) {
			synctest.Wait()
			select {
			case <-s.requests:
				return true
			default:
				return false
			}
		}
		synctest.Wait()
		time.Sleep(watchEvery / 2)
		for i, step := range []struct {
			do   func()
			want bool
		}{
			{func() {}, false},
			{func() { write("half") }, false}, // seen, and perhaps not whole
			{func() { write("the whole of it") }, false},
			{func() {}, true},
			{func() {}, false},
			{func() { os.Remove(file) }, false},
			{func() {}, true},
			{func() { write("the whole of it") }, false},
			{func() {}, true},
		} {
			step.do()
			time.Sleep(watchEvery)
			if got := asked(); got != step.want {
				t.Errorf("look %d: asked for a reload: %t, want %t", i, got, step.want)
			}
		}
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
}
