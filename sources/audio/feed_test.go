package audio

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// newTestFeed holds so many bytes before it drops.
func newTestFeed(t *testing.T, frame, limit int) *feed {
	c := NewDefaultConfig()
	f := newFeed(&c, surroundings{t.Context(), slog.New(slog.DiscardHandler), time.Now})
	f.frame, f.limit = frame, limit
	f.report(newInput(f))
	return f
}

func TestAFeedGivesItsPiecesInOrderAndSilenceForWhatItDropped(t *testing.T) {
	for _, pieces := range []int{1, 7, 256} {
		f := newTestFeed(t, 2, 2*pieces)
		for i := range pieces + 3 { // three too many
			if _, err := f.Write([]byte{byte(i), 1, 99}); err != nil { // the 99 is not a frame
				t.Fatal(err)
			}
		}
		got := make([]byte, 2*pieces)
		if _, err := io.ReadFull(f, got); err != nil {
			t.Fatal(err)
		}
		for i := range pieces {
			if got[2*i] != byte(i) || got[2*i+1] != 1 {
				t.Fatalf("piece %d is %v", i, got[2*i:2*i+2])
			}
		}
		if _, err := f.Write([]byte{7, 8}); err != nil {
			t.Fatal(err)
		}
		f.end(io.EOF)
		rest, err := io.ReadAll(f)
		if err != nil || !cmp.Equal(rest, []byte{0, 0, 0, 0, 0, 0, 7, 8}) {
			t.Errorf("behind what was dropped: %v, %v", rest, err)
		}
		if diff := cmp.Diff([]string{"ragged_message", "dropped_sound"}, kinds(f.in.report.List())); diff != "" {
			t.Error(diff)
		}
		if n := f.in.report.List(); int(n[0].Count) != pieces+3 || n[1].Count != 3 || f.lost() != 3 {
			t.Errorf("%v, %d lost", n, f.lost())
		}
	}
}

func TestSoundDroppedAtTheEndOfAFeedIsSilenceToo(t *testing.T) {
	f := newTestFeed(t, 1, 2)
	for _, b := range []string{"ab", "cde"} {
		if _, err := f.Write([]byte(b)); err != nil {
			t.Fatal(err)
		}
	}
	f.end(io.EOF)
	if got, err := io.ReadAll(f); err != nil || string(got) != "ab\x00\x00\x00" || f.lost() != 3 {
		t.Errorf("%q, %v, %d lost", got, err, f.lost())
	}
}

// What may wait is a time, whatever the pieces: 2 s of 16 kHz in pieces of 20 to
// 2,000 ms, none of which is read before all have come.
func TestAFeedHoldsATimeOfSoundWhateverItsPieces(t *testing.T) {
	for _, ms := range []int{1, 20, 64, 125, 500, 2000} {
		c := NewDefaultConfig()
		f := newFeed(&c, surroundings{t.Context(), slog.New(slog.DiscardHandler), time.Now})
		f.report(newInput(f))
		piece := make([]byte, 2*16*ms)
		for range (2000 + ms - 1) / ms {
			if _, err := f.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		f.end(io.EOF)
		if got, err := io.ReadAll(f); err != nil || len(got) < 2*2*16000 || f.lost() > 0 {
			t.Errorf("pieces of %d ms: %d bytes, %v, %d frames lost", ms, len(got), err, f.lost())
		}
	}
}

func TestWhatAFeedDropsIsLoggedWhileItHappens(t *testing.T) {
	var log strings.Builder
	f := newTestFeed(t, 2, 2)
	now := time.Unix(1000, 0)
	f.log, f.now = slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return now }
	for range 16001 {
		if _, err := f.Write([]byte{1, 2}); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Millisecond / 8)
	}
	if n := strings.Count(log.String(), "\n"); n != 2 || !strings.Contains(log.String(), "dropped=500ms") {
		t.Errorf("2 s of loss, logged every second:\n%s", log.String())
	}
}

func TestAFeedWaitsAndEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newTestFeed(t, 1, 256)
		ctx, cancel := context.WithCancel(t.Context())
		f.bind(ctx)
		done := make(chan error)
		go func() { // ends with the context
			_, err := f.Read(make([]byte, 1))
			done <- err
		}()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatal("did not wait:", err)
		default:
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestPutWaitsForRoomAndForNothingAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newTestFeed(t, 1, 256)
		done := make(chan bool)
		go func() { // ends when all has been read, or with the feed
			for i := range 256 + 10 {
				f.put([]byte{byte(i)})
			}
			close(done)
		}()
		synctest.Wait()
		p := make([]byte, 1)
		for i := range 5 {
			if _, err := f.Read(p); err != nil || p[0] != byte(i) {
				t.Fatal(p, err)
			}
		}
		synctest.Wait()
		select {
		case <-done:
			t.Fatal("put did not wait")
		default:
		}
		f.end(io.EOF)
		<-done
	})
}

func TestAFeedInItsSteadyStateAllocatesNothing(t *testing.T) {
	f := newTestFeed(t, 2, 2560)
	in, out := make([]byte, 640), make([]byte, 640)
	step := func() {
		if _, err := f.Write(in); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Read(out); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		step()
	}
	if n := testing.AllocsPerRun(100, step); n != 0 {
		t.Errorf("%v allocations a piece", n)
	}
}

func TestAConnectionMadeAgainIsReported(t *testing.T) {
	f := newTestFeed(t, 1, 256)
	if _, err := f.Write([]byte{1}); err != nil {
		t.Fatal(err)
	}
	f.again()
	if _, err := f.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if d := f.in.report.List(); len(d) != 1 || d[0].Kind != "reconnected" || d[0].Count != 1 {
		t.Error(d)
	}
}

// What the system has dropped is reported once, as it grows.
func TestDatagramsThatTheSystemDroppedAreReportedOnce(t *testing.T) {
	t.Parallel()
	f := newTestFeed(t, 1, 256)
	total := uint64(5)
	f.overrun = func() uint64 { return total }
	for _, want := range []uint64{5, 5, 9} {
		if _, err := f.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
		total = want
		if _, err := f.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if d := f.in.report.List(); len(d) != 1 || d[0].Kind != pipeline.SocketOverrun || d[0].Count != want {
			t.Errorf("%d dropped so far: %v", want, d)
		}
	}
}
