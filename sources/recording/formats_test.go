package recording

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/aedat"
	"ganglion/sources/format/evt"
	"ganglion/sources/format/small"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// The tests in this file run for every format in the table.

// readOnlySamples makes a recording of n events of each format that has no
// encoder.
var readOnlySamples = map[string]func(n int) []byte{
	"aedat1": aedat.Aedat1Sample,
	"aedat3": aedat.Aedat3Sample,
	"evt4":   evt.Evt4Sample,
}

// ownSamples makes a recording of n events of each format that cannot hold
// sampleEvents. Their tests of writing and of recognition are in their own
// files.
var ownSamples = map[string]func(tb testing.TB, n int) []byte{
	"bs1": small.Bs1Sample,
}

// skipOwn skips the test of a format in ownSamples.
func skipOwn(t *testing.T, f format.Format) {
	if _, ok := ownSamples[f.Name]; ok {
		t.Skip("the format cannot hold what the test writes, and has one of its own")
	}
}

// hint names a format whose content does not.
func hint(f format.Format) string {
	if _, ok := ownSamples[f.Name]; ok {
		return f.Name
	}
	return ""
}

// sampleInfo describes the recordings that tests write.
var sampleInfo = format.Info{Width: 240, Height: 180}

// sampleEvents are events that every format can hold, with rows that are dense
// enough for vectors, equal times, and gaps.
func sampleEvents(n int) []pipeline.Event {
	r := rand.New(rand.NewPCG(1, 2))
	events := make([]pipeline.Event, 0, n+240)
	t := int64(100)
	for len(events) < n {
		t += int64(r.IntN(300))
		y, p := uint16(r.IntN(180)), uint8(r.IntN(2))
		density := r.IntN(8)
		for x := uint16(0); x < 240; x++ {
			if r.IntN(20) < density*density/10+1 && r.IntN(6) == 0 || density == 7 {
				events = append(events, pipeline.Event{T: t, X: x, Y: y, P: p})
			}
		}
	}
	return events[:n]
}

// sample is a small recording of a format, as bytes and as what it holds.
func sample(tb testing.TB, f format.Format, n int) []byte {
	tb.Helper()
	if own, ok := ownSamples[f.Name]; ok {
		return own(tb, n)
	}
	if f.Writable() {
		return encode(tb, f.Name, sampleInfo, &format.Block{Events: sampleEvents(n)})
	}
	make, ok := readOnlySamples[f.Name]
	if !ok {
		tb.Fatalf("format %s is read only and has no entry in readOnlySamples", f.Name)
	}
	return make(n)
}

// encode writes one block as a recording.
func encode(tb testing.TB, format string, info format.Info, b *format.Block) []byte {
	tb.Helper()
	var file memFile
	w, err := NewWriter(&file, "memory", format, info)
	if err != nil {
		tb.Fatal(err)
	}
	if err := w.WriteBlock(b); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	if lost := w.Lost(); len(lost) > 0 {
		tb.Fatalf("lost while writing: %v", lost)
	}
	return file.b
}

// recordingData is all that a recording holds.
type recordingData struct {
	Info   format.Info
	Events []pipeline.Event
	Side   []format.Side // Before counts from the beginning of the recording
	Damage []pipeline.Damage
}

// decode reads a recording with blocks of the given size.
func decode(src io.Reader, o Options, block int) (recordingData, error) {
	r, err := NewReader(src, "bytes", o)
	if err != nil {
		return recordingData{}, err
	}
	return drain(r, block)
}

// drain reads a recording to its end.
func drain(r *Reader, block int) (recordingData, error) {
	d := recordingData{Info: r.Info}
	var err error
	for b := format.NewBlock(block); ; {
		if err = r.Read(b); err != nil {
			break
		}
		for _, s := range b.Side {
			s.Before += len(d.Events)
			s.Data = bytes.Clone(s.Data)
			if s.IMU != nil {
				imu := *s.IMU
				s.IMU = &imu
			}
			if s.Frame != nil {
				frame := *s.Frame
				frame.Pixels = bytes.Clone(frame.Pixels)
				s.Frame = &frame
			}
			d.Side = append(d.Side, s)
		}
		d.Events = append(d.Events, b.Events...)
	}
	d.Damage = append(d.Damage, r.Damage()...)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return d, err
}

