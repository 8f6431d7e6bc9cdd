package runner

import (
	"slices"

	"ganglion/pipeline"
)

// subscription is who else gets detections.
type subscription struct{ take func([]pipeline.Detection) }

// Subscribe has take called with the detections of each batch as they are queued,
// from the readout's goroutine, until stop. The slice is read only and reused, and
// the run waits for take: it copies what it needs and returns. Any goroutine may
// call Subscribe and stop.
func (r *Runner) Subscribe(take func([]pipeline.Detection)) (stop func()) {
	s := &subscription{take}
	r.subscribe(func(list []*subscription) []*subscription { return append(list, s) })
	return func() {
		r.subscribe(func(list []*subscription) []*subscription {
			return slices.DeleteFunc(list, func(o *subscription) bool { return o == s })
		})
	}
}

// subscribe replaces the list of subscriptions, which the readout's goroutine reads
// without a lock.
func (r *Runner) subscribe(change func([]*subscription) []*subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []*subscription
	if old := r.subscriptions.Load(); old != nil {
		list = slices.Clone(*old)
	}
	list = change(list)
	if len(list) == 0 {
		r.subscriptions.Store(nil)
		return
	}
	r.subscriptions.Store(&list)
}

// publish hands detections to whoever subscribed.
func (r *Runner) publish(ds []pipeline.Detection) {
	if list := r.subscriptions.Load(); list != nil {
		for _, s := range *list {
			s.take(ds)
		}
	}
}
