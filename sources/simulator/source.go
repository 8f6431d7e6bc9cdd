package simulator

import (
	"context"
	"fmt"
	"io"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/pace"
)

// SourceConfig configures the simulator as a pipeline's source.
type SourceConfig struct {
	Scene    string        `key:"scene" doc:"What to simulate." enum:"disk,bar-0,bar-45,bar-90,bar-135,bar-180,bar-225,bar-270,bar-315,three,crossing,occlusion,small-fast,slow,low-contrast,looming,accelerate,flicker,camera,camera-object,hand,hand-object,bar,cross,shapes,noise"`
	Seed     uint64        `key:"seed" doc:"Varies noise, start, path, size and contrast."`
	Noise    float64       `key:"noise" doc:"Mean shot noise of a pixel; a leak rate that fits comes with it." unit:"Hz" min:"0" max:"1000"`
	Width    int           `key:"width" doc:"Sensor width." unit:"px" min:"16" max:"4096"`
	Height   int           `key:"height" doc:"Sensor height." unit:"px" min:"16" max:"4096"`
	Duration time.Duration `key:"duration" doc:"Length of the recording; 0 takes the scene's own." min:"0s"`
	Window   time.Duration `key:"window" doc:"Sensor time in one batch." min:"1ms" max:"1s"`
	Pace     string        `key:"pace" doc:"How fast the events come: max, realtime as from a camera, or a factor of real time such as 2x." example:"realtime"`
}

// Component declares the simulator as a source.
func Component() component.Spec {
	return component.Source("simulator", "simulated event camera with exact ground truth", SourceConfig{
		Scene: "disk", Noise: 5, Width: 320, Height: 240, Window: 10 * time.Millisecond, Pace: "max",
	}, newSource)
}

// eventSource cuts a simulation into batches.
type eventSource struct {
	config SourceConfig
	pace   *pace.Pacer

	simulator *Simulator
	frame     Frame // made, and not yet read from event used on
	used      int
	turned    int   // likewise, of the gyroscope's samples
	start     int64 // begin of the next batch, µs
	seq       uint64
}

func newSource(c SourceConfig, env component.Env) (pipeline.Source, error) {
	sim := c.simulation()
	if err := sim.Validate(); err != nil {
		return nil, err
	}
	if c.Window < time.Microsecond {
		return nil, fmt.Errorf("window %v is shorter than 1 µs", c.Window)
	}
	pacer, err := pace.New(c.Pace, env.Now)
	if err != nil {
		return nil, fmt.Errorf("pace: %w", err)
	}
	return &eventSource{config: c, pace: pacer}, nil
}

func (c *SourceConfig) simulation() Config {
	return Config{Scene: c.Scene, Seed: c.Seed, Noise: c.Noise, Width: c.Width, Height: c.Height, Duration: c.Duration}
}

func (s *eventSource) Open(context.Context) (pipeline.StreamInfo, error) {
	sim, err := New(s.config.simulation())
	if err != nil {
		return pipeline.StreamInfo{}, err
	}
	s.simulator = sim
	return s.info(), nil
}

func (s *eventSource) info() pipeline.StreamInfo {
	return pipeline.StreamInfo{
		Modality: pipeline.EventStream, Live: !s.pace.Max(),
		Content: "simulation", Width: s.config.Width, Height: s.config.Height,
	}
}

// Resume implements [pipeline.Resumable]: it makes and drops what lies before
// t.
func (s *eventSource) Resume(ctx context.Context, t int64) error {
	s.start = min(t, s.simulator.end)
	skipped := pipeline.Batch{Window: pipeline.Window{End: s.start}}
	for s.frame.End < s.start {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.simulator.Next(&s.frame); err != nil {
			return fmt.Errorf("simulation ends before %d µs: %w", s.start, err)
		}
	}
	return s.collect(&skipped) // of the last frame
}

// Read returns the next window that has events, when a camera that began with the
// first Read would have delivered it.
func (s *eventSource) Read(ctx context.Context, b *pipeline.Batch) error {
	if err := s.pace.Wait(ctx, s.start); err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.start >= s.simulator.end {
			return io.EOF
		}
		b.Window = pipeline.Window{Start: s.start, End: min(s.start+s.config.Window.Microseconds(), s.simulator.end)}
		if err := s.collect(b); err != nil {
			return err
		}
		s.start = b.End
		if len(b.Events) > 0 {
			b.Seq = s.seq
			s.seq++
			return s.pace.Wait(ctx, b.End)
		}
	}
}

// collect fills the batch with the events of its window.
func (s *eventSource) collect(b *pipeline.Batch) error {
	for {
		n := s.used
		for n < len(s.frame.Events) && s.frame.Events[n].T < b.End {
			n++
		}
		b.Events = append(b.Events, s.frame.Events[s.used:n]...)
		s.used = n
		for n = s.turned; n < len(s.frame.Gyro) && s.frame.Gyro[n].At < b.End; n++ {
		}
		b.Gyro = append(b.Gyro, s.frame.Gyro[s.turned:n]...)
		s.turned = n
		n = s.used
		if n < len(s.frame.Events) || s.frame.End >= b.End {
			return nil
		}
		s.used, s.turned = 0, 0
		if err := s.simulator.Next(&s.frame); err != nil {
			return fmt.Errorf("simulation ends before %d µs: %w", b.End, err)
		}
	}
}

func (s *eventSource) Close() error { return nil }

var (
	_ pipeline.Source    = (*eventSource)(nil)
	_ pipeline.Resumable = (*eventSource)(nil)
)

// Peek implements [pipeline.Peeked].
func (s *eventSource) Peek(context.Context) (pipeline.StreamInfo, bool, error) {
	return s.info(), true, nil
}
