package clip

import (
	"fmt"
	"math"
	"slices"
	"time"

	"ganglion/pipeline"
)

// Span describes which detections have clips, and how much a clip holds.
type Span struct {
	Before  time.Duration // before the detection begins
	After   time.Duration // and after it ends
	Longest time.Duration // from where a detection begins until it is reported

	Kinds []string // of the detections; without any those that begin something
	Most  int      // events that are held
}

// wants reports whether detections of a kind have clips.
func (s *Span) wants(k pipeline.Kind) bool {
	if len(s.Kinds) > 0 {
		return slices.Contains(s.Kinds, string(k))
	}
	switch k {
	case pipeline.MotionStart, pipeline.LineCross, pipeline.ZoneEnter, pipeline.AlarmStart:
		return true
	}
	return k.OfSound()
}

const (
	// late is how long after the end of the batch with its time a readout may
	// report a detection, beyond After, µs.
	late = 1_000_000

	// never is a time before every stream, µs.
	never = math.MinInt64 / 2

	// maxWanted bounds the detections that wait.
	maxWanted = 1024
)

// Recorder holds the end of a stream and cuts clips. It belongs to one
// goroutine.
type Recorder struct {
	info                   pipeline.StreamInfo
	span                   Span
	before, after, longest int64 // µs
	sound                  ring  // of a stream of sound
	spikes                 train // of the same
	film                   film  // of a stream of events
	now                    int64 // end of the last batch, µs
	wanted                 []want
	noted, refused         uint64
}

// want is a detection that waits for its clip, of which [from, to) is wanted.
type want struct {
	detection pipeline.Detection
	same      int
	from, to  int64 // µs
}

// NewRecorder makes a recorder for a stream.
func NewRecorder(s Span, info pipeline.StreamInfo) (*Recorder, error) {
	if info.Modality == pipeline.AudioStream && (info.SampleRate < 1 || info.Channels < 1) {
		return nil, fmt.Errorf("sound of %d channels at %d Hz cannot be cut", info.Channels, info.SampleRate)
	}
	if s.Before < 0 || s.After < 0 || s.Longest < 0 {
		return nil, fmt.Errorf("%v before, %v after, %v long: a time is negative", s.Before, s.After, s.Longest)
	}
	r := &Recorder{info: info, span: s, before: s.Before.Microseconds(), after: s.After.Microseconds(), longest: s.Longest.Microseconds()}
	if r.seen() {
		r.film.most, r.film.from = s.Most, never
		return r, nil
	}
	r.sound = newRing(info.Channels, info.FrameAt(r.before+r.longest+r.after+late))
	return r, nil
}

// Take takes a batch, its spikes and its detections, and appends the clips that
// are complete to dst. It keeps none of its arguments.
func (r *Recorder) Take(b *pipeline.Batch, s *pipeline.Spikes, ds []pipeline.Detection, dst []*pipeline.Clip) []*pipeline.Clip {
	if r.seen() {
		r.film.add(b)
		r.now = b.End
		r.note(ds)
		dst = r.cut(dst, false)
		r.film.forget(r.now - r.before - r.longest - r.after - late)
		return dst
	}
	if len(b.PCM) > 0 {
		if r.sound.tooFar(b.FrameIndex) {
			dst = r.Flush(nil, dst)
			r.sound.restart(b.FrameIndex)
		}
		r.sound.add(b.FrameIndex, b.PCM)
	}
	r.spikes.add(s)
	r.now = b.End
	r.note(ds)
	dst = r.cut(dst, false)
	r.spikes.forget(r.info.FrameTime(max(0, r.sound.next-r.sound.keep)))
	return dst
}

// Flush takes the detections that the end of the stream settles and cuts all
// clips that wait, as far as there is sound for them.
func (r *Recorder) Flush(ds []pipeline.Detection, dst []*pipeline.Clip) []*pipeline.Clip {
	r.note(ds)
	return r.cut(dst, true)
}

// seen reports whether the stream is one of events.
func (r *Recorder) seen() bool { return r.info.Modality == pipeline.EventStream }

// Noted is how many detections have wanted a clip, Waiting how many still do,
// and Refused how many were too many.
func (r *Recorder) Noted() uint64   { return r.noted }
func (r *Recorder) Waiting() uint64 { return uint64(len(r.wanted)) }
func (r *Recorder) Refused() uint64 { return r.refused }

// note lets the detections that want clips wait for them.
func (r *Recorder) note(ds []pipeline.Detection) {
	for i := range ds {
		d := &ds[i]
		if !r.span.wants(d.Kind) {
			continue
		}
		r.noted++
		if len(r.wanted) == maxWanted {
			r.refused++
			continue
		}
		w := want{detection: *d}
		for _, e := range ds[:i] {
			if e.T == d.T && e.Label == d.Label && e.Kind == d.Kind {
				w.same++
			}
		}
		begin, end := around(d)
		w.from = max(begin-r.before, d.T-r.longest-r.before)
		if !r.seen() {
			w.from = max(0, w.from)
		}
		w.to = max(w.from, end+r.after)
		r.wanted = append(r.wanted, w)
	}
}

// around is where what a detection reports begins and ends, µs. A track begins
// where it was seen first, and an alarm where its condition did; all else about
// them happens at a time.
func around(d *pipeline.Detection) (begin, end int64) {
	switch {
	case d.Kind.OfSound():
		return d.TStart, min(d.TEnd, d.T)
	case d.Kind == pipeline.MotionStart || d.Kind == pipeline.MotionEnd || d.Kind == pipeline.AlarmStart || d.Kind == pipeline.AlarmEnd:
		return min(d.TFirst, d.T), d.T
	}
	return d.T, d.T
}

// cut appends the clips whose end has come, or all of them.
func (r *Recorder) cut(dst []*pipeline.Clip, all bool) []*pipeline.Clip {
	rest := r.wanted[:0]
	for _, w := range r.wanted {
		if all || w.to <= r.now {
			dst = append(dst, r.clip(w))
		} else {
			rest = append(rest, w)
		}
	}
	clear(r.wanted[len(rest):]) // their strings
	r.wanted = rest
	return dst
}

// clip cuts one clip. Its window ends with its last sample, and not up to a
// sample later, so that it is the same where the stream ends there.
func (r *Recorder) clip(w want) *pipeline.Clip {
	if r.seen() {
		c := &pipeline.Clip{Detection: w.detection, Same: w.same, Window: pipeline.Window{Start: max(w.from, min(r.film.from, w.to)), End: w.to}}
		c.Events = r.film.cut(c.Window)
		return c
	}
	c := &pipeline.Clip{Detection: w.detection, Same: w.same, Window: pipeline.Window{Start: w.from, End: w.from}}
	first, end := r.info.FrameAt(w.from), min(r.info.FrameAt(w.to), r.sound.next)
	if first < r.sound.first {
		first = r.sound.first
		c.Start, c.End = r.info.FrameTime(first), r.info.FrameTime(first)
	}
	if c.FrameIndex = first; first < end {
		c.End = r.info.FrameTime(end-1) + 1
		c.PCM, c.Missing = r.sound.cut(first, end)
		r.spikes.cut(c.Window, &c.Spikes)
	}
	return c
}
