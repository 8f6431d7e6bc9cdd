package network

import (
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"ganglion/pipeline"
)

// machine is a compiled network: its layers with their state, and what the
// shards need to step through them. [New] compiles it, [Engine] drives it.
type machine struct {
	input   pipeline.Shape
	layers  []layer
	stages  []stage
	shards  int
	workers *workers
	clocked bool // some layer is clocked: it advances in silence too
	// restless reports that some event-driven layer does something in silence.
	restless bool
	routes   []*route

	learning learning

	win    window
	active []int // layers that the workers run
	end    int64 // end of the last window
	began  bool
}

// run steps some layers on all shards: one barrier.
//
// The protocol of a window. Layers that do not depend on each other make a
// stage, and stages run in turn; for each,
//
//   - the caller's goroutine writes the window (times, trains, active layers)
//     and wakes the shards; it runs shard 0 itself;
//   - shard s steps blocks s*tiles to (s+1)*tiles of every active layer. It reads
//     the trains, which nobody writes now, and writes its own neurons, its own
//     part of outs and counts, and nothing else: no locks, no atomics;
//   - when the last shard is done, the caller's goroutine merges the outs of each
//     layer into its train, in canonical order (see merge), and goes to the next
//     stage, which reads it.
//
// The barrier (workers) orders the two: what was written before a shard's turn is
// seen in it, and what a shard wrote in its turn is seen behind the barrier. A neuron belongs to
// one shard and takes its inputs in the order of its trains, so its sums, and
// with them all spikes, are the same for any number of shards.
//
// Simpler ways were slower. Asking at every spike whether it is the shard's own,
// in place of sorting out a shard's share first, gave two shards 10.0 million
// events/s in place of 12.1; what two shards write side by side, without cache
// lines of their own, 10.8; a barrier that spins in place of sleeping, 9.5 to
// 11.9 in place of 12.7 (docs/performance.md). In loops it spins: see workers.
func (m *machine) run(layers []int) {
	m.active = layers
	m.workers.run()
}

// runShard steps one shard through the active layers.
func (m *machine) runShard(shard int) {
	for _, l := range m.active {
		layer := &m.layers[l]
		for i := shard * layer.tiles; i < (shard+1)*layer.tiles; i++ {
			out := &layer.outs[i].Spikes
			out.Reset()
			layer.counts[i] = layer.blocks[i].step(&m.win, out)
		}
	}
}

const (
	// maxRelative bounds relative times so that they cannot overflow 31 bits.
	maxRelative = int64(1) << 30
	// headroom is the relative time of a fresh clock: a neuron at relative
	// time 0 was last touched longer ago than anything can remember.
	headroom = 2 * int64(maxSpan/time.Microsecond)
)

// rebase keeps relative times within 31 bits. Shifting them changes nothing
// that a neuron can notice: a time clamped to 0 stays further back than every
// decay's cut.
func (m *machine) rebase(w pipeline.Window) {
	c := &m.win.clock
	if !m.began {
		m.began = true
		c.base = w.Start - headroom
	} else if w.End-c.base > maxRelative {
		delta := w.Start - headroom - c.base
		m.shift(int32(min(delta, maxRelative+headroom)))
		c.base += delta
	}
	m.end = w.End
}

func (m *machine) shift(delta int32) {
	for i := range m.layers {
		for _, b := range m.layers[i].blocks {
			if r, ok := b.(interface{ shift(delta int32) }); ok {
				r.shift(delta)
			}
		}
	}
}

func (m *machine) lifBlocks() iter.Seq[*lifBlock] {
	return func(yield func(*lifBlock) bool) {
		for i := range m.layers {
			for _, blk := range m.layers[i].blocks {
				if b, ok := blk.(*lifBlock); ok && !yield(b) {
					return
				}
			}
		}
	}
}

// workers are the long-lived goroutines of the shards above shard 0, which
// runs on the caller's own goroutine.
//
// The protocol of a round: the caller counts the workers and itself in left and
// gives each worker its turn; a worker takes it, works, and counts itself out. The
// caller looks whether it alone is left; when it has looked so often as patience
// says, it counts itself out too and sleeps, and the last worker wakes it. A worker
// looks for its turn as often and then says that it sleeps, by an exchange that the
// caller makes too. So a turn that comes soon costs no wake-up of a thread, and a
// channel is written once for each sleep. Counting out is the last that a worker
// does in a round but for a wake-up that the caller waits for: one that is held up
// behind it touches nothing of the next round.
//
// Loops are patient: their rounds are as short as a step or the shortest delay,
// and waking a thread for each took as long as the round (docs/performance.md).
// Whole windows sleep at once.
type workers struct {
	work     func(shard int)
	each     []worker
	patience int // of the running round; written between rounds

	left atomic.Int32 // workers at work, and the caller unless it sleeps
	done chan struct{}

	ended sync.WaitGroup
	once  sync.Once
}

// worker is one shard's turn.
type worker struct {
	turn atomic.Uint32
	wake chan struct{}
	_    apart
}

// What a worker's turn may be.
const (
	idle uint32 = iota // it looks whether its turn has come
	asleep
	given
	over // no more turns
)

// looks is the patience of loops, some 100 µs.
const looks = 200_000

// startWorkers starts n goroutines for shards 1..n; stop ends them.
func startWorkers(n int, work func(shard int)) *workers {
	w := &workers{work: work, each: make([]worker, n), done: make(chan struct{}, 1)}
	for i := range w.each {
		k := &w.each[i]
		k.wake = make(chan struct{}, 1)
		w.ended.Go(func() { // shard goroutine, owned by the Engine until Close
			for patience := 0; k.wait(patience); {
				patience = w.patience
				work(i + 1)
				w.finished()
			}
		})
	}
	return w
}

// loop makes the rounds until the next call patient, or not: where every shard
// has a processor to be patient on.
func (w *workers) loop(patient bool) {
	w.patience = 0
	if patient && len(w.each) < runtime.GOMAXPROCS(0) {
		w.patience = looks
	}
}

// run does the work on all shards and returns when the last is done: the
// barrier.
func (w *workers) run() {
	w.left.Store(int32(len(w.each)) + 1)
	for i := range w.each {
		w.each[i].set(given)
	}
	w.work(0)
	for range w.patience {
		if w.left.Load() == 1 {
			return
		}
	}
	if w.left.Add(-1) > 0 {
		<-w.done
	}
}

// finished counts a worker out.
func (w *workers) finished() {
	if w.left.Add(-1) == 0 {
		w.done <- struct{}{}
	}
}

func (k *worker) set(turn uint32) {
	if k.turn.Swap(turn) == asleep {
		k.wake <- struct{}{}
	}
}

// wait returns when the worker's turn has come, or false when none will.
func (k *worker) wait(patience int) bool {
	for n := 0; k.turn.Load() == idle; n++ {
		if n >= patience && k.turn.CompareAndSwap(idle, asleep) {
			<-k.wake
		}
	}
	return k.turn.CompareAndSwap(given, idle)
}

func (w *workers) stop() {
	w.once.Do(func() {
		for i := range w.each {
			w.each[i].set(over)
		}
		w.ended.Wait()
	})
}
