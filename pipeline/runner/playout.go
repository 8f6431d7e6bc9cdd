package runner

import (
	"context"
	"fmt"

	"ganglion/pipeline"
)

// playOut is the silence that a run plays behind the end of a stream of sound,
// where its readout wants some (see [pipeline.Tailed]): what a stream ends with
// is then found as if silence had followed in the file. The silence begins with
// the first frame after the last one of the stream and lasts for the tail, in
// whatever windows the stream came. It is in no account: frames, spikes and
// operations of a run are those of its input.
type playOut struct {
	wants pipeline.Tailed // nil: nothing is played
	begun bool
	until int64 // where the last window ended, µs
	frame int64 // number of the next frame
	end   int64 // where the silence ends, µs

	batch pipeline.Batch // a window of silence, or the last one of the stream, filled up with it
}

func (r *lane) newPlayOut() (p playOut) {
	if t, ok := r.readout.(pipeline.Tailed); ok && r.info.Modality == pipeline.AudioStream {
		p.wants = t
	}
	return p
}

// of is the batch as it is processed: itself, unless its sound ends within its
// window, which only the last one's does.
func (p *playOut) of(b *pipeline.Batch, info pipeline.StreamInfo) *pipeline.Batch {
	if p.wants == nil {
		return b
	}
	p.batch.Seq = b.Seq
	p.begun, p.until, p.frame = true, b.End, b.FrameIndex+int64(len(b.PCM)/info.Channels)
	end := info.FrameTime(p.frame)
	p.end = p.wants.Tail(end)
	if p.end <= end || len(b.PCM) == 0 || p.frame >= info.FrameAt(b.End) {
		return b
	}
	p.until = min(b.End, p.end)
	p.batch.Window = pipeline.Window{Start: b.Start, End: p.until}
	p.batch.FrameIndex, p.batch.PCM = b.FrameIndex, append(p.batch.PCM[:0], b.PCM...)
	p.silence(info)
	return &p.batch
}

// silence appends silence to the batch, up to where its window ends.
func (p *playOut) silence(info pipeline.StreamInfo) {
	frames := max(info.FrameAt(p.until)-p.frame, 0)
	p.batch.PCM = append(p.batch.PCM, make([]float32, frames*int64(info.Channels))...)
	p.frame += frames
}

// rest makes a window of the silence that is left, or returns false when there
// is none.
func (p *playOut) rest(info pipeline.StreamInfo) bool {
	if !p.begun || p.until >= p.end {
		return false
	}
	p.batch.Seq++
	p.batch.Window = pipeline.Window{Start: p.until, End: p.end}
	p.batch.FrameIndex, p.batch.PCM = p.frame, p.batch.PCM[:0]
	p.until = p.batch.End
	p.silence(info)
	return true
}

// resumed notes that the run resumes at t, µs: what it resumed from is played
// out even where nothing follows.
func (p *playOut) resumed(t int64, info pipeline.StreamInfo) {
	if p.wants != nil {
		p.begun, p.until, p.frame, p.end = true, t, info.FrameAt(t), p.wants.Tail(t)
	}
}

// finish is what the end of the stream brings: what its last sounds were, and
// what the readout settles. A stream that was stopped did not end.
func (r *lane) finish(hard context.Context, s *scratch, stopped bool) ([]pipeline.Detection, error) {
	found := s.detections[:0]
	if !stopped && r.playOut.rest(r.info) {
		if _, err := r.advance(hard, s, &r.playOut.batch); err != nil {
			return found, fmt.Errorf("after the end of the stream: %w", err)
		}
		found = r.readout.Read(&s.activity, found)
	}
	return r.readout.Flush(found), nil
}