// diffEvents says where two long recordings part, or "".
func diffEvents(want, got []pipeline.Event) string {
	if slices.Equal(want, got) {
		return ""
	}
	i := 0
	for i < min(len(want), len(got)) && want[i] == got[i] {
		i++
	}
	part := func(e []pipeline.Event) []pipeline.Event { return e[max(i-2, 0):min(i+5, len(e))] }
	return fmt.Sprintf("%d and %d events, parting at %d:\n%s", len(want), len(got), i, cmp.Diff(part(want), part(got)))
}

func mustDecode(tb testing.TB, data []byte, format string) recordingData {
	tb.Helper()
	d, err := decode(bytes.NewReader(data), Options{Format: format}, 4096)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func eachFormat(t *testing.T, test func(t *testing.T, f format.Format)) {
	for _, f := range Formats {
		t.Run(f.Name, func(t *testing.T) { test(t, f) })
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	eachFormat(t, func(t *testing.T, f format.Format) {
		if !f.Writable() {
			t.Skip("the format is read only")
		}
		skipOwn(t, f)
		rapid.Check(t, func(t *rapid.T) {
			var events []pipeline.Event
			at := rapid.Int64Range(0, 1<<20).Draw(t, "first time")
			for range rapid.IntRange(0, 60).Draw(t, "rows") {
				at += rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 5000), rapid.Int64Range(0, 1<<25)).Draw(t, "gap")
				y := rapid.Uint16Range(0, 179).Draw(t, "row")
				p := rapid.Uint8Range(0, 1).Draw(t, "polarity")
				for _, x := range rapid.SliceOfN(rapid.Uint16Range(0, 239), 1, 40).Draw(t, "columns") {
					events = append(events, pipeline.Event{T: at, X: x, Y: y, P: p})
				}
			}
			var file memFile
			w, err := NewWriter(&file, "memory", f.Name, sampleInfo)
			if err != nil {
				t.Fatal(err)
			}
			for rest := events; len(rest) > 0; {
				n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
				if err := w.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := w.Close(); err != nil || len(w.Lost()) > 0 {
				t.Fatalf("close: %v, lost %v", err, w.Lost())
			}
			got, err := decode(bytes.NewReader(file.b), Options{Format: f.Name}, 4096)
			if err != nil {
				if len(events) == 0 {
					return // a format without a header has nothing to say
				}
				t.Fatal(err)
			}
			if diff := diffEvents(events, got.Events); diff != "" {
				t.Fatalf("-written +read:\n%s", diff)
			}
		})
	})
}

func TestRewritingARecordingGivesTheSameBytes(t *testing.T) {
	eachFormat(t, func(t *testing.T, f format.Format) {
		if !f.Writable() {
			t.Skip("the format is read only")
		}
		want := sample(t, f, 5000)
		d := mustDecode(t, want, hint(f))
		got := encode(t, f.Name, d.Info, &format.Block{Events: d.Events, Side: d.Side})
		if !bytes.Equal(got, want) {
			t.Errorf("%d bytes became %d different ones", len(want), len(got))
		}
	})
}

func TestAFormatIsRecognisedByItsContentWhateverItsName(t *testing.T) {
	eachFormat(t, func(t *testing.T, f format.Format) {
		skipOwn(t, f)
		data := sample(t, f, 3000)
		for _, name := range []string{"", "x.raw", "x.es", "x.bin", "x.csv", "x.dat"} {
			r, err := NewReader(bytes.NewReader(data), name, Options{})
			if err != nil {
				t.Errorf("named %q: %v", name, err)
			} else if r.Info.Format != f.Name {
				t.Errorf("named %q: taken for %s", name, r.Info.Format)
			}
		}
	})
}

func TestPiecesAndBlocksOfAnySizeGiveTheSame(t *testing.T) {
	eachFormat(t, func(t *testing.T, f format.Format) {
		data := sample(t, f, 3000)
		want := mustDecode(t, data, hint(f))
		if len(want.Events)+len(want.Side) == 0 {
			t.Fatal("the sample holds nothing")
		}
		readers := map[string]func(io.Reader) io.Reader{
			"one byte": iotest.OneByteReader, "half": iotest.HalfReader, "data with error": iotest.DataErrReader,
		}
		for name, wrap := range readers {
			for _, block := range []int{64, 100, 1000} {
				got, err := decode(wrap(bytes.NewReader(data)), Options{Format: hint(f)}, block)
				if err != nil {
					t.Fatal(err)
				}
				if diff := diffEvents(want.Events, got.Events); diff != "" {
					t.Errorf("%s, blocks of %d: -whole +pieces:\n%s", name, block, diff)
				}
				if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(recordingData{}, "Events")); diff != "" {
					t.Errorf("%s, blocks of %d: -whole +pieces:\n%s", name, block, diff)
				}
			}
		}
	})
}

