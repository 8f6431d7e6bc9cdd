package recording

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/evt"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

// decodeParallel reads a recording in parallel, in pieces of so many bytes.
func decodeParallel(tb testing.TB, data []byte, kind string, size int) formattest.Data {
	tb.Helper()
	r, err := NewReader(bytes.NewReader(data), "bytes", Options{Format: kind, Parallel: true})
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	r.par.most = size
	got, err := drain(r, 256)
	if err != nil {
		tb.Fatal(err)
	}
	return got
}

// checkParallel compares both ways of decoding.
func checkParallel(t *testing.T, data []byte, kind string, size int) {
	t.Helper()
	want, got := mustDecode(t, data, kind), decodeParallel(t, data, kind, size)
	if diff := formattest.DiffEvents(want.Events, got.Events); diff != "" {
		t.Fatalf("pieces of %d: -serial +parallel:\n%s", size, diff)
	}
	if diff := cmp.Diff(want.Side, got.Side); diff != "" {
		t.Fatalf("pieces of %d: side data: -serial +parallel:\n%s", size, diff)
	}
	if diff := cmp.Diff(want.Damage, got.Damage); diff != "" {
		t.Fatalf("pieces of %d: damage: -serial +parallel:\n%s", size, diff)
	}
}

func TestParallelDecodingEqualsSerialDecodingOnRandomWords(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 11))
		wild := r.IntN(2) == 0 // any words, or a time that mostly ascends
		at := uint16(r.IntN(1 << 12))
		words3s, words2s := []uint16{evt3High << 12}, []uint32{evt2High << 28}
		for range 3000 {
			w := uint16(r.Uint32())
			if w>>12 == evt3High && !wild {
				at += uint16(r.IntN(3) * r.IntN(300))
				w = evt3High<<12 | at&evt3Payload
			}
			words3s, words2s = append(words3s, w), append(words2s, r.Uint32())
		}
		for _, size := range []int{64, 1000} {
			checkParallel(t, words3(words3s...), "evt3", size)
			checkParallel(t, words2(words2s...), "evt2", size)
		}
	}
}

func TestParallelDecodingEqualsSerialDecodingOnDamagedFiles(t *testing.T) {
	t.Parallel()
	for _, kind := range []format.Format{evt.EVT2(), evt.EVT3()} {
		data := sample(t, kind, 5000)
		r := rand.New(rand.NewPCG(12, 12))
		for range 60 {
			mutant := bytes.Clone(data)
			for range 1 + r.IntN(20) {
				mutant[100+r.IntN(len(data)-100)] ^= 1 << r.IntN(8)
			}
			checkParallel(t, mutant[:len(mutant)-r.IntN(5)], kind.Name, 64+r.IntN(3000))
		}
	}
}

func TestParallelDecodingEqualsSerialDecodingOnRealRecordings(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"evt3/dense.raw", "evt3/pedestrians.raw", "evt3/triggers.raw", "evt2/spinner.raw"} {
		data, err := os.ReadFile(filepath.Join(dataDir(t), "events", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1 << 10, pieceSize} {
			checkParallel(t, data, filepath.Dir(file), size)
		}
	}
}

// A wrong guess is put right, but then nothing is gained.
func TestTheStateBehindAPieceIsGuessedRight(t *testing.T) {
	t.Parallel()
	events := formattest.Events(300_000)
	for i := range events {
		events[i].T *= 40 // crosses wraps of EVT3 time
	}
	for _, kind := range []string{"evt2", "evt3"} {
		data := encode(t, kind, formattest.Info, &format.Block{Events: events})
		r, err := NewReader(bytes.NewReader(data), "bytes", Options{Parallel: true})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		r.par.most = 16 << 10
		b, wrong, pieces := format.NewBlock(4096), 0, 0
		last := int64(-1)
		for r.Read(b) == nil && r.par != nil {
			now := r.par.pieces[r.par.first] // its entry is what was guessed
			if now.at == last {
				continue
			}
			last = now.at
			if pieces++; now.entry != r.par.state {
				if _, ok := now.dec.Shift(now.entry, r.par.state); !ok {
					wrong++
				}
			}
		}
		if wrong > 0 || pieces < 5 {
			t.Errorf("%s: %d of %d guesses were wrong", kind, wrong, pieces)
		}
	}
}

