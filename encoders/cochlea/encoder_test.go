package cochlea

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
	"ganglion/sources/audio"
)

// voice is seconds of something like speech: bursts of harmonics that glide,
// over noise, the same each time; the channels lie a little apart.
func voice(rate, channels int, seconds float64) []float32 {
	n := int(seconds * float64(rate))
	x := make([]float32, n*channels)
	seed := uint32(1)
	for i := range n {
		for c := range channels {
			t := float64(i)/float64(rate) - float64(c)*0.0003
			phase := 2*math.Pi*120*t - 30/1.3*math.Cos(2*math.Pi*1.3*t) // 90 to 150 Hz
			loud := max(0, math.Sin(2*math.Pi*2.1*t))
			var v float64
			for h := 1.0; h < 25; h++ {
				v += math.Sin(h*phase) / h
			}
			seed = seed*1664525 + 1013904223
			x[i*channels+c] = float32(0.1*loud*v + 0.001*float64(int32(seed))/(1<<31))
		}
	}
	return x
}

func sine(rate int, f, amplitude, delay, seconds float64) []float32 {
	x := make([]float32, int(seconds*float64(rate)))
	for i := range x {
		x[i] = float32(amplitude * math.Sin(2*math.Pi*f*(float64(i)/float64(rate)-delay)))
	}
	return x
}

func info(rate, channels int) pipeline.StreamInfo {
	return pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: rate, Channels: channels}
}

