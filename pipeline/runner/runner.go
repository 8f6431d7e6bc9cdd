package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"ganglion/pipeline"
)

// closeGrace is what a sink gets to close in after the drain time has run out,
// stuckGrace what a component gets to notice that its context has ended.
const (
	closeGrace = time.Second
	stuckGrace = 500 * time.Millisecond
)

// errDrain is the cause of a context that the drain time ended.
var errDrain = errors.New("drain time is over")

// Runner is one run of one pipeline. Use it once.
type Runner struct {
	lane
	o Options

	batches       *queue[*work]
	free          chan *work // the pool
	relay         relay
	outlets       []*outlet
	watchers      []Watcher                       // those of the sinks that look at the run
	subscriptions atomic.Pointer[[]*subscription] // who else gets detections; nil for nobody
	adjustment    atomic.Pointer[Adjustment]      // to be made before the next batch
	flights       flightPool
	delay         delayClock
	latency       Histogram
	saver         *saver     // nil: no checkpoints
	keep          *keeping   // nil: no clips
	letters       *lettering // nil: no dead letters
	origin        origin

	began string // the identity of the run when it began; as it is, an adjustment's is another, guarded by mu once the run is open

	mu       sync.Mutex // guards all below
	opened   bool       // the queues exist
	started  time.Time
	over     bool
	elapsed  time.Duration // once it is over
	stopped  bool          // the reader left before the end of the input
	position int64
	damage   []pipeline.Damage
	unread   uint64          // what the source dropped before it was read
	covered  pipeline.Window // of sensor time
	encoded  encoded
	leftOut  leftOut
	activity []layerCount
	kinds    map[pipeline.Kind]uint64
	seq      uint64 // of the next detection
	last     pipeline.Detection
	running  map[string]bool // goroutines by name
	saved    Checkpoints
	savedAt  time.Time // when the last snapshot was saved
	// saveError is why the last snapshot was not saved, failure why the run
	// ended; nil when all is well.
	saveError, failure error
	learned            []pipeline.Learned // what a network that learns has come to
	waiting            uint64             // detections whose clips are not complete
	sought             uint64             // detections that wanted a clip
}

// encoded counts what the encoder did.
type encoded struct{ batches, events, filtered, spikes uint64 }

// leftOut counts what the readout left out, in this run and before it resumed.
type leftOut struct{ now, before uint64 }

// layerCount counts what a layer did.
type layerCount struct{ spikes, synops, updates uint64 }

// Run opens the pipeline, carries the stream to its end and closes everything.
func (r *Runner) Run(ctx context.Context) (Summary, error) {
	r.mu.Lock()
	r.started = r.o.Now()
	r.delay.begun = r.started
	r.mu.Unlock()
	err := r.open(ctx)
	switch {
	case err == nil:
		err = errors.Join(r.run(ctx), r.closeCheckpoint())
	case ctx.Err() != nil: // an orderly stop came first
		r.noteStop()
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("pipeline %q: %w", r.p.Name, err)
	}
	r.mu.Lock()
	r.elapsed, r.over, r.failure = r.o.Now().Sub(r.started), true, err
	r.mu.Unlock()
	return r.Summary(), err
}

// run starts the goroutines and waits for them. Three contexts bound them:
// stop ends the reading, hard the processing and writing, final the closing.
func (r *Runner) run(ctx context.Context) error {
	stop, cancelStop := context.WithCancel(ctx)
	defer cancelStop()
	hard, cancelHard := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancelHard(nil)
	final, cancelFinal := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancelFinal(nil)

	var g errgroup.Group
	start := func(name string, body func() error) {
		r.setRunning(name, true)
		g.Go(func() error {
			defer r.setRunning(name, false)
			err := body()
			if err != nil {
				cancelStop()
			}
			return err
		})
	}
	// The reader, the compute goroutine, the readout's, one goroutine per sink and one for
	// clips; the group owns them.
	start("source", func() error { return r.read(stop, hard) })
	start("compute", func() error { return r.compute(hard) })
	start("readout", func() error { return r.readOut(hard) })
	for _, o := range r.outlets {
		start("sink "+o.Name, func() error { return r.write(hard, final, o) })
	}
	if r.keep != nil {
		start("keep", func() error { return r.store(hard) })
	}
	over := make(chan struct{})
	var watch errgroup.Group // of the log of losses; ends with over
	watch.Go(func() error { r.watchLosses(over); return nil })
	defer func() {
		close(over)
		_ = watch.Wait() // it never fails
	}()
	// The waiter tells supervise that the group is done; it ends with the group.
	finished := make(chan error, 1)
	go func() { finished <- g.Wait() }()
	defer r.startLetters(ctx)()
	return r.supervise(stop, finished, cancelHard, cancelFinal)
}

// supervise waits for the goroutines. Once stop ends it gives them the drain
// time, then the grace to close, then the grace to notice, and then leaves
// them behind.
func (r *Runner) supervise(stop context.Context, finished <-chan error, hard, final context.CancelCauseFunc) error {
	select {
	case err := <-finished:
		return err
	case <-stop.Done():
	}
	for _, phase := range []struct {
		lasts time.Duration
		end   context.CancelCauseFunc
	}{{r.o.Drain, hard}, {closeGrace, final}, {stuckGrace, func(error) {}}} {
		timer := time.NewTimer(phase.lasts)
		select {
		case err := <-finished:
			timer.Stop()
			return err
		case <-timer.C:
			phase.end(errDrain)
		}
	}
	return fmt.Errorf("%s did not return after its context ended", strings.Join(r.stuck(), ", "))
}

func (r *Runner) setRunning(name string, on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if on {
		r.running[name] = true
	} else {
		delete(r.running, name)
	}
}

func (r *Runner) stuck() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for name := range r.running {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
