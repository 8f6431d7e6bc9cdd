package jsonl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func detections(n int) []pipeline.Detection {
	d := make([]pipeline.Detection, n)
	nan := float32(math.NaN())
	for i := range d {
		d[i] = pipeline.Detection{
			Stream: "left", SchemaVersion: pipeline.SchemaVersion, ConfigHash: "0123456789abcdef", Seq: uint64(i),
			Kind: pipeline.MotionUpdate, T: int64(i) * 10_000, EmitDelayUS: pipeline.NoDelay, TrackID: 7,
			X0: 1.5, Y0: 2, X1: 3, Y1: 4, CX: 2, CY: 3, VX: 0.1, VY: 0, DirectionDeg: nan, SpeedPxS: 0.1,
			SpeedSource: pipeline.SpeedFlow, Confidence: 0.9, State: pipeline.Confirmed, Score: nan,
		}
	}
	return d
}

// read returns the detections of a file whose every line must be whole.
func read(t *testing.T, path string) []pipeline.Detection {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 0 && data[len(data)-1] != '\n' {
		t.Fatalf("%s ends within a line", path)
	}
	var all []pipeline.Detection
	for line := range bytes.Lines(data) {
		var d pipeline.Detection
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatalf("line %d: %v", len(all), err)
		}
		all = append(all, d)
	}
	return all
}

func open(t *testing.T, path string) *sink {
	t.Helper()
	s := newSink(config{Path: path}, jsonLines, component.Env{Name: "left"}, os.Stdout)
	if err := s.Open(context.Background(), pipeline.StreamMeta{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryDetectionIsOneLineOfTheNamedFile(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3, 1000} { // 1000 lines are several chunks
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, filepath.Join(dir, "new", "{name}.jsonl"))
			want := detections(n)
			for _, part := range [][]pipeline.Detection{want[:n/3], want[n/3:]} {
				if err := s.Write(context.Background(), part); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(dir, "new", "left.jsonl")
			got := read(t, path) // before Close: written means in the file
			if err := s.Close(context.Background()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCloseWithoutOpenAndAfterAFailedOpenDoesNoHarm(t *testing.T) {
	t.Parallel()
	s := newSink(config{Path: t.TempDir()}, jsonLines, component.Env{}, os.Stdout)
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if err := s.Open(context.Background(), pipeline.StreamMeta{}); err == nil {
		t.Error("a folder was opened as a file")
	}
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// smallDisk is a file on a disk with room for limit bytes.
type smallDisk struct {
	*os.File
	limit int
}

func (f *smallDisk) Write(p []byte) (int, error) {
	n, _ := f.File.Write(p[:min(f.limit, len(p))])
	f.limit -= n
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

func TestAFullDiskLeavesWholeLinesAndCountsThem(t *testing.T) {
	t.Parallel()
	all := detections(500)
	for _, room := range []int{0, 1, 4000, chunk, chunk + 1} {
		path := filepath.Join(t.TempDir(), "out.jsonl")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		s := &sink{form: jsonLines, path: path, out: &file{f: &smallDisk{f, room}}}
		var partial *pipeline.PartialWriteError
		if err := s.Write(context.Background(), all); !errors.As(err, &partial) || !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("room for %d bytes: got error %v", room, err)
		}
		if got := len(read(t, path)); got != partial.Written {
			t.Errorf("room for %d bytes: %d lines in the file, %d reported", room, got, partial.Written)
		}
		s.out.(*file).f.(*smallDisk).limit = math.MaxInt // someone made room
		if err := s.Write(context.Background(), all[partial.Written:]); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all, read(t, path), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("room for %d bytes, then more: %s", room, diff)
		}
		f.Close()
	}
}

func TestAPipeThatNobodyReadsHoldsNoCaller(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s := newSink(config{Path: dash}, jsonLines, component.Env{}, w)
	if err := s.Open(context.Background(), pipeline.StreamMeta{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	written := make(chan error)
	go func() { written <- s.Write(ctx, detections(2000)) }() // far beyond a pipe's buffer
	var first [1]byte
	if _, err := r.Read(first[:]); err != nil {
		t.Fatal(err)
	}
	cancel()
	err = <-written
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if err := s.Write(context.Background(), detections(1)); !errors.Is(err, errStalled) {
		t.Errorf("a write after a stalled one: got %v", err)
	}
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
	r.Close() // the reader goes away and with it the stuck write
	w.Close()
}

func TestStandardOutputStaysOpenForOthers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stdout")
	stdout, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer stdout.Close()
	for range 2 {
		s := newSink(config{Path: dash}, jsonLines, component.Env{}, stdout)
		if err := s.Open(context.Background(), pipeline.StreamMeta{}); err != nil {
			t.Fatal(err)
		}
		if err := s.Write(context.Background(), detections(3)); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(read(t, path)); got != 6 {
		t.Errorf("%d lines, want 6", got)
	}
}

func TestTheSinkKeepsItsContract(t *testing.T) {
	t.Parallel()
	pipelinetest.Sink(t, pipelinetest.SinkCase{New: func() (pipeline.Sink, error) {
		return newSink(config{Path: filepath.Join(t.TempDir(), "{name}.jsonl")}, jsonLines, component.Env{Name: "left"}, os.Stdout), nil
	}})
}

func TestTheDeclarationIsSound(t *testing.T) {
	t.Parallel()
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
	if err := (config{}).Validate(); err == nil {
		t.Error("an empty path is accepted")
	}
}

func TestTheSteadyStateAllocatesNothing(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "out.jsonl"), os.DevNull} {
		s := open(t, path)
		d := detections(100)
		write := func() {
			if err := s.Write(context.Background(), d); err != nil {
				t.Fatal(err)
			}
		}
		write() // grows the buffer
		if n := testing.AllocsPerRun(50, write); n != 0 {
			t.Errorf("%s: %v allocations per write of %d detections", path, n, len(d))
		}
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprintf("%d per write", n), func(b *testing.B) {
			s := newSink(config{Path: filepath.Join(b.TempDir(), "out.jsonl")}, jsonLines, component.Env{}, os.Stdout)
			if err := s.Open(context.Background(), pipeline.StreamMeta{}); err != nil {
				b.Fatal(err)
			}
			defer s.Close(context.Background())
			d := detections(n)
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Write(context.Background(), d); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "detections/s")
		})
	}
}

func TestAFileThatIsWhereItBelongsIsNotOpenedTwice(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.jsonl")
	s := open(t, path)
	for i := range 2 {
		if err := s.Write(t.Context(), detections(2)[i:i+1]); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(t.Context()); err != nil {
			t.Errorf("looked after: %v", err)
		}
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(read(t, path)); n != 2 {
		t.Errorf("%d lines, want 2", n)
	}
}
