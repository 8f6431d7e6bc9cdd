package analog

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/encoders/code"
	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
)

// sensors are slow sines at 100 Hz, one a channel.
func sensors(channels, seconds int) []float32 {
	x := make([]float32, 100*seconds*channels)
	for i := range x {
		x[i] = float32(math.Sin(2 * math.Pi * float64(i/channels) / 100 * 0.7 * float64(1+i%channels)))
	}
	return x
}

func info(rate, channels int) pipeline.StreamInfo {
	return pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: rate, Channels: channels}
}

func build(t testing.TB, c Config, rate, channels int) *Encoder {
	t.Helper()
	e, err := newEncoder(c, info(rate, channels))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// codes are all codes, with what a period of 10 ms needs.
func codes() []Config {
	var all []Config
	for _, kind := range []string{"level", "gaussian", "rate", "poisson", "latency", "log_latency", "ttfs", "phase", "burst", "delta"} {
		c := newDefaultConfig()
		c.Code.Type = kind
		all = append(all, c)
	}
	return all
}

func TestEveryCodeKeepsTheContract(t *testing.T) {
	t.Parallel()
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
	for _, c := range codes() {
		for _, period := range []time.Duration{0, 50 * time.Millisecond} {
			c.Period = period
			t.Run(fmt.Sprintf("%s every %v", c.Code.Type, period), func(t *testing.T) {
				pipelinetest.Encoder(t, pipelinetest.EncoderCase{
					New:    func() (pipeline.Encoder, error) { return newEncoder(c, info(100, 3)) },
					Window: pipeline.Window{End: 4_000_000}, PCM: sensors(3, 4), SampleRate: 100, Channels: 3,
				})
			})
		}
	}
}

// TestValuesAreTheMeansOfTheirPeriods decodes what was encoded.
func TestValuesAreTheMeansOfTheirPeriods(t *testing.T) {
	t.Parallel()
	for _, take := range []string{"mean", "last"} {
		c := newDefaultConfig()
		c.Code.Type, c.Period, c.Take, c.Low, c.High = "latency", 50*time.Millisecond, take, -2, 2
		e := build(t, c, 100, 2)
		x := sensors(2, 2)
		dec, err := code.NewDecoder(c.Code, 2, 50_000)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, 2)
		for k := 0; k+1 < 40; k++ { // the next period holds the spikes of this one
			from, to := int64(k)*5, int64(k+1)*5
			b := pipeline.Batch{Window: pipeline.Window{Start: from * 10_000, End: to * 10_000}, FrameIndex: from, PCM: x[2*from : 2*to]}
			var s pipeline.Spikes
			if _, err := e.Encode(&b, &s); err != nil {
				t.Fatal(err)
			}
			t0 := (to - 1) * 10_000
			all := e.pending.Train
			for i, at := range s.T {
				if at >= t0 {
					all = join(s, i, all)
					break
				}
			}
			dec.Decode(t0, &all, got)
			for v := range 2 {
				want := 0.0
				for n := from; n < to; n++ {
					if want += float64(x[2*n+int64(v)]) / 5; take == "last" {
						want = float64(x[2*n+int64(v)])
					}
				}
				if want = (want + 2) / 4; math.Abs(float64(got[v])-want) > 1e-4 {
					t.Fatalf("%s of period %d, value %d: %g, want %g", take, k, v, got[v], want)
				}
			}
		}
	}
}

// join is the runs of a from i on, and b.
func join(a pipeline.Spikes, i int, b pipeline.Spikes) (out pipeline.Spikes) {
	for ; i < len(a.T); i++ {
		for _, id := range a.Run(i) {
			out.Append(a.T[i], id)
		}
	}
	for i, t := range b.T {
		for _, id := range b.Run(i) {
			out.Append(t, id)
		}
	}
	return out
}

func TestAPeriodWithAGapIsLeftOut(t *testing.T) {
	t.Parallel()
	c := newDefaultConfig()
	c.Code.Size, c.Period = 1, 40*time.Millisecond
	e := build(t, c, 100, 1)
	var s pipeline.Spikes
	feed := func(first int64, n int) {
		b := pipeline.Batch{Window: pipeline.Window{End: (first + int64(n)) * 10_000}, FrameIndex: first, PCM: make([]float32, n)}
		for i := range b.PCM {
			b.PCM[i] = 1
		}
		if _, err := e.Encode(&b, &s); err != nil {
			t.Fatal(err)
		}
	}
	feed(0, 6)   // one whole period and a half
	feed(10, 10) // the rest of a period, and two
	if diff := cmp.Diff([]int64{30_000, 150_000, 190_000}, s.T); diff != "" {
		t.Error(diff)
	}
}

func TestWrongUseIsNamed(t *testing.T) {
	t.Parallel()
	for want, edit := range map[string]func(*Config){
		"high: 0 is not above low, 0":                              func(c *Config) { c.Low, c.High = 0, 0 },
		"period: 15ms is not a whole number of samples at 100 Hz":  func(c *Config) { c.Period = 15 * time.Millisecond },
		"period: 1.5µs is not a whole number of microseconds":      func(c *Config) { c.Period = 1500 },
		"code gaussian: size: 2 receptive fields, 3 at least":      func(c *Config) { c.Code.Type, c.Code.Size = "gaussian", 2 },
		"code log_latency: floor: 0 would let every value fire at": func(c *Config) { c.Code.Type, c.Code.Floor = "log_latency", 0 },
	} {
		c := newDefaultConfig()
		edit(&c)
		if _, err := newEncoder(c, info(100, 1)); err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := newEncoder(newDefaultConfig(), pipeline.StreamInfo{Modality: pipeline.EventStream}); err == nil {
		t.Error("events are accepted")
	}
	e := build(t, newDefaultConfig(), 100, 2)
	if _, err := e.Encode(&pipeline.Batch{PCM: make([]float32, 3)}, new(pipeline.Spikes)); err == nil {
		t.Error("half a frame is accepted")
	}
}

func TestTheSteadyStateAllocatesNothing(t *testing.T) {
	for _, c := range codes() {
		e := build(t, c, 100, 4)
		b := pipeline.Batch{PCM: sensors(4, 1)}
		var s pipeline.Spikes
		encode := func() {
			s.Reset()
			b.Start = b.FrameIndex * 10_000
			b.End = b.Start + 1_000_000
			if _, err := e.Encode(&b, &s); err != nil {
				t.Fatal(err)
			}
			b.FrameIndex += 100
		}
		for range 3 {
			encode()
		}
		if n := testing.AllocsPerRun(10, encode); n != 0 {
			t.Errorf("%s: %v allocations a second", c.Code.Type, n)
		}
	}
}
