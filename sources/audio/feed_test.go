package audio

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

func newTestFeed(frame int) *feed {
	f := newFeed(frame, 0)
	f.report(newInput(f))
	return f
}

func TestAFeedGivesItsPiecesInOrderAndSilenceForWhatItDropped(t *testing.T) {
	f := newTestFeed(2)
	for i := range feedPieces + 3 { // three too many
		if _, err := f.Write([]byte{byte(i), 1, 99}); err != nil { // the 99 is not a frame
			t.Fatal(err)
		}
	}
	var got []byte
	p := make([]byte, 7)
	for range feedPieces {
		n, err := f.Read(p[:2])
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p[:n]...)
	}
	for i := range feedPieces {
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
	if n := f.in.report.List(); n[0].Count != feedPieces+3 || n[1].Count != 3 {
		t.Errorf("%v", n)
	}
}

func TestAFeedWaitsAndEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newTestFeed(1)
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
		f := newTestFeed(1)
		done := make(chan bool)
		go func() { // ends when all has been read, or with the feed
			for i := range feedPieces + 10 {
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
	f := newTestFeed(2)
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
	f := newTestFeed(1)
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
