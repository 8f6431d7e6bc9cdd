package bptt

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"ganglion/internal/asm"
	"ganglion/internal/random"
	"ganglion/pipeline"
)

// Trainer is a network that learns. It is used from one goroutine, and uses
// several itself.
type Trainer struct {
	c      Config
	p      *params[float32]
	adam   adam
	norms  []norm[float32] // by hidden layer, then by convolution
	epochs int             // done
	last   Progress        // of the epoch before
	grads  []*params[float32]
	idle   []*worker
}

// norm is what batch norm saw on average.
type norm[F real] struct {
	mean, variance []F
	weight         F // 1 minus what is left of the start
}

// normMemory is what a norm keeps of itself in a batch.
const normMemory = .95

// New makes a network that has learned nothing.
func New(c Config) (*Trainer, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("bptt: %w", err)
	}
	t := &Trainer{c: c, p: newParams[float32](c)}
	t.p.start(c)
	t.adam = newAdam(len(t.p.flat))
	for range c.Batch / c.Part {
		t.grads = append(t.grads, newParams[float32](c))
	}
	for _, n := range c.Hidden {
		t.norms = append(t.norms, norm[float32]{mean: make([]float32, n), variance: make([]float32, n)})
	}
	for _, l := range c.Convolutions {
		t.norms = append(t.norms, norm[float32]{mean: make([]float32, l.Channels), variance: make([]float32, l.Channels)})
	}
	return t, nil
}

// Epochs is the number of epochs done.
func (t *Trainer) Epochs() int { return t.epochs }

// Last is how the last epoch done went.
func (t *Trainer) Last() Progress { return t.last }

// Progress is how far an epoch has come.
type Progress struct {
	Epoch, Epochs int     // this one, from 0, and all
	Done, Total   int     // examples of this one
	Loss          float64 // mean over the examples done
	Accuracy      float64 // of them
}

// Fraction is how much of all epochs is done.
func (p Progress) Fraction() float64 {
	return (float64(p.Epoch) + float64(p.Done)/float64(p.Total)) / float64(p.Epochs)
}

// Epoch learns from every example once, in random order, and says how each
// went. progress may be nil; it is called after each batch. After an error the
// trainer is to be dropped.
func (t *Trainer) Epoch(ctx context.Context, task Task, progress func(Progress)) ([]Outcome, error) {
	n := task.Len()
	if n < 1 {
		return nil, errors.New("bptt: no examples")
	}
	for i := range t.p.layers {
		t.p.layers[i].settled = t.settled()
	}
	order := make([]int, n)
	random.New(t.c.Seed).With(forOrder, uint64(t.epochs)).Shuffle(order)
	outcomes := make([]Outcome, n)
	now := Progress{Epoch: t.epochs, Epochs: t.c.Epochs, Total: n}
	var loss float64
	right := 0
	for at := 0; at < n; at += t.c.Batch {
		if err := t.batch(ctx, task, order, at, outcomes); err != nil {
			return nil, fmt.Errorf("bptt: %w", err)
		}
		for ; now.Done < min(at+t.c.Batch, n); now.Done++ {
			o := outcomes[order[now.Done]]
			loss += o.Loss
			if o.Right {
				right++
			}
		}
		now.Loss, now.Accuracy = loss/float64(now.Done), float64(right)/float64(now.Done)
		if progress != nil {
			progress(now)
		}
	}
	t.epochs, t.last = t.epochs+1, now
	return outcomes, nil
}