func build(t testing.TB, c Config, rate, channels int) *Encoder {
	t.Helper()
	e, err := New(c, info(rate, channels))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// encode encodes a whole stream in one batch.
func encode(t testing.TB, e *Encoder, rate int, x []float32) pipeline.Spikes {
	t.Helper()
	var s pipeline.Spikes
	b := pipeline.Batch{PCM: x, Window: pipeline.Window{End: int64(len(x)/e.channels)*1_000_000/int64(rate) + 1}}
	if _, err := e.Encode(&b, &s); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(e.Shape().Size()); err != nil {
		t.Fatal(err)
	}
	return s
}

func gammatoneConfig() Config {
	c := NewDefaultConfig()
	c.Front, c.Gammatone.Bands = "gammatone", 16
	return c
}

func TestComponentIsDeclaredWithoutFault(t *testing.T) {
	t.Parallel()
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
}

func TestTheEncoderKeepsItsContract(t *testing.T) {
	t.Parallel()
	cases := map[string]Config{"gammatone": gammatoneConfig()}
	for _, kind := range []string{"level", "gaussian", "rate", "poisson", "latency", "log_latency", "ttfs", "phase", "burst", "delta"} {
		c := NewDefaultConfig()
		c.Code.Type = kind
		cases["mel "+kind] = c
	}
	pcen := NewDefaultConfig()
	pcen.Mel.Gain, pcen.Mel.NoiseRise = "pcen", 0
	cases["mel pcen"] = pcen
	for name, c := range cases {
		for _, at := range [][2]int{{8000, 1}, {44100, 2}} {
			if at[0] == 44100 && name != "gammatone" && name != "mel latency" {
				continue // one of each front end is enough
			}
			t.Run(fmt.Sprintf("%s at %d Hz", name, at[0]), func(t *testing.T) {
				x := voice(at[0], at[1], 0.4)
				pipelinetest.Encoder(t, pipelinetest.EncoderCase{
					New:    func() (pipeline.Encoder, error) { return New(c, info(at[0], at[1])) },
					Window: pipeline.Window{End: 400_000}, PCM: x, SampleRate: at[0], Channels: at[1],
				})
			})
		}
	}
}

func TestShapesAreChannelsEarsBands(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*Encoder{
		"[4 40]":   build(t, NewDefaultConfig(), 8000, 1),
		"[4 2 40]": build(t, NewDefaultConfig(), 8000, 2),
		"[3 16]":   build(t, gammatoneConfig(), 8000, 1),
		"[3 2 16]": build(t, gammatoneConfig(), 8000, 2),
	} {
		if got := fmt.Sprint(e.Shape()); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestAGapStartsHearingAnew(t *testing.T) {
	t.Parallel()
	x := voice(8000, 1, 0.5)
	for _, c := range []Config{NewDefaultConfig(), gammatoneConfig()} {
		c.Mel.NoiseRise, c.Mel.Release = 0, 0 // leave nothing but what restarts
		c.Mel.Quietest = 0
		e := build(t, c, 8000, 1)
		var first, second pipeline.Spikes
		batch := func(at int, out *pipeline.Spikes) {
			b := pipeline.Batch{
				FrameIndex: int64(at), PCM: x,
				Window: pipeline.Window{Start: int64(at) * 125, End: int64(at+len(x)) * 125},
			}
			if _, err := e.Encode(&b, out); err != nil {
				t.Fatal(err)
			}
		}
		batch(0, &first)
		batch(80_000, &second)
		for i := range second.T {
			second.T[i] -= 10_000_000
		}
		if !cmp.Equal(first, second) {
			t.Errorf("%s: %d spikes, then %d", c.Front, first.Len(), second.Len())
		}
	}
}

func TestStreamsThatCannotBeHeardAreRefused(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		edit func(*Config)
		info pipeline.StreamInfo
	}{
		"carries events":                {nil, pipeline.StreamInfo{Modality: pipeline.EventStream}},
		"0 channels":                    {nil, info(8000, 0)},
		"above half the sample rate":    {func(c *Config) { c.Mel.High = 5000 }, info(8000, 1)},
		"not a whole number of samples": {nil, info(11025, 1)},
		"is not above low":              {func(c *Config) { c.Mel.Low = 4000 }, info(8000, 1)},
		"not below half the sample":     {func(c *Config) { c.Front = "gammatone" }, info(7000, 1)},
		"slot: 3ms does not divide":     {func(c *Config) { c.Code.Type, c.Code.Slot = "poisson", 3*time.Millisecond }, info(8000, 1)},
		"less than two samples":         {func(c *Config) { c.Mel.Window, c.Mel.High = time.Millisecond, 400 }, info(1000, 1)},
		"1000000 Hz":                    {nil, info(1_000_000, 1)},
	} {
		cfg := NewDefaultConfig()
		if c.edit != nil {
			c.edit(&cfg)
		}
		if _, err := New(cfg, c.info); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	e := build(t, NewDefaultConfig(), 8000, 2)
	if _, err := e.Encode(&pipeline.Batch{PCM: make([]float32, 3)}, &pipeline.Spikes{}); err == nil {
		t.Error("half a frame was heard")
	}
}

func TestSnapshotsThatWereNotWrittenAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{NewDefaultConfig(), gammatoneConfig()} {
		e := build(t, c, 8000, 1)
		encode(t, e, 8000, voice(8000, 1, 0.2))
		b, err := e.AppendState(nil)
		if err != nil {
			t.Fatal(err)
		}
		for n := range b {
			if err := build(t, c, 8000, 1).RestoreState(b[:n]); err == nil {
				t.Fatalf("%s: %d of %d bytes are accepted", c.Front, n, len(b))
			}
		}
		if err := build(t, c, 8000, 2).RestoreState(b); err == nil {
			t.Errorf("%s: a snapshot of one ear fits two", c.Front)
		}
	}
}

// FuzzRestore demands that a snapshot is refused, or heard on from.
func FuzzRestore(f *testing.F) {
	configs := []Config{NewDefaultConfig(), gammatoneConfig(), NewDefaultConfig()}
	configs[1].Gammatone.Bands = 2
	configs[2].Code.Type, configs[2].Mel.Bands, configs[2].Mel.Gain = "rate", 3, "pcen"
	for i, c := range configs {
		e := build(f, c, 8000, 1)
		encode(f, e, 8000, voice(8000, 1, 0.05))
		b, err := e.AppendState(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), b)
	}
	x := voice(8000, 1, 0.1)
	f.Fuzz(func(t *testing.T, i uint8, b []byte) {
		e := build(t, configs[int(i)%len(configs)], 8000, 1)
		if e.RestoreState(b) != nil {
			return
		}
		var s pipeline.Spikes
		start := e.next * 125
		if _, err := e.Encode(&pipeline.Batch{FrameIndex: e.next, PCM: x, Window: pipeline.Window{Start: start, End: start + 100_000}},
			&s); err != nil {
			t.Fatal(err)
		}
	})
}

// hearFile goes the whole way from a file, changed by edit, to spikes.
func hearFile(t *testing.T, c Config, path string, edit func(*audio.Config)) (got pipeline.Spikes) {
	t.Helper()
	a := *audio.Component().Defaults().(*audio.Config)
	a.Path, a.Rate = path, 8000
	edit(&a)
	s, err := audio.New(a, component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	si, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e := build(t, c, si.SampleRate, si.Channels)
	var b pipeline.Batch
	for {
		b.Reset()
		if err := s.Read(t.Context(), &b); errors.Is(err, io.EOF) {
			return got
		} else if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Encode(&b, &got); err != nil {
			t.Fatal(err)
		}
	}
}

// pipeIn makes a file standard input, through a pipe.
func pipeIn(t *testing.T, path string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	old, done := os.Stdin, make(chan error, 1)
	os.Stdin = r
	go func() { // ends once the pipe has taken all
		_, err := w.Write(data)
		done <- errors.Join(err, w.Close())
	}()
	t.Cleanup(func() {
		os.Stdin = old
		if err := errors.Join(<-done, r.Close()); err != nil {
			t.Error(err)
		}
	})
}

// TestFilePipeAndPaceGiveTheSameSpikes, in windows of any length.
func TestFilePipeAndPaceGiveTheSameSpikes(t *testing.T) {
	t.Parallel()
	path := writeWAV(t, 16000, voice(16000, 1, 0.5))
	for _, c := range []Config{NewDefaultConfig(), gammatoneConfig()} {
		want := hearFile(t, c, path, func(*audio.Config) {})
		for name, edit := range map[string]func(*audio.Config){
			"windows of 0.7 ms": func(a *audio.Config) { a.Window = 700 * time.Microsecond },
			"one window":        func(a *audio.Config) { a.Window = time.Second },
			"a pace":            func(a *audio.Config) { a.Pace = "20x" },
			"a pipe":            func(a *audio.Config) { pipeIn(t, path); a.Path = "-" },
		} {
			if got := hearFile(t, c, path, edit); !cmp.Equal(want, got) || want.Len() == 0 {
				t.Errorf("%s: %s gives %d spikes, want %d", c.Front, name, got.Len(), want.Len())
			}
		}
	}
}

func TestEncodingAllocatesNothing(t *testing.T) {
	for _, kind := range []string{"level", "rate", "latency", "gammatone"} {
		c := NewDefaultConfig()
		if kind == "gammatone" {
			c.Front = kind
		} else {
			c.Code.Type = kind
		}
		e := build(t, c, 8000, 1)
		x := voice(8000, 1, 4)
		var s pipeline.Spikes
		n := int64(0)
		window := func() {
			s.Reset()
			at := n % 400 * 80
			b := pipeline.Batch{FrameIndex: n * 80, PCM: x[at : at+80], Window: pipeline.Window{Start: n * 10_000, End: (n + 1) * 10_000}}
			if _, err := e.Encode(&b, &s); err != nil {
				t.Error(err)
			}
			n++
		}
		for range 800 {
			window()
		}
		if a := testing.AllocsPerRun(400, window); a != 0 {
			t.Errorf("%s: %v allocations a window", kind, a)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, front := range []string{"mel", "gammatone"} {
		for _, rate := range []int{8000, 16000} {
			b.Run(fmt.Sprintf("%s-%d", front, rate), func(b *testing.B) {
				c := NewDefaultConfig()
				c.Front = front
				e := build(b, c, rate, 1)
				x := voice(rate, 1, 1)
				hop := rate / 100
				var s pipeline.Spikes
				var n int64
				spikes := 0
				for b.Loop() {
					for i := range 100 {
						s.Reset()
						w := pipeline.Batch{FrameIndex: n * int64(hop), PCM: x[i*hop : (i+1)*hop], Window: pipeline.Window{Start: n * 10_000,
							End: (n + 1) * 10_000}}
						if _, err := e.Encode(&w, &s); err != nil {
							b.Fatal(err)
						}
						spikes += s.Len()
						n++
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
				b.ReportMetric(float64(spikes)/float64(b.N), "spikes/audio_s")
			})
		}
	}
}
