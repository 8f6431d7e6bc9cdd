package scenes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"ganglion/cmd/labels"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/recording"
	"ganglion/sources/simulator"
)

// Take is one recording to be scored, loaded when its turn comes.
type Take struct {
	scene string // takes of one scene are one row of a table
	load  func(context.Context) (*footage, error)
}

// footage is a recording in memory with its truth.
type footage struct {
	info       pipeline.StreamInfo
	start, end int64 // µs; windows begin at start
	events     []pipeline.Event
	gyro       []pipeline.AngularRate
	truth      []pipeline.Truth
}

func (f *footage) length() time.Duration { return time.Duration(f.end) * time.Microsecond }

// simulatedTake is a take of the simulator.
func simulatedTake(c simulator.Config) Take {
	return Take{scene: c.Scene, load: func(context.Context) (*footage, error) {
		r, err := simulator.Record(c)
		if err != nil {
			return nil, fmt.Errorf("scene %q: %w", c.Scene, err)
		}
		return &footage{
			info: pipeline.StreamInfo{Modality: pipeline.EventStream, Width: r.Config.Width, Height: r.Config.Height},
			end:  r.Config.Duration.Microseconds(), events: r.Events, gyro: r.Gyro, truth: r.Truth,
		}, nil
	}}
}

// recordedTake is a take of a recording whose truth is beside it, in a file of the
// same name that ends with .jsonl. Its scene is the name without a number
// behind a last hyphen, which tells takes of one scene apart.
func recordedTake(path string, rate float64) Take {
	base := strings.TrimSuffix(path, filepath.Ext(path))
	scene := filepath.Base(base)
	if i := strings.LastIndexByte(scene, '-'); i > 0 && strings.Trim(scene[i+1:], "0123456789") == "" {
		scene = scene[:i]
	}
	return Take{scene: scene, load: func(ctx context.Context) (*footage, error) {
		truth, err := labels.ReadTruth(labels.Beside(path), rate)
		if err != nil {
			return nil, err
		}
		f, err := play(ctx, path)
		if err != nil {
			return nil, err
		}
		f.truth = truth
		return f, nil
	}}
}

// play reads a whole recording.
func play(ctx context.Context, path string) (*footage, error) {
	c := recording.Config{Path: path, Format: "auto", Outliers: "drop", Pace: "max", Window: simulator.FrameUS * time.Microsecond}
	source, err := recording.New(c, component.Env{Now: time.Now})
	if err != nil {
		return nil, err
	}
	defer source.Close()
	info, err := source.Open(ctx)
	if err != nil {
		return nil, err
	}
	f := &footage{info: info}
	var b pipeline.Batch
	for {
		b.Reset()
		if err := source.Read(ctx, &b); errors.Is(err, io.EOF) {
			return f, nil
		} else if err != nil {
			return nil, err
		}
		if len(f.events) == 0 {
			f.start = b.Start
		}
		f.events, f.gyro, f.end = append(f.events, b.Events...), append(f.gyro, b.Gyro...), b.End
	}
}

// replay is a source over a recording in memory.
type replay struct {
	footage *footage
	next    int   // event
	turn    int   // next sample of the gyroscope
	start   int64 // of the next window
}

func (s *replay) Open(context.Context) (pipeline.StreamInfo, error) {
	s.start = s.footage.start
	return s.footage.info, nil
}

func (s *replay) Read(ctx context.Context, b *pipeline.Batch) error {
	if s.start >= s.footage.end {
		return io.EOF
	}
	b.Window = pipeline.Window{Start: s.start, End: s.start + simulator.FrameUS}
	first := s.next
	for events := s.footage.events; s.next < len(events) && events[s.next].T < b.End; s.next++ {
	}
	b.Events = append(b.Events, s.footage.events[first:s.next]...)
	first = s.turn
	for gyro := s.footage.gyro; s.turn < len(gyro) && gyro[s.turn].At < b.End; s.turn++ {
	}
	b.Gyro = append(b.Gyro, s.footage.gyro[first:s.turn]...)
	s.start = b.End
	return ctx.Err()
}

func (s *replay) Close() error { return nil }

// keeper is a sink that keeps everything.
type keeper struct{ all []pipeline.Detection }

func (k *keeper) Open(context.Context, pipeline.StreamMeta) error { return nil }

func (k *keeper) Write(_ context.Context, d []pipeline.Detection) error {
	k.all = append(k.all, d...)
	return nil
}

func (k *keeper) Close(context.Context) error { return nil }
