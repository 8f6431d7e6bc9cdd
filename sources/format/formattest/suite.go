package formattest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"

	"ganglion/pipeline"
	"ganglion/sources/format"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// Suite holds every format of the kit to what all of them promise.
func Suite(t *testing.T, k Kit) {
	for _, f := range k.Formats {
		t.Run(f.Name, func(t *testing.T) {
			t.Run("WhatIsWrittenIsReadBack", func(t *testing.T) { whatIsWrittenIsReadBack(t, k, f) })
			t.Run("RewritingARecordingGivesTheSameBytes", func(t *testing.T) { rewritingARecordingGivesTheSameBytes(t, k, f) })
			t.Run("AFormatIsRecognisedByItsContentWhateverItsName", func(t *testing.T) { aFormatIsRecognisedByItsContentWhateverItsName(t, k, f) })
			t.Run("PiecesAndBlocksOfAnySizeGiveTheSame", func(t *testing.T) { piecesAndBlocksOfAnySizeGiveTheSame(t, k, f) })
			t.Run("APrefixOfAnyLengthGivesAPrefixOfTheEvents", func(t *testing.T) { aPrefixOfAnyLengthGivesAPrefixOfTheEvents(t, k, f) })
			t.Run("AFlippedBitNeverEndsTheReadingOrTakesMemory", func(t *testing.T) { aFlippedBitNeverEndsTheReadingOrTakesMemory(t, k, f) })
			t.Run("ReadingAllocatesNothing", func(t *testing.T) { readingAllocatesNothing(t, k, f) })
			t.Run("WritingAllocatesNothing", func(t *testing.T) { writingAllocatesNothing(t, k, f) })
		})
	}
}

// skipOwn skips the test of a format that cannot hold [Events].
func skipOwn(t *testing.T, k Kit, f format.Format) {
	if _, ok := k.Samples[f.Name]; ok && f.Writable() {
		t.Skip("the format cannot hold what the test writes, and has one of its own")
	}
}

func whatIsWrittenIsReadBack(t *testing.T, k Kit, f format.Format) {
	if !f.Writable() {
		t.Skip("the format is read only")
	}
	skipOwn(t, k, f)
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
		var file MemFile
		w, err := k.NewWriter(&file, "memory", f.Name, Info)
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
		got, err := k.Decode(bytes.NewReader(file.B), Options{Format: f.Name}, 4096)
		if err != nil {
			if len(events) == 0 {
				return // a format without a header has nothing to say
			}
			t.Fatal(err)
		}
		if diff := DiffEvents(events, got.Events); diff != "" {
			t.Fatalf("-written +read:\n%s", diff)
		}
	})
}

func rewritingARecordingGivesTheSameBytes(t *testing.T, k Kit, f format.Format) {
	if !f.Writable() {
		t.Skip("the format is read only")
	}
	want := k.Sample(t, f, 5000)
	d := k.MustDecode(t, want, k.hint(f))
	got := k.Encode(t, f.Name, d.Info, &format.Block{Events: d.Events, Side: d.Side})
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes became %d different ones", len(want), len(got))
	}
}

func aFormatIsRecognisedByItsContentWhateverItsName(t *testing.T, k Kit, f format.Format) {
	skipOwn(t, k, f)
	data := k.Sample(t, f, 3000)
	for _, name := range []string{"", "x.raw", "x.es", "x.bin", "x.csv", "x.dat"} {
		r, err := k.NewReader(bytes.NewReader(data), name, Options{})
		if err != nil {
			t.Errorf("named %q: %v", name, err)
		} else if r.Info.Format != f.Name {
			t.Errorf("named %q: taken for %s", name, r.Info.Format)
		}
	}
}

func piecesAndBlocksOfAnySizeGiveTheSame(t *testing.T, k Kit, f format.Format) {
	data := k.Sample(t, f, 3000)
	want := k.MustDecode(t, data, k.hint(f))
	if len(want.Events)+len(want.Side) == 0 {
		t.Fatal("the sample holds nothing")
	}
	readers := map[string]func(io.Reader) io.Reader{
		"one byte": iotest.OneByteReader, "half": iotest.HalfReader, "data with error": iotest.DataErrReader,
	}
	for name, wrap := range readers {
		for _, block := range []int{64, 100, 1000} {
			got, err := k.Decode(wrap(bytes.NewReader(data)), Options{Format: k.hint(f)}, block)
			if err != nil {
				t.Fatal(err)
			}
			if diff := DiffEvents(want.Events, got.Events); diff != "" {
				t.Errorf("%s, blocks of %d: -whole +pieces:\n%s", name, block, diff)
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Data{}, "Events")); diff != "" {
				t.Errorf("%s, blocks of %d: -whole +pieces:\n%s", name, block, diff)
			}
		}
	}
}

func aPrefixOfAnyLengthGivesAPrefixOfTheEvents(t *testing.T, k Kit, f format.Format) {
	data := k.Sample(t, f, 150)
	want := k.MustDecode(t, data, k.hint(f))
	for n := range data {
		got, err := k.Decode(bytes.NewReader(data[:n]), Options{Format: f.Name}, 256)
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
}

func aFlippedBitNeverEndsTheReadingOrTakesMemory(t *testing.T, k Kit, f format.Format) {
	data := k.Sample(t, f, 30)
	step := 1
	if os.Getenv("GANGLION_LONG") == "" {
		step += len(data) / 400
	}
	for i := 0; i < len(data); i += step {
		err := bounded(len(data), func() error {
			for bit := range 8 {
				mutant := bytes.Clone(data)
				mutant[i] ^= 1 << bit
				if err := readThrough(k, mutant, f.Name); err != nil {
					return fmt.Errorf("bit %d: %w", bit, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
}

// ReadBounded reads a recording of any content and complains when that takes
// more than 4 times its size and 16 MiB.
func ReadBounded(k Kit, data []byte, name string) error {
	return bounded(len(data), func() error { return readThrough(k, data, name) })
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
func readThrough(k Kit, data []byte, name string) error {
	r, err := k.NewReader(bytes.NewReader(data), "bytes", Options{Format: name})
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

func readingAllocatesNothing(t *testing.T, k Kit, f format.Format) {
	data := k.Sample(t, f, 200_000)
	r, err := k.NewReader(bytes.NewReader(data), "bytes", Options{Format: f.Name})
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
}

func writingAllocatesNothing(t *testing.T, k Kit, f format.Format) {
	if !f.Writable() {
		t.Skip("the format is read only")
	}
	w, err := k.NewWriter(DiscardFile{}, "discard", f.Name, Info)
	if err != nil {
		t.Fatal(err)
	}
	events := Events(2000)
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
}