// A caller with much to do leaves the pieces to the workers, one with nothing
// to do takes part: the events are the same.
func TestPiecesAreDecodedByWhoeverHasTime(t *testing.T) {
	t.Parallel()
	data := encode(t, "evt3", formattest.Info, &format.Block{Events: formattest.Events(400_000)})
	want := mustDecode(t, data, "evt3").Events
	for _, busy := range []bool{false, true} {
		r, err := NewReader(bytes.NewReader(data), "bytes", Options{Parallel: true})
		if err != nil {
			t.Fatal(err)
		}
		r.par.most = 8 << 10
		var got []pipeline.Event
		mine, theirs := 0, 0
		for b := format.NewBlock(4096); ; {
			if busy && r.par != nil {
				r.par.idle()
			}
			if err := r.Read(b); err != nil {
				break
			}
			if got = append(got, b.Events...); r.par != nil && r.par.own != nil {
				mine++
			} else if r.par != nil {
				theirs++
			}
		}
		if diff := formattest.DiffEvents(want, got); diff != "" {
			t.Errorf("busy %v: -serial +parallel:\n%s", busy, diff)
		}
		if busy && theirs == 0 || mine+theirs == 0 {
			t.Errorf("busy %v: %d blocks by Read, %d by workers", busy, mine, theirs)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// idle waits until the workers have decoded every piece there is.
func (p *parallel) idle() {
	for i := range p.n {
		pc := p.pieces[(p.first+i)%len(p.pieces)]
		if pc == p.own || pc == p.now {
			continue
		}
		<-pc.ready
		pc.ready <- struct{}{}
	}
}

func TestAParallelReaderCanBeClosedBeforeItsEnd(t *testing.T) {
	t.Parallel()
	data := encode(t, "evt3", formattest.Info, &format.Block{Events: formattest.Events(300_000)})
	r, err := NewReader(bytes.NewReader(data), "bytes", Options{Parallel: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(format.NewBlock(64)); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOffsetsOfAParallelReaderAreThoseOfWhatItDelivered(t *testing.T) {
	t.Parallel()
	data := encode(t, "evt3", formattest.Info, &format.Block{Events: formattest.Events(300_000)})
	r, err := NewReader(bytes.NewReader(data), "bytes", Options{Parallel: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, last, events := format.NewBlock(4096), int64(0), []pipeline.Event(nil)
	for err = r.Read(b); err == nil; err = r.Read(b) {
		events = append(events, b.Events...)
		if at := r.Offset(); at <= last || at > int64(len(data)) {
			t.Fatalf("at byte %d after %d", at, last)
		} else {
			last = at
		}
		if len(events)%7 != 0 {
			continue // now and then is enough
		}
		if got := mustDecode(t, data[:last], "evt3"); len(got.Events) != len(events) {
			t.Fatalf("%d bytes hold %d events; %d were delivered", last, len(got.Events), len(events))
		}
	}
	if !errors.Is(err, io.EOF) || last != int64(len(data)) {
		t.Errorf("ended at byte %d of %d with %v", last, len(data), err)
	}
}

func TestOnlyALongFileIsDecodedInParallel(t *testing.T) {
	t.Parallel()
	events := make([]pipeline.Event, 600_000) // of three words each
	for i := range events {
		events[i] = pipeline.Event{T: int64(i), X: 7, Y: uint16(i % 2)}
	}
	for n, want := range map[int]bool{len(events): true, len(events) / 10: false} {
		path := write(t, "a.raw", formattest.Info, events[:n])
		r, err := Open(path, Options{Parallel: true})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if got := r.par != nil; got != want {
			t.Errorf("%d events by Open: parallel is %v", n, got)
		}
		if got := open(t, config(path)).reader.par != nil; got != want {
			t.Errorf("%d events by a source: parallel is %v", n, got)
		}
	}
}

// BenchmarkDecodeParallel shows in events per second of processor time what the
// work is spread at, and by the best of its runs what is gained where both
// cores are free for the length of one.
func BenchmarkDecodeParallel(b *testing.B) {
	for _, name := range []string{"sparse", "vectors", "dense.raw"} {
		var data []byte
		switch name {
		case "sparse":
			data = sample(b, evt.EVT3(), 4_000_000)
		case "vectors":
			data = encode(b, "evt3", formattest.DenseInfo, &format.Block{Events: formattest.DenseEvents(6_000_000)})
		default:
			var err error
			if data, err = os.ReadFile(filepath.Join(dataDir(b), "events", "evt3", name)); err != nil {
				b.Fatal(err)
			}
		}
		for _, parallel := range []bool{false, true} {
			b.Run(name+map[bool]string{false: "/serial", true: "/parallel"}[parallel], func(b *testing.B) {
				block, events, best := format.NewBlock(4096), 0, 0.0
				cpu := formattest.CPUSeconds()
				for b.Loop() {
					begin, before := time.Now(), events
					r, err := NewReader(bytes.NewReader(data), "bytes", Options{Parallel: parallel})
					if err != nil {
						b.Fatal(err)
					}
					for err = r.Read(block); err == nil; err = r.Read(block) {
						events += len(block.Events)
					}
					if err := r.Close(); err != nil {
						b.Fatal(err)
					}
					best = max(best, float64(events-before)/time.Since(begin).Seconds()/1e6)
				}
				formattest.ReportRate(b, events, cpu)
				b.ReportMetric(best, "best-Mevents/s")
			})
		}
	}
}

// FuzzEVT3Parallel compares decoding in pieces with decoding in one go.
func FuzzEVT3Parallel(f *testing.F) {
	f.Add(sample(f, evt.EVT3(), 300)[len(evt3Head):])
	f.Fuzz(func(t *testing.T, words []byte) { checkParallel(t, append([]byte(evt3Head), words...), "evt3", 64) })
}