// batch learns from the examples order[at:], as many as a batch has, from the
// start of the order again where it ends.
func (t *Trainer) batch(ctx context.Context, task Task, order []int, at int, outcomes []Outcome) error {
	parts := min(len(t.grads), (len(order)-at+t.c.Part-1)/t.c.Part)
	workers := min(parts, runtime.GOMAXPROCS(0))
	for len(t.idle) < workers {
		t.idle = append(t.idle, newWorker(t.c, t.p))
	}
	var next atomic.Int64
	stats := make([][]norm[float32], parts)
	done := make([][]Outcome, parts)
	group, ctx := errgroup.WithContext(ctx)
	for _, w := range t.idle[:workers] {
		group.Go(func() error { // ends when no part is left
			w.pass.prepare()
			for {
				k := int(next.Add(1)) - 1
				if k >= parts || ctx.Err() != nil {
					return ctx.Err()
				}
				w.examples = w.examples[:0]
				for i := range t.c.Part {
					w.examples = append(w.examples, order[(at+k*t.c.Part+i)%len(order)])
				}
				var err error
				if stats[k], done[k], err = w.learn(task, t.epochs, t.grads[k]); err != nil {
					return err
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for k := range parts {
		for i, o := range done[k] {
			if j := at + k*t.c.Part + i; j < len(order) {
				outcomes[order[j]] = o
			}
		}
	}
	t.follow(stats)
	t.descend(parts, (float64(t.epochs)+float64(at)/float64(len(order)))/float64(t.c.Epochs))
	return nil
}

// settled reports whether delays are whole steps by now and stay.
func (t *Trainer) settled() bool { return float64(t.epochs) >= t.c.Settle*float64(t.c.Epochs) }

// descend moves the parameters against the mean gradient of the parts, summed
// in their order.
func (t *Trainer) descend(parts int, done float64) {
	learned := len(t.p.flat)
	if t.settled() {
		learned = t.p.delays
	}
	sum := t.grads[0].flat[:learned]
	for _, g := range t.grads[1:parts] {
		asm.AddScaled(sum, g.flat, 1)
	}
	for i := range sum {
		sum[i] /= float32(parts * t.c.Part)
	}
	clip(sum, t.c.Clip)
	t.adam.step(t.p.flat[:learned], sum, t.p.decay, cycle(t.c.Rate, done), t.c.Shrink)
}

// follow takes the statistics of the parts, in their order, into the averages.
func (t *Trainer) follow(parts [][]norm[float32]) {
	for l := range t.norms {
		n := &t.norms[l]
		n.weight = float32(normMemory*n.weight) + (1 - normMemory)
		for i := range n.mean {
			var mean, variance float32
			for _, p := range parts {
				mean += p[l].mean[i]
				variance += p[l].variance[i]
			}
			of := float32(len(parts))
			n.mean[i] = float32(normMemory*n.mean[i]) + float32((1-normMemory)*mean/of)
			n.variance[i] = float32(normMemory*n.variance[i]) + float32((1-normMemory)*variance/of)
		}
	}
}

// worker is the memory of one goroutine.
type worker struct {
	pass     *pass[float32]
	examples []int
	spikes   pipeline.Spikes
}

func newWorker(c Config, p *params[float32]) *worker { return &worker{pass: newPass(c, p)} }

// learn computes the gradient over the worker's examples, the statistics of
// batch norm and how each example went.
func (w *worker) learn(task Task, epoch int, d *params[float32]) ([]norm[float32], []Outcome, error) {
	s := w.pass
	s.in.reset()
	for b, i := range w.examples {
		w.spikes.Reset()
		first := len(s.in.ids)
		err := task.Sample(epoch, i, &w.spikes)
		if err == nil {
			err = s.in.append(&w.spikes, s.c.Steps, s.c.Step.Microseconds())
		}
		if len(s.convs) > 0 {
			s.convs[0].shape.in.channelsLast(s.in.ids[first:])
		}
		if err != nil {
			return nil, nil, fmt.Errorf("example %d: %w", i, err)
		}
		s.drop(b, random.New(s.c.Seed).With(forDropout, uint64(epoch), uint64(i)))
	}
	s.forward()
	clear(s.read.g)
	outcomes := make([]Outcome, len(w.examples))
	size := s.c.Steps * s.c.Classes
	for b, i := range w.examples {
		o := &outcomes[b]
		o.Loss, o.Right = task.Loss(epoch, i, s.read.logits[b*size:(b+1)*size], s.read.g[b*size:(b+1)*size])
	}
	clear(d.flat)
	s.backward(d)
	return s.statistics(), outcomes, nil
}
