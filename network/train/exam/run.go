package exam

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline"
)

// Config describes how samples are run.
type Config struct {
	Workers  int              // samples at a time, at least 1
	Now      func() time.Time // a clock, for how long samples take
	Progress func(done, total int)
}

// Labels reports which output each label of samples is. names lists the outputs'
// labels in order; without any, those that the network states, if they are of
// these samples; without any, labels that are whole numbers count the outputs,
// from 1 on in the layout of DVS128 Gesture and where the greatest is their
// number, else from 0 on, and others stand in the order of their names.
func Labels(samples []Sample, names, stated []string, outputs int) ([]string, error) {
	var found []string
	for _, s := range samples {
		found = append(found, s.Label)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if absent := func(label string) bool { return !slices.Contains(stated, label) }; len(names) == 0 && !slices.ContainsFunc(found, absent) {
		names = stated
	}
	if len(names) == 0 {
		names = found
		gestures := slices.ContainsFunc(samples, func(s Sample) bool { return s.To > 0 })
		if first, last, whole := numbers(found); whole && first >= 0 {
			from := 0
			if first > 0 && (gestures || last == outputs) {
				from = 1
			}
			if last-from < outputs {
				names = nil
				for i := range outputs {
					names = append(names, strconv.Itoa(i+from))
				}
			}
		}
	}
	if len(names) > outputs {
		return nil, fmt.Errorf("%d labels (%q) for %d outputs", len(names), names, outputs)
	}
	for _, label := range found {
		if !slices.Contains(names, label) {
			return nil, fmt.Errorf("no output stands for the label %q; there are %q", label, names)
		}
	}
	names = slices.Clone(names)
	for i := len(names); i < outputs; i++ {
		names = append(names, "output "+strconv.Itoa(i))
	}
	return names, nil
}

// numbers reports whether labels are whole numbers, and which are the least and
// the greatest.
func numbers(labels []string) (first, last int, whole bool) {
	for i, l := range labels {
		v, err := strconv.Atoi(l)
		if err != nil || strconv.Itoa(v) != l {
			return 0, 0, false
		}
		if i == 0 || v < first {
			first = v
		}
		last = max(last, v)
	}
	return first, last, len(labels) > 0
}

// Run takes samples through a network. read gives the events of a camera
// recording; names are the labels of the outputs, which [Labels] gives. An
// error is one of the network, or of the context.
func Run(ctx context.Context, l *nirnet.Lowered, samples []Sample, names []string, read func(path string) ([]pipeline.Event, error),
	c Config) (*Report, error) {
	if c.Workers < 1 || c.Now == nil {
		return nil, errors.New("exam: no workers, or no clock")
	}
	outcomes := make([]outcome, len(samples))
	next, finished := make(chan int), make(chan int, len(samples))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { // hands the samples out
		defer close(next)
		for i := range samples {
			select {
			case next <- i:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	begin := c.Now()
	for range c.Workers {
		group.Go(func() error { return work(ctx, l, samples, outcomes, read, c.Now, next, finished) })
	}
	if c.Progress != nil {
		group.Go(func() error { // tells how far it is
			for done := range len(samples) {
				select {
				case <-finished:
					c.Progress(done+1, len(samples))
				case <-ctx.Done():
					return nil
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	r := &Report{Profile: l.Profile.Name, DT: l.Profile.DT, Labels: names, Workers: c.Workers, WallS: c.Now().Sub(begin).Seconds()}
	r.Confusion = make([][]int, len(names))
	for i := range r.Confusion {
		r.Confusion[i] = make([]int, len(names)+1)
	}
	r.add(samples, outcomes)
	r.close()
	return r, nil
}

// outcome is how one sample went.
type outcome struct {
	result  *nirnet.Result
	outside int
	took    time.Duration
	err     error
}

// work is one worker: a network of its own that runs sample after sample.
func work(ctx context.Context, l *nirnet.Lowered, samples []Sample, outcomes []outcome, read func(string) ([]pipeline.Event, error),
	now func() time.Time, next <-chan int, finished chan<- int) (err error) {
	runner, err := nirnet.NewRunner(l, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, runner.Close()) }()
	cache := recordings{read: read}
	for i := range next {
		o := &outcomes[i]
		in, steps, outside, err := cache.spikes(l, samples[i])
		if o.outside, o.err = outside, err; err == nil {
			begin := now()
			o.result, _, o.err = runner.Run(ctx, in, 0, steps)
			o.took = now().Sub(begin)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		finished <- i
	}
	return nil
}

// recordings keeps the recording that was read last: neighbouring samples are
// often parts of one.
type recordings struct {
	read   func(path string) ([]pipeline.Event, error)
	path   string
	events []pipeline.Event
	data   *nir.Data
	matrix *pipeline.Spikes // of a NumPy array, with its steps
	steps  int
}

// matrix reads a NumPy array of steps x neurons; nil where a file is none that
// fits the network, with the reason where it is an array of numbers.
func matrix(l *nirnet.Lowered, path string) (*pipeline.Spikes, int, error) {
	if !nirnet.HoldsMatrix(path) {
		return nil, 0, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	return nirnet.ReadNPY(bufio.NewReader(f), l.Spec.Input, l.Step.Microseconds())
}

// spikes are a sample's input.
func (r *recordings) spikes(l *nirnet.Lowered, s Sample) (in *pipeline.Spikes, steps, outside int, err error) {
	if r.path != s.Path {
		*r = recordings{read: r.read}
		if isData(s.Path) {
			r.data, err = nir.ReadDataFile(s.Path)
		} else if r.matrix, r.steps, err = matrix(l, s.Path); r.matrix == nil {
			whole := err
			if r.events, err = r.read(s.Path); err != nil && whole != nil {
				err = whole
			}
		}
		if err != nil {
			return nil, 0, 0, err
		}
		r.path = s.Path
	}
	if r.matrix != nil {
		return r.matrix, r.steps, 0, nil
	}
	if r.data != nil {
		in, steps, err = nirnet.Replay(r.data, s.Index, l.Spec.Input, l.Step.Microseconds())
		return in, steps, 0, err
	}
	events := r.events
	if s.To > 0 {
		events = slices.DeleteFunc(slices.Clone(events), func(e pipeline.Event) bool { return e.T < s.From || e.T >= s.To })
	}
	return nirnet.Bin(events, l.Spec.Input, l.Step.Microseconds(), l.Tick())
}

// add counts outcomes, in the order of the samples.
func (r *Report) add(samples []Sample, outcomes []outcome) {
	slots, active := 0., 0.
	for i, o := range outcomes {
		r.Outside += o.outside
		if o.err != nil {
			r.Failed = append(r.Failed, Failure{samples[i].Path, o.err.Error()})
			continue
		}
		x, decision := o.result, len(r.Labels)
		if x.Class != nil {
			decision = *x.Class
		}
		r.Confusion[slices.Index(r.Labels, samples[i].Label)][decision]++
		r.Steps, r.InputSpikes, r.SynOps, r.DenseSynOps = r.Steps+x.Steps, r.InputSpikes+x.InputSpikes, r.SynOps+x.SynOps,
			r.DenseSynOps+x.DenseSynOps
		r.EnergyJ, r.DenseEnergyJ, r.ConnectionSparsity = r.EnergyJ+x.EnergyJ, r.DenseEnergyJ+x.DenseEnergyJ, x.ConnectionSparsity
		r.NetS += o.took.Seconds()
		for k, layer := range x.Layers {
			if len(r.Layers) <= k {
				r.Layers = append(r.Layers, Layer{Name: layer.Name, Neurons: layer.Neurons})
			}
			n := float64(layer.Neurons * x.Steps)
			slots, active = slots+n, active+float64(n*(1-layer.Sparsity))
			r.Layers[k].Spikes += uint64(layer.Spikes)
			r.Layers[k].SynOps += layer.SynOps
			r.Layers[k].Sparsity += float64(n * layer.Sparsity)
		}
	}
	for k := range r.Layers {
		r.Layers[k].Sparsity /= float64(max(r.Layers[k].Neurons*r.Steps, 1))
	}
	if slots > 0 {
		r.ActivationSparsity = 1 - active/slots
	}
}