func TestAPrefixOfAnyLengthGivesAPrefixOfTheEvents(t *testing.T) {
	eachFormat(t, func(t *testing.T, f format.Format) {
		data := sample(t, f, 150)
		want := mustDecode(t, data, hint(f))
		for n := range data {
			got, err := decode(bytes.NewReader(data[:n]), Options{Format: f.Name}, 256)
			if err != nil {
				if len(got.Events) > 0 {
					t.Fatalf("first %d bytes: %v", n, err)
				}
				continue // the header is cut: a clear error
			}
			k := len(got.Events)
			if f.Name == "csv" && k > 0 {
				k-- // a cut number is a number
			}
			if k > len(want.Events) || !slices.Equal(want.Events[:k], got.Events[:k]) {
				t.Fatalf("first %d bytes: got %v", n, got.Events)
			}
		}
	})
}

func TestAFlippedBitNeverEndsTheReadingOrTakesMemory(t *testing.T) {
	eachFormat(t, func(t *testing.T, f format.Format) {
		data := sample(t, f, 30)
		step := 1
		if os.Getenv("GANGLION_LONG") == "" {
			step += len(data) / 400
		}
		for i := 0; i < len(data); i += step {
			err := bounded(len(data), func() error {
				for bit := range 8 {
					mutant := bytes.Clone(data)
					mutant[i] ^= 1 << bit
					if err := readThrough(mutant, f.Name); err != nil {
						return fmt.Errorf("bit %d: %w", bit, err)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	})
}

// readBounded reads a recording of any content and complains when that takes
// more than 4 times its size and 16 MiB.
func readBounded(data []byte, format string) error {
	return bounded(len(data), func() error { return readThrough(data, format) })
}

// bounded complains when work on size bytes of input takes more than 4 times
// as much memory and 16 MiB.
func bounded(size int, work func() error) error {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := work(); err != nil {
		return err
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > uint64(4*size+16<<20) {
		return fmt.Errorf("%d bytes of input took %d bytes of memory", size, took)
	}
	return nil
}

// readThrough reads a recording of any content to its end. An error is fine, a
// block without content is not.
func readThrough(data []byte, format string) error {
	r, err := NewReader(bytes.NewReader(data), "bytes", Options{Format: format})
	if err != nil {
		return nil
	}
	events := 0
	for b := format.NewBlock(1024); ; {
		if err := r.Read(b); err != nil {
			break
		}
		if len(b.Events) == 0 && len(b.Side) == 0 {
			return errors.New("an empty block without the end")
		}
		events += len(b.Events)
	}
	if events > 100*len(data)+100 {
		return fmt.Errorf("%d bytes of input gave %d events", len(data), events)
	}
	return nil
}

func TestReadingAllocatesNothing(t *testing.T) {
	eachFormat(t, func(t *testing.T, f format.Format) {
		data := sample(t, f, 200_000)
		r, err := NewReader(bytes.NewReader(data), "bytes", Options{Format: f.Name})
		if err != nil {
			t.Fatal(err)
		}
		b := format.NewBlock(512)
		runs := 0
		read := func() {
			if err := r.Read(b); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			runs++
		}
		for range 20 {
			read()
		}
		if n := testing.AllocsPerRun(100, read); n != 0 {
			t.Errorf("%v allocations per block", n)
		}
	})
}

func TestWritingAllocatesNothing(t *testing.T) {
	eachFormat(t, func(t *testing.T, f format.Format) {
		if !f.Writable() {
			t.Skip("the format is read only")
		}
		w, err := NewWriter(discardFile{}, "discard", f.Name, sampleInfo)
		if err != nil {
			t.Fatal(err)
		}
		events := sampleEvents(2000)
		write := func() {
			if err := w.Write(events); err != nil {
				t.Fatal(err)
			}
			for i := range events {
				events[i].T += 60_000
			}
		}
		write()
		write()
		if n := testing.AllocsPerRun(20, write); n != 0 {
			t.Errorf("%v allocations per write", n)
		}
	})
}
