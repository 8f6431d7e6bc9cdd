package cochlea

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
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
	g, err := NewCochleagram(Defaults(), pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: rate, Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	g.Hear(0, x)
	return g
}

// measure encodes and decodes all frames. It returns the neurons, the spikes
// and the root mean square error of the values.
func measure(t *testing.T, c code.Config, g *Cochleagram) (neurons, spikes int, rms float64) {
	t.Helper()
	n := len(g.Values[0])
	enc, err := code.New(c, n, g.Period)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := code.NewDecoder(c, n, g.Period)
	if err != nil {
		t.Fatal(err)
	}
	var s pipeline.Spikes
	got := make([]float32, n)
	var squares float64
	for k, want := range g.Values {
		s.Reset()
		enc.Append(g.Times[k], want, &s)
		spikes += s.Len()
		dec.Decode(g.Times[k], &s, got)
		for i := range want {
			squares += math.Pow(float64(got[i]-want[i]), 2)
		}
	}
	return enc.Channels() * n, spikes, math.Sqrt(squares / float64(n*len(g.Values)))
}

// TestTheTableOfCodesIsTrue measures every code on the same second of speech
// and holds the table of docs/encoders.md to it; -update writes the table.
func TestTheTableOfCodesIsTrue(t *testing.T) {
	const page, begin, end = "../../docs/encoders.md", "<!-- codes -->\n", "<!-- end -->"
	g := speech(t)
	var b strings.Builder
	b.WriteString("| code | neurons | spikes/s | spikes a value | RMS error | in dB |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, row := range codes {
		c := code.Defaults()
		if c.Type, _, _ = strings.Cut(row.name, ","); row.edit != nil {
			row.edit(&c)
		}
		neurons, spikes, rms := measure(t, c, g)
		values := float64(len(g.Values) * len(g.Values[0]))
		fmt.Fprintf(&b, "| %s | %d | %.0f | %.2f | %.4f | %.2f |\n", row.name, neurons, float64(spikes), float64(spikes)/values, rms, rms*Defaults().Mel.Range)
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
