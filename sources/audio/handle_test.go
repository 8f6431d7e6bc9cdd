package audio

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ganglion/pipeline"
)

// Reads are bound to their own context, and not to that of Open, which may have
// ended since.
func TestAPipeIsReadUnderAnotherContextThanItWasOpenedUnder(t *testing.T) {
	c := defaults("")
	c.Format = formatRaw
	s, w := pipeSource(t, c)
	opened, cancel := context.WithCancel(t.Context())
	if _, err := s.Open(opened); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := s.file.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) { // once the context is seen to end
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 320)); err != nil { // one window
		t.Fatal(err)
	}
	var b pipeline.Batch
	if err := s.Read(t.Context(), &b); err != nil || len(b.PCM) != 160 {
		t.Errorf("%d samples, %v", len(b.PCM), err)
	}
}

// slowClock takes down deadlines, those in the past only when it is let go.
type slowClock struct {
	hold chan struct{}
	mu   sync.Mutex
	set  []time.Time
}

func (s *slowClock) SetReadDeadline(t time.Time) error {
	if !t.IsZero() {
		<-s.hold
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set = append(s.set, t)
	return nil
}

func TestTheEndOfAContextDoesNotReachReadsUnderTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d deadline
		r := &slowClock{hold: make(chan struct{})}
		first, cancel := context.WithCancel(t.Context())
		d.bind(first, r)
		cancel()
		synctest.Wait() // its end is on its way
		bound := make(chan struct{})
		go func() { // ends with the hold
			d.bind(t.Context(), r)
			close(bound)
		}()
		synctest.Wait()
		close(r.hold)
		<-bound
		synctest.Wait()
		if len(r.set) != 3 || !r.set[2].IsZero() {
			t.Errorf("deadlines in their order: %v", r.set)
		}
		d.release()
	})
}
