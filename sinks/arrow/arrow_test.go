package arrow

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
)

func TestMain(m *testing.M) {
	if os.Getenv(victimPath) != "" {
		victim()
		return
	}
	goleak.VerifyTestMain(m)
}

// detections returns n detections of all kinds with every field in use, and
// with unknowns; sensor time rises by 10 ms each.
func detections(n int) []pipeline.Detection {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	f := func() float32 {
		if r.IntN(8) == 0 {
			return float32(math.NaN())
		}
		return float32(r.NormFloat64() * 100)
	}
	labels := []string{"", "computer", "gate \"a\"", "größe", "not\xffUTF-8\xfe\xfd"}
	d := make([]pipeline.Detection, n)
	for i := range d {
		d[i] = pipeline.Detection{
			Stream: "left", SchemaVersion: pipeline.SchemaVersion, ConfigHash: "0123456789abcdef",
			Seq: uint64(i), Kind: pipeline.MotionUpdate, T: int64(i) * 10_000, EmitDelayUS: pipeline.NoDelay,
			Confidence: f(), Label: labels[r.IntN(len(labels))], Score: float32(math.NaN()),
		}
		if i%3 == 1 {
			d[i].EmitDelayUS = r.Int64N(5000) - 100
		}
		if i%5 == 4 {
			keyword := pipeline.UnknownDetection()
			keyword.Kind, keyword.Score = pipeline.Keyword, f()
			keyword.TStart, keyword.TEnd = d[i].T-900_000, d[i].T-100_000
			keyword.Stream, keyword.SchemaVersion, keyword.ConfigHash = d[i].Stream, d[i].SchemaVersion, d[i].ConfigHash
			keyword.Seq, keyword.T, keyword.EmitDelayUS = d[i].Seq, d[i].T, d[i].EmitDelayUS
			keyword.Confidence, keyword.Label = d[i].Confidence, d[i].Label
			d[i] = keyword
			continue
		}
		fillMotion(&d[i], r, f)
	}
	return d
}

func fillMotion(d *pipeline.Detection, r *rand.Rand, f func() float32) {
	d.TFirst, d.TLast, d.TrackID = d.T-r.Int64N(1e6), d.T-r.Int64N(1e4), r.Uint64()
	d.X0, d.Y0, d.X1, d.Y1, d.CX, d.CY = f(), f(), f(), f(), f(), f()
	d.VX, d.VY, d.DirectionDeg, d.SpeedPxS = f(), f(), f(), f()
	d.SpeedSource, d.State = pipeline.SpeedTrack, pipeline.Coasting
	d.NSpikes, d.NEvents, d.OnFraction = r.Uint32(), r.Uint32(), f()
	d.AgeUS, d.Misses = r.Int64(), uint16(r.Uint32())
}

// viaJSON is what the JSON lines of the detections say.
func viaJSON(t *testing.T, d []pipeline.Detection) []pipeline.Detection {
	t.Helper()
	out := make([]pipeline.Detection, len(d))
	for i := range d {
		if err := json.Unmarshal(d[i].AppendJSON(nil), &out[i]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func config(path string) Config {
	c := NewDefaultConfig()
	c.Path = path
	return c
}

func env() component.Env {
	return component.Env{Name: "left", Log: slog.New(slog.DiscardHandler)}
}

func open(t testing.TB, c Config) *Sink { return openRun(t, c, "") }

// openRun opens a sink for a run; detections of another one are of(run, ...).
func openRun(t testing.TB, c Config, run string) *Sink {
	t.Helper()
	s, err := New(c, env())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Open(context.Background(), pipeline.StreamMeta{Run: run}); err != nil {
		t.Fatal(err)
	}
	return s
}

// of makes detections those of a run.
func of(run string, d []pipeline.Detection) []pipeline.Detection {
	for i := range d {
		d[i].Run, d[i].TimeUnixUS = run, 1_700_000_000_000_000+d[i].T
	}
	return d
}

func write(t testing.TB, s *Sink, d []pipeline.Detection) {
	t.Helper()
	if err := s.Write(context.Background(), d); err != nil {
		t.Fatal(err)
	}
}

func closeSink(t testing.TB, s *Sink) {
	t.Helper()
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// read reads a complete file.
func read(t testing.TB, path string) []pipeline.Detection {
	t.Helper()
	d, err := ReadDetections(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func same(t testing.TB, got, want []pipeline.Detection) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

// encoded returns the bytes of a file with the detections.
func encoded(t testing.TB, d []pipeline.Detection, change func(*Config)) []byte {
	t.Helper()
	c := config(filepath.Join(t.TempDir(), "d.arrow"))
	change(&c)
	s := open(t, c)
	write(t, s, d)
	closeSink(t, s)
	b, err := os.ReadFile(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// variants are the forms that a file may have.
var variants = map[string]func(*Config){
	"a file":                     func(*Config) {},
	"a file with many batches":   func(c *Config) { c.BatchRows = 3 },
	"a stream":                   func(c *Config) { c.Format = formatStream },
	"a stream with many batches": func(c *Config) { c.Format, c.BatchRows = formatStream, 3 },
	"a file with LZ4":            func(c *Config) { c.Compression = lz4 },
	"a file with Zstandard":      func(c *Config) { c.Compression = zstd },
}

func TestRowsAreWhatTheJSONLinesSay(t *testing.T) {
	t.Parallel()
	for name, change := range variants {
		for _, n := range []int{0, 1, 8, 100} {
			t.Run(name, func(t *testing.T) {
				want := detections(n)
				got, err := decode(encoded(t, want, change))
				if err != nil {
					t.Fatal(err)
				}
				same(t, got, viaJSON(t, want))
			})
		}
	}
}

func TestTheSameRowsGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	d := detections(50)
	for name, change := range variants {
		if !bytes.Equal(encoded(t, d, change), encoded(t, d, change)) {
			t.Errorf("%s differs from its repetition", name)
		}
	}
}

func TestTheSinkKeepsItsContract(t *testing.T) {
	t.Parallel()
	for _, change := range variants {
		pipelinetest.Sink(t, pipelinetest.SinkCase{New: func() (pipeline.Sink, error) {
			c := config(filepath.Join(t.TempDir(), "d.arrow"))
			change(&c)
			return New(c, env())
		}})
	}
}

func TestTheDeclarationIsSound(t *testing.T) {
	t.Parallel()
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
	if err := (Config{}).Validate(); err == nil {
		t.Error("an empty path is accepted")
	}
}
