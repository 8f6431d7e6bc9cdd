package network

import "sync"

// maxShards bounds the goroutines of one network.
const maxShards = 256

// workers are the long-lived goroutines of the shards above shard 0, which
// runs on the caller's own goroutine.
type workers struct {
	work  func(shard, level int)
	start []chan int // level to run, by worker
	done  sync.WaitGroup
	ended sync.WaitGroup
	once  sync.Once
}

// startWorkers starts n goroutines for shards 1..n; stop ends them.
func startWorkers(n int, work func(shard, level int)) *workers {
	w := &workers{work: work, start: make([]chan int, n)}
	for i := range w.start {
		ch := make(chan int)
		w.start[i] = ch
		w.ended.Go(func() { // shard goroutine, owned by the Engine until Close
			for level := range ch {
				work(i+1, level)
				w.done.Done()
			}
		})
	}
	return w
}

// run does one level on all shards and returns when the last is done: the
// barrier.
func (w *workers) run(level int) {
	w.done.Add(len(w.start))
	for _, ch := range w.start {
		ch <- level
	}
	w.work(0, level)
	w.done.Wait()
}

func (w *workers) stop() {
	w.once.Do(func() {
		for _, ch := range w.start {
			close(ch)
		}
		w.ended.Wait()
	})
}
