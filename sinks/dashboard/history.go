package dashboard

import (
	"ganglion/internal/floor"
	"ganglion/pipeline"
)

// history is how many spikes of the input there were in each part of the stream.
// Its bins become longer with the stream, so that their number stays bounded.
type history struct {
	begun      bool
	start, end int64 // of what the run covered, µs
	bin        int64 // µs
	first      int64 // number of the first bin
	counts     []uint32
}

const (
	finestBin    = 10_000 // µs
	mostPartsOf  = 1024
	coarsestStep = 2
)

func newHistory() *history { return &history{bin: finestBin} }

func (h *history) add(w pipeline.Window, n int) {
	if !h.begun {
		h.begun, h.start, h.first = true, w.Start, floor.Div(w.Start, h.bin)
	}
	h.end = max(h.end, w.End)
	at := floor.Div(w.Start, h.bin) - h.first
	for at >= mostPartsOf {
		h.coarsen()
		at = floor.Div(w.Start, h.bin) - h.first
	}
	for int64(len(h.counts)) <= at {
		h.counts = append(h.counts, 0)
	}
	h.counts[at] += uint32(n)
}

func (h *history) coarsen() {
	first := floor.Div(h.first, coarsestStep)
	for i, n := range h.counts {
		at := floor.Div(h.first+int64(i), coarsestStep) - first
		h.counts[i] = 0
		h.counts[at] += n
	}
	h.counts = h.counts[:floor.Div(h.first+int64(len(h.counts)-1), coarsestStep)-first+1]
	h.first, h.bin = first, h.bin*coarsestStep
}

// record is a history as viewers get it.
type record struct {
	Start  int64    `json:"start"`
	End    int64    `json:"end"`
	Bin    int64    `json:"bin"`
	First  int64    `json:"first"` // start of the first bin, µs
	Counts []uint32 `json:"counts"`
}

// record is what the run has covered so far, nil for nothing.
func (s *Sink) record() *record {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.history
	if !h.begun {
		return nil
	}
	return &record{h.start, h.end, h.bin, h.first * h.bin, append([]uint32(nil), h.counts...)}
}
