package network

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// workers are the long-lived goroutines of the shards above shard 0, which
// runs on the caller's own goroutine.
//
// The protocol of a round: the caller counts the workers in left and gives each
// its turn; a worker takes it, works, and counts itself out; the last one ends
// the caller's wait. Both sides look for a change so often as patience says
// before they sleep on a channel, so a turn that comes soon costs no wake-up of
// a thread. Who sleeps says so first, by an exchange that the other side makes
// too: exactly one of them finds that the other was faster, and a channel is
// written once for each sleep.
//
// Loops are patient: their rounds are as short as a step or the shortest delay,
// and waking a thread for each took as long as the round (docs/performance.md).
// Whole windows sleep at once.
type workers struct {
	work     func(shard int)
	each     []worker
	patience int // of the running round; written between rounds

	left     atomic.Int32
	sleeping atomic.Bool // the caller
	done     chan struct{}

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
	w.left.Store(int32(len(w.each)))
	for i := range w.each {
		w.each[i].set(given)
	}
	w.work(0)
	for range w.patience {
		if w.left.Load() == 0 {
			return
		}
	}
	w.sleeping.Store(true)
	if w.left.Load() == 0 && w.sleeping.CompareAndSwap(true, false) {
		return
	}
	<-w.done
}

// finished counts a worker out.
func (w *workers) finished() {
	if w.left.Add(-1) == 0 && w.sleeping.CompareAndSwap(true, false) {
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
