package cochlea

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ganglion/encoders/code"
	"ganglion/pipeline"
	"ganglion/sources/audio"
)

var update = flag.Bool("update", false, "rewrite the table of docs/encoders.md")

// codes are the rows of the table in docs/encoders.md: each code with its
// defaults, and what docs compare it with.
var codes = []struct {
	name string
	edit func(*code.Config)
}{
	{"level", nil},
	{"level, size 16", func(c *code.Config) { c.Type, c.Size = "level", 16 }},
	{"gaussian", func(c *code.Config) { c.Size = 8 }},
	{"rate", nil},
	{"rate, 500 Hz", func(c *code.Config) { c.Type, c.Rate = "rate", 500 }},
	{"poisson", nil},
	{"poisson, 500 Hz", func(c *code.Config) { c.Type, c.Rate = "poisson", 500 }},
	{"latency", nil},
	{"log_latency", nil},
	{"ttfs", nil},
	{"phase", nil},
	{"burst", nil},
	{"delta", nil},
}

// speech is the values of the mel front end for the shipped second of speech.
func speech(t *testing.T) *Cochleagram {
	t.Helper()
	x, rate, damage, err := audio.Load(t.Context(), filepath.Join("..", "..", "testdata", "speech.wav"), 0)
	if err != nil || len(damage) > 0 {
		t.Fatal(err, damage)
	}
	g, err := NewCochleagram(NewDefaultConfig(), pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: rate, Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	g.Hear(0, x)
	return g
}

// measured is what a code does with a sound.
type measured struct {
	neurons, spikes int
	rms             float64 // root mean square error of the values
	clocked         float64 // the same with spikes on a clock of 1 ms
}

// measure encodes and decodes all frames.
func measure(t *testing.T, c code.Config, g *Cochleagram) (m measured) {
	t.Helper()
	n := len(g.Values[0])
	enc, err := code.New(c, n, g.Period)
	if err != nil {
		t.Fatal(err)
	}
	exact, clocked := decoder(t, c, g), decoder(t, c, g)
	var s pipeline.Spikes
	for k, want := range g.Values {
		s.Reset()
		enc.Append(g.Times[k], want, &s)
		m.spikes += s.Len()
		m.rms += exact(k, &s)
		m.clocked += clocked(k, onClock(&s, g.Times[k]))
	}
	values := float64(n * len(g.Values))
	m.neurons, m.rms, m.clocked = enc.Channels()*n, math.Sqrt(m.rms/values), math.Sqrt(m.clocked/values)
	return m
}

// decoder returns a function that decodes frame k and returns the sum of the
// squared errors.
func decoder(t *testing.T, c code.Config, g *Cochleagram) func(k int, s *pipeline.Spikes) float64 {
	t.Helper()
	n := len(g.Values[0])
	dec, err := code.NewDecoder(c, n, g.Period)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, n)
	return func(k int, s *pipeline.Spikes) (sum float64) {
		dec.Decode(g.Times[k], s, got)
		for i, want := range g.Values[k] {
			sum += math.Pow(float64(got[i]-want), 2)
		}
		return sum
	}
}

// onClock moves the spikes of the frame at t to the middle of their millisecond.
func onClock(s *pipeline.Spikes, t int64) *pipeline.Spikes {
	var keys []int64
	for i, at := range s.T {
		for _, id := range s.Run(i) {
			keys = append(keys, ((at-t)/1000*1000+500)<<32|int64(id))
		}
	}
	slices.Sort(keys)
	out := new(pipeline.Spikes)
	for _, k := range keys {
		out.Append(t+(k>>32), uint32(k))
	}
	return out
}

// TestTheTableOfCodesIsTrue measures every code on the same second of speech
// and holds the table of docs/encoders.md to it; -update writes the table.
func TestTheTableOfCodesIsTrue(t *testing.T) {
	t.Parallel()
	const page, begin, end = "../../docs/encoders.md", "<!-- codes -->\n", "<!-- end -->"
	g := speech(t)
	var b strings.Builder
	b.WriteString("| code | neurons | spikes/s | spikes a value | RMS error | in dB | RMS error, 1 ms clock |\n| --- | --- | --- | --- " +
		"| --- | --- | --- |\n")
	for _, row := range codes {
		c := code.NewDefaultConfig()
		if c.Type, _, _ = strings.Cut(row.name, ","); row.edit != nil {
			row.edit(&c)
		}
		m := measure(t, c, g)
		values, decibels := float64(len(g.Values)*len(g.Values[0])), NewDefaultConfig().Mel.Range
		fmt.Fprintf(&b, "| %s | %d | %d | %.2f | %.5f | %.2f | %.4f |\n", row.name, m.neurons, m.spikes, float64(m.spikes)/values, m.rms,
			m.rms*decibels, m.clocked)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	table, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no table of codes", page)
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+begin+b.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != b.String() {
		t.Errorf("%s says\n%s\nmeasured (go test ./encoders/cochlea -run Table -update writes it):\n%s", page, table, b.String())
	}
}
