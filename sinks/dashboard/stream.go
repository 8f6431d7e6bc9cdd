package dashboard

import (
	"sync"
	"sync/atomic"
	"time"
)

// stream is one pipeline on the page: its run, its replay, and who looks.
type stream struct {
	server *Server
	name   string

	wake  chan struct{} // capacity 1: somebody came
	seek  chan int64    // capacity 1: where a replay is to begin, µs
	spent atomic.Int64  // ns that viewers' writes took since the last frame

	mu      sync.Mutex // guards what follows
	viewers map[*viewer]bool
	run     *Sink // the last run that began
	over    bool  // it has ended
	shown   *Sink // the run, or a replay of it
	offer   Offer
	set     []string // what viewers have changed
	player  *player
	stop    func() // ends the replay; nil when there is none
	fresh   bool   // viewers do not know yet what is shown
}

func newStream(s *Server, name string) *stream {
	return &stream{server: s, name: name, wake: make(chan struct{}, 1), seek: make(chan int64, 1), viewers: map[*viewer]bool{},
		player: newPlayer()}
}

// begin shows a run or a replay that begins.
func (st *stream) begin(s *Sink) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if !s.replay {
		st.run, st.over, st.offer = s, false, s.offer
		if st.stop != nil {
			st.stop()
		}
	}
	st.show(s)
}

// show makes a run the one that viewers see. The lock is held.
func (st *stream) show(s *Sink) {
	if st.shown != nil {
		s.layer.Store(st.shown.layer.Load())
		s.neuron.Store(st.shown.neuron.Load())
	}
	st.shown, st.fresh = s, true
	st.look()
	notify(st.wake)
}

// look tells the runs whether somebody looks at them. The lock is held.
func (st *stream) look() {
	for _, s := range []*Sink{st.run, st.shown} {
		if s != nil {
			s.wanted.Store(len(st.viewers) > 0 && s == st.shown)
		}
	}
}

// end announces that the run is over. Whoever looks sees it again.
func (st *stream) end(s *Sink) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if s != st.run {
		return
	}
	st.over, st.fresh = true, true
	if len(st.viewers) > 0 && st.shown == s {
		st.again()
	}
}

// again replays the stream from its beginning, if it can be replayed and viewers
// want it to repeat. The lock is held.
func (st *stream) again() {
	if r := st.record(); r != nil && st.replayable() && st.player.repeats() {
		st.seekTo(r.Start)
	}
}

// record is what the run has covered. The lock is held.
func (st *stream) record() *record {
	if st.run == nil {
		return nil
	}
	return st.run.record()
}

// replayable reports whether the stream can be replayed. The lock is held.
func (st *stream) replayable() bool {
	return st.run != nil && st.offer.Replay != nil && !st.run.run.Info().Live
}

// seekTo has the replay begin at sensor time t, µs, in place of the one that runs.
// The lock is held.
func (st *stream) seekTo(t int64) {
	select {
	case <-st.seek:
	default:
	}
	st.seek <- t
	if st.stop != nil {
		st.stop()
	}
}

// join adds a viewer, and reports whether there is room for it.
func (st *stream) join(v *viewer) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.viewers) >= mostViewers {
		return false
	}
	st.viewers[v] = true
	v.owed = true
	st.look()
	if st.over && st.stop == nil && len(st.seek) == 0 {
		st.again()
	}
	notify(st.wake)
	return true
}

func (st *stream) leave(v *viewer) {
	st.mu.Lock()
	defer st.mu.Unlock()
	delete(st.viewers, v)
	st.look()
}

// watched reports whether somebody looks.
func (st *stream) watched() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return len(st.viewers) > 0
}

// backToTheRun ends the replay and shows the run. The lock is held.
func (st *stream) backToTheRun() {
	if st.run != nil && !st.over {
		st.show(st.run)
	}
	if st.stop != nil {
		st.stop()
	}
}

// position is the sensor time that is shown, µs. The lock is held.
func (st *stream) position() int64 {
	if st.shown == nil {
		return 0
	}
	if r := st.shown.record(); r != nil {
		return r.End
	}
	return 0
}

// notify leaves a note in a channel of capacity 1.
func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

const statsEvery = 500 * time.Millisecond
