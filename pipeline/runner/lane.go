package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
)

// lane is what a stream goes through between its source and its sinks: encoder,
// network and readout, and who the run is.
type lane struct {
	p     Pipeline
	extra checkpoint.Identity // see [Options].Identity

	info    pipeline.StreamInfo
	enc     pipeline.Encoder
	net     pipeline.Network
	readout pipeline.Readout
	layers  []pipeline.Layer
	playOut playOut

	runID      string // the identity of the run
	repeatable bool   // what it detects can be replayed, under the same identity
}

// scratch is the memory of who drives a lane, reused for every batch.
type scratch struct {
	spikes     pipeline.Spikes
	activity   pipeline.Activity
	detections []pipeline.Detection
}

// build makes encoder, network and readout, each from the one before.
func (r *lane) build() (err error) {
	if r.enc, err = r.p.Encoder(r.info); err != nil {
		return err
	}
	if r.net, err = r.p.Network(r.enc.Shape()); err != nil {
		return err
	}
	r.layers = r.net.Layers()
	if r.readout, err = r.p.Readout(r.info, r.layers); err != nil {
		return errors.Join(err, r.net.Close())
	}
	if v, ok := r.enc.(pipeline.Viewed); ok {
		if p, ok := r.readout.(pipeline.Placed); ok {
			p.Place(v.View())
		}
	}
	r.playOut = r.newPlayOut()
	return nil
}

func (r *lane) newScratch() (s *scratch) {
	s = new(scratch)
	s.activity.Layers = make([]pipeline.LayerActivity, len(r.layers))
	s.activity.Input = &s.spikes
	return s
}

// advance runs a window through encoder and network.
func (r *lane) advance(ctx context.Context, s *scratch, b *pipeline.Batch) (filtered int, err error) {
	s.spikes.Reset()
	if filtered, err = r.enc.Encode(b, &s.spikes); err != nil {
		return 0, fmt.Errorf("encoder: batch %d at %d µs: %w", b.Seq, b.Start, err)
	}
	s.activity.Window, s.activity.Gyro = b.Window, b.Gyro
	for i := range s.activity.Layers {
		l := &s.activity.Layers[i]
		l.Spikes.Reset()
		l.SynOps, l.Updates = 0, 0
	}
	if err := r.net.Step(ctx, b.Window, &s.spikes, &s.activity); err != nil {
		return 0, fmt.Errorf("network: batch %d at %d µs: %w", b.Seq, b.Start, err)
	}
	return filtered, nil
}

// name fills in whose detection it is.
func (r *lane) name(d *pipeline.Detection, run string, seq uint64) {
	d.Stream, d.ConfigHash, d.SchemaVersion = r.p.Name, r.p.ConfigHash, pipeline.SchemaVersion
	d.Run, d.Seq = run, seq
}

// time fills in what the wall clock has to do with a detection.
func (r *lane) time(d *pipeline.Detection, now time.Time, delay *delayClock) {
	d.EmitDelayUS, d.TimeUnixUS = pipeline.NoDelay, pipeline.NoTime
	if r.info.Live {
		d.EmitDelayUS = delay.of(now, d.T)
		d.TimeUnixUS = now.UnixMicro() - d.EmitDelayUS
	}
	if r.info.Dated {
		d.TimeUnixUS = d.T + r.info.UnixUS
	}
}

// parts are the components with state.
func (r *lane) parts() (parts []checkpoint.Part) {
	for _, p := range []struct {
		name      string
		component any
	}{{"encoder", r.enc}, {"network", r.net}, {"readout", r.readout}} {
		if s, ok := p.component.(pipeline.Stateful); ok {
			parts = append(parts, checkpoint.Part{Name: p.name, Component: s})
		}
	}
	return parts
}
