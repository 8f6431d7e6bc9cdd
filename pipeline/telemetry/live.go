package telemetry

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/runner"
)

// summaries answers with the account so far of every watched run, as a JSON list.
func (t *Telemetry) summaries(w http.ResponseWriter, _ *http.Request) {
	list := []runner.Summary{}
	for _, r := range t.runs() {
		list = append(list, r.Summary())
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list) // who asked may be gone
}

// runs are the watched runs.
func (t *Telemetry) runs() []Watched {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.watched)
}

const (
	tailQueue = 1024                   // lines that may wait for a listener
	lookAgain = 200 * time.Millisecond // for runs that began since
)

// teller is who tells what is detected while it is.
type teller interface {
	Subscribe(take func([]pipeline.Detection)) (stop func())
}

// detections answers with what is detected from now on, a record a line, until who
// asked leaves or the server is shut down. With ?stream= it tells of that stream
// alone. A listener that is too slow misses records, and gets a line {"missed": n}.
func (t *Telemetry) detections(over <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		var missed atomic.Uint64
		lines := make(chan []byte, tailQueue)
		take := func(ds []pipeline.Detection) {
			for i := range ds {
				select {
				case lines <- append(ds[i].AppendJSON(nil), '\n'):
				default:
					missed.Add(1)
				}
			}
		}
		heard := map[Watched]func(){}
		defer func() {
			for _, stop := range heard {
				stop()
			}
		}()
		w.Header().Set("Content-Type", "application/jsonl")
		flush := http.NewResponseController(w)
		tick := time.NewTicker(lookAgain)
		defer tick.Stop()
		for {
			for _, r := range t.runs() {
				from, tells := r.(teller)
				if name := req.URL.Query().Get("stream"); tells && heard[r] == nil && (name == "" || name == r.Name()) {
					heard[r] = from.Subscribe(take)
				}
			}
			if err := flush.Flush(); err != nil {
				return
			}
			select {
			case line := <-lines:
				if _, err := w.Write(line); err != nil {
					return
				}
			case <-tick.C:
				if n := missed.Swap(0); n > 0 {
					_ = json.NewEncoder(w).Encode(map[string]uint64{"missed": n}) // the next write tells
				}
			case <-req.Context().Done():
				return
			case <-over:
				return
			}
		}
	}
}
