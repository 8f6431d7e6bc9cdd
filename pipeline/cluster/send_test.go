package cluster

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// parcels are packets from a number on.
func parcels(from, n uint64) (list []*parcel) {
	for i := range n {
		list = append(list, &parcel{number: from + i, end: int64(from+i+1) * 1000, items: 1, data: []byte{byte(from + i)}})
	}
	return list
}

// feeding is a feeder that has found its stream.
func (h *hall) feeding(key, run string) *feeder {
	h.t.Helper()
	f := &feeder{Feed: Feed{Config: h.cfg, Key: key, Conn: h.nc, Log: h.log, Account: NewAccount(key, h.nc, time.Now, nil)},
		js: h.js, run: run, subject: h.cfg.inputSubject(key), batches: committer{nc: h.nc, timeout: sendTime}}
	var err error
	if f.input, err = h.js.Stream(h.t.Context(), h.cfg.inputStream()); err != nil {
		h.t.Fatal(err)
	}
	if _, err = f.find(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return f
}

// packets are those that the input has.
func (h *hall) packets() (data []byte) {
	h.t.Helper()
	s, err := h.js.Stream(h.t.Context(), h.cfg.inputStream())
	if err != nil {
		h.t.Fatal(err)
	}
	for seq := uint64(1); seq <= s.CachedInfo().State.LastSeq; seq++ {
		m, err := s.GetMsg(h.t.Context(), seq)
		if err != nil {
			h.t.Fatal(err)
		}
		data = append(data, m.Data...)
	}
	return data
}

// Packets that wait go together, each once and in order, whatever became of the
// answers.
func TestPacketsThatWaitGoTogetherAndOnce(t *testing.T) {
	h := newHall(t, 1, nil)
	f := h.feeding("s", "a")
	want := []byte{0, 1, 2, 3, 4}
	if err := f.send(t.Context(), parcels(0, 5)); err != nil {
		t.Fatal(err)
	}
	if got := h.packets(); !slices.Equal(got, want) || f.last != 5 || f.summary.Sent != 5 {
		t.Fatalf("stored %v, last %d, %+v", got, f.last, f.summary)
	}
	f.last = 0 // nothing was answered
	if err := f.send(t.Context(), parcels(0, 7)); err != nil {
		t.Fatal(err)
	}
	want = append(want, 5, 6)
	if got := h.packets(); !slices.Equal(got, want) || f.last != 7 {
		t.Errorf("without an answer: stored %v, last %d", got, f.last)
	}
	// A server that has forgotten their identities refuses them by the sequence.
	f = h.feeding("s", "a")
	f.Key, f.last = "s2", 5
	if err := f.send(t.Context(), parcels(5, 4)); err != nil {
		t.Fatal(err)
	}
	want = append(want, 7, 8)
	if got := h.packets(); !slices.Equal(got, want) || f.last != 9 {
		t.Errorf("by the sequence alone: stored %v, last %d", got, f.last)
	}
	second := h.feeding("s", "b")
	second.last = 3
	if err := second.send(t.Context(), parcels(0, 3)); !errors.Is(err, errSecond) {
		t.Errorf("a second feeder: %v", err)
	}
	if got := h.packets(); !slices.Equal(got, want) {
		t.Errorf("a second feeder: stored %v", got)
	}
}

// Where batches are refused, packets go one at a time.
func TestPacketsGoAloneWhereBatchesAreRefused(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	c := h.cfg.inputConfig()
	c.AllowAtomicPublish = false
	if _, err := h.js.UpdateStream(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	f := h.feeding("s", "a")
	if err := f.send(t.Context(), parcels(0, 3)); err != nil {
		t.Fatal(err)
	}
	if got := h.packets(); !slices.Equal(got, []byte{0, 1, 2}) || f.summary.Sent != 3 {
		t.Errorf("stored %v, %+v", got, f.summary)
	}
	steps, err := Plan(t.Context(), h.js, h.cfg) // an input that an older program made
	if err != nil || len(steps) != 1 {
		t.Errorf("%d steps, %v", len(steps), err)
	}
}

// What waits is taken together, within what a batch may hold.
func TestTogetherAreThoseThatWait(t *testing.T) {
	t.Parallel()
	queue := make(chan *parcel, 9)
	for range 3 {
		queue <- &parcel{data: make([]byte, batchBytes/2)}
	}
	queue <- &parcel{data: make([]byte, 1)}
	close(queue)
	var got []int
	for ps := range together(queue) {
		got = append(got, len(ps))
	}
	if !slices.Equal(got, []int{2, 2}) {
		t.Errorf("%v", got)
	}
}
