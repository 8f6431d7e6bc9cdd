package network

import "sync"

// maxShards bounds the goroutines of one network.
const maxShards = 256

// workers are the long-lived goroutines of the shards above shard 0, which
// runs on the caller's own goroutine.
type workers struct {
	work  func(shard int)
	start []chan struct{} // by worker
	done  sync.WaitGroup
	ended sync.WaitGroup
	once  sync.Once
}

// startWorkers starts n goroutines for shards 1..n; stop ends them.
func startWorkers(n int, work func(shard int)) *workers {
	w := &workers{work: work, start: make([]chan struct{}, n)}
	for i := range w.start {
		ch := make(chan struct{})
		w.start[i] = ch
		w.ended.Go(func() { // shard goroutine, owned by the Engine until Close
			for range ch {
				work(i + 1)
				w.done.Done()
			}
		})
	}
	return w
}

// run does the work on all shards and returns when the last is done: the
// barrier.
func (w *workers) run() {
	w.done.Add(len(w.start))
	for _, ch := range w.start {
		ch <- struct{}{}
	}
	w.work(0)
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
