package runner

import (
	"maps"
	"slices"
	"time"

	"ganglion/internal/redact"
	"ganglion/pipeline"
)

// Summary is the account so far. Any goroutine may call it at any time; each
// queue's part is exact for one instant.
func (r *Runner) Summary() Summary {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Summary{Name: r.p.Name, ConfigHash: r.p.ConfigHash}
	if !r.opened {
		s.Stopped = r.stopped
		return s
	}
	wall := r.elapsed
	if !r.over {
		wall = r.o.Now().Sub(r.started)
	}
	s.Run = r.runID
	s.Stream, s.Stopped = Stream(r.info), r.stopped
	s.WallS, s.SensorS = wall.Seconds(), float64(r.covered.End-r.covered.Start)/1e6
	s.Input = r.inputSummary()
	s.Encoder = Encoder{Events: r.encoded.events, Filtered: r.encoded.filtered, Spikes: r.encoded.spikes}
	s.Detections = Detections{Total: r.seq - r.origin.seq, Kinds: maps.Clone(r.kinds), LeftOut: r.leftOut.now - r.leftOut.before}
	if s.Detections.Total > 0 {
		last := r.last
		s.Last = &last
	}
	var weights, zeros uint64
	var spikes, cells float64
	for i := range r.layers {
		l := r.layerSummary(i)
		s.Layers = append(s.Layers, l)
		s.Footprint += l.Footprint
		weights, zeros = weights+r.layers[i].Weights, zeros+r.layers[i].ZeroWeights
		spikes, cells = spikes+float64(l.Spikes), cells+float64(float64(l.Neurons)*float64(r.steps(i)))
		s.SynOps += l.SynOps
		s.DenseSynOps += l.DenseSynOps
	}
	s.ConnectionSparsity, s.ActivationSparsity = share(float64(zeros), float64(weights)), 0
	if cells > 0 {
		s.ActivationSparsity = max(0, 1-spikes/cells)
	}
	for _, l := range r.learned {
		s.Learning = append(s.Learning, Learned(l))
	}
	for _, o := range r.outlets {
		flow := sinkFlow(o.Name, o.queue, &o.failures)
		if l, ok := o.Sink.Sink.(pipeline.Linked); ok {
			link := l.Link()
			flow.Link = &link
		}
		s.Sinks = append(s.Sinks, flow)
	}
	if e := r.letters; e != nil {
		flow := sinkFlow("errors", e.queue, &e.failures)
		s.Errors = &flow
	}
	s.Keep = r.keep.summary(r.waiting, r.sought)
	if s.WallS > 0 {
		s.EventsPerS = float64(s.Encoder.Events) / s.WallS
		s.RealTimeFactor = s.SensorS / s.WallS
		s.SynOpsPerS = float64(s.SynOps) / s.WallS
	}
	s.Energy = Energy{
		EventDrivenJ: float64(s.SynOps) * pipeline.AddPicojoules * 1e-12, DenseJ: float64(s.DenseSynOps) * pipeline.MACPicojoules * 1e-12,
		Source: "estimate: 0.9 pJ an accumulate, 4.6 pJ a dense MAC at 45 nm (Horowitz 2014), memory not counted",
	}
	s.Latency = r.latency.Summary()
	s.Checkpoints = r.saved
	if r.saver != nil && !r.over {
		age := r.o.Now().Sub(later(r.savedAt, r.started)).Seconds()
		s.Checkpoints.AgeS = &age
	}
	return s
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Name is the pipeline's name.
func (r *Runner) Name() string { return r.p.Name }

// Running reports whether everything is open and the run is not over yet.
func (r *Runner) Running() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.opened && !r.over
}

// Latencies returns how many batches took at most as long as each of the
// ascending bounds (exact to 3 %), how many there were, and the sum of all.
func (r *Runner) Latencies(bounds []time.Duration) (counts []uint64, total uint64, sum time.Duration) {
	return r.latency.Cumulative(bounds)
}

// Started is the wall time at which Run was called.
func (r *Runner) Started() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.started
}

func (r *Runner) inputSummary() Input {
	entries, weight := r.batches.accounts()
	in := Input{
		Unit: r.unit(), Queue: r.batches.info(), Batches: entries.flow(), Events: weight.flow(),
		Drops: weight.drops(), Damage: slices.Clone(r.damage), LeftOut: r.unread,
	}
	return in
}

// unit is what the stream is counted in.
func (r *Runner) unit() string {
	if r.info.Modality == pipeline.AudioStream {
		return "frames"
	}
	return "events"
}

func (r *Runner) layerSummary(i int) Layer {
	l, c := r.layers[i], r.activity[i]
	s := Layer{Name: l.Name, Neurons: l.Shape.Size(), Spikes: c.spikes, SynOps: c.synops, Updates: c.updates}
	s.Weights, s.Footprint = l.Weights, l.Bytes
	s.ConnectionSparsity = share(float64(l.ZeroWeights), float64(l.Weights))
	span, steps := r.covered.End-r.covered.Start, r.steps(i)
	s.DenseSynOps = l.Synapses * uint64(steps)
	if cells := float64(s.Neurons) * float64(steps); cells > 0 {
		s.RateHz = float64(c.spikes) / float64(s.Neurons) / (float64(span) / 1e6)
		s.Sparsity = max(0, 1-float64(c.spikes)/cells)
	}
	return s
}

// steps is how many time steps of a layer the run has covered.
func (r *Runner) steps(layer int) int64 {
	step := r.layers[layer].StepUS
	if step <= 0 {
		step = 1000
	}
	return (r.covered.End - r.covered.Start + step - 1) / step
}

func share(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}

// sinkFlow is the account of a sink, or of the keeper.
func sinkFlow[T any](name string, q *queue[T], failed *failures) SinkFlow {
	a, _ := q.accounts()
	f := a.flow()
	s := SinkFlow{Name: name, Queue: q.info(), In: f.In, Written: f.Out, Duplicates: a.duplicates, Dropped: f.Dropped, Queued: f.Queued,
		Drops: a.drops()}
	failed.mu.Lock()
	defer failed.mu.Unlock()
	s.Errors = failed.errors
	if failed.first != nil {
		s.FirstError = redact.Text(failed.first.Error())
	}
	return s
}

func (q *queue[T]) info() QueueInfo { return QueueInfo{Capacity: q.capacity, Policy: q.policy} }

func (a *account) flow() Flow {
	f := Flow{In: a.in, Out: a.out, Queued: a.queued}
	for _, n := range a.dropped {
		f.Dropped += n
	}
	return f
}

func (a *account) drops() (list []Drop) {
	for c, n := range a.dropped {
		if n > 0 {
			list = append(list, Drop{Cause: causeNames[c], Count: n})
		}
	}
	return list
}

// Summary are the quantiles.
func (h *Histogram) Summary() Latency {
	ms := func(d time.Duration) float64 { return milliseconds(d) }
	return Latency{
		Batches: h.count.Load(), P50MS: ms(h.quantile(.5)), P90MS: ms(h.quantile(.9)),
		P99MS: ms(h.quantile(.99)), MaxMS: ms(time.Duration(h.max.Load())),
	}
}
