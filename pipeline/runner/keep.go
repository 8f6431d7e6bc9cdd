package runner

import (
	"context"
	"fmt"

	"ganglion/pipeline"
	"ganglion/pipeline/clip"
)

// Keep configures where a run keeps what was heard or seen around its detections.
type Keep struct {
	Span   clip.Span
	Keeper pipeline.Keeper
}

// How many complete clips may wait for the keeper: those of a camera are large.
const (
	clipQueue       = 16
	cameraClipQueue = 4
)

// keeping is the way of clips: the readout's goroutine cuts them, and the keeper
// has a queue and a goroutine of its own, so that a slow disk stops nothing
// that happens now. Of a live stream the queue drops the oldest clip, else it
// blocks.
type keeping struct {
	Keep
	recorder *clip.Recorder
	queue    *queue[*pipeline.Clip]
	ready    []*pipeline.Clip
	refused  uint64 // by the recorder, of which the queue knows
	failures
}

// openKeep opens the keeper and builds what feeds it.
func (r *Runner) openKeep(ctx context.Context, meta pipeline.StreamMeta) error {
	k := r.keep
	if k == nil {
		return nil
	}
	policy, err := resolve(Auto, r.drops())
	if err == nil {
		err = k.Keeper.Open(ctx, meta, r.enc.Shape())
	}
	if err != nil {
		return fmt.Errorf("keep: %w", err)
	}
	most := clipQueue
	if r.info.Modality == pipeline.EventStream {
		most = cameraClipQueue
	}
	k.queue = newQueue(most, policy, func(*pipeline.Clip) uint64 { return 1 })
	return nil
}

// take hands a batch and what came of it to the recorder and queues the clips
// that it completes.
func (k *keeping) take(hard context.Context, s *scratch, w *work) {
	if k == nil {
		return
	}
	k.push(hard, k.recorder.Take(&w.Batch, &s.spikes, s.detections, k.ready[:0]))
}

// flush queues the clips that wait, as far as they are complete.
func (k *keeping) flush(hard context.Context, ds []pipeline.Detection) {
	if k == nil {
		return
	}
	k.push(hard, k.recorder.Flush(ds, k.ready[:0]))
}

func (k *keeping) push(hard context.Context, clips []*pipeline.Clip) {
	for ; k.refused < k.recorder.Refused(); k.refused++ {
		k.queue.refuse(nil)
	}
	for _, c := range clips {
		k.queue.push(hard, c)
	}
	clear(clips)
	k.ready = clips
}

// close announces that no more clips will come.
func (k *keeping) close() {
	if k != nil {
		k.queue.close()
	}
}

// noteClips records what the recorder did for the summary.
func (r *Runner) noteClips() {
	if r.keep == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting, r.sought = r.keep.recorder.Waiting(), r.keep.recorder.Noted()
}

// store is the goroutine of the keeper: queue to keeper, until the compute
// goroutine is done or the context hard ends. A clip that cannot be kept costs
// itself and nothing else.
func (r *Runner) store(hard context.Context) error {
	k, one := r.keep, make([]*pipeline.Clip, 0, 1)
	alone := func(_, _ *pipeline.Clip) bool { return false }
	for {
		clips, done := k.queue.pop(hard, one, alone, nil)
		if done {
			break
		}
		err, why := k.Keeper.Keep(hard, clips[0]), delivered
		if err != nil {
			if why = writeFailed; hard.Err() != nil {
				why = drainDeadline
			}
		}
		k.note(err)
		k.queue.settle(clips, why)
	}
	k.queue.end(drainDeadline, func(*pipeline.Clip) {})
	return nil
}

// summary is the account of the clips, nil for a run that keeps none. r.mu is
// held.
func (k *keeping) summary(waiting, sought uint64) *KeepFlow {
	if k == nil {
		return nil
	}
	return &KeepFlow{SinkFlow: sinkFlow("keep", k.queue, &k.failures), Waiting: waiting, Sought: sought}
}
