package runner

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
)

// identify gives the run its identity, 16 hexadecimal digits behind those of the
// recording, which with the number of a detection names that one for ever. Where
// the content of the stream and the configuration decide what is detected, they
// decide the identity: a repetition gives the same detections under the same names. What
// happens now, and a queue that may drop some of it, never come again.
func (r *lane) identify() {
	policy, err := resolve(r.p.Queue.Policy, r.drops())
	r.repeatable = r.info.Content != "" && err == nil && policy == Block
	var id [8]byte
	if !r.repeatable {
		_, _ = rand.Read(id[:]) // never fails
		r.runID = pipeline.RecordingRun(r.info.Content, hex.EncodeToString(id[:]))
		return
	}
	h := sha256.New()
	for _, v := range r.identity() {
		fmt.Fprintf(h, "%q=%q\n", v.Key, v.Text)
	}
	r.runID = pipeline.RecordingRun(r.info.Content, hex.EncodeToString(h.Sum(nil)[:len(id)]))
}

// runOf is the run that a detection belongs to. What a stop before the end of
// the input settles, such as the ends of open tracks, is not what the run that
// is repeated or resumed will detect under the same numbers: it bears a run of
// its own, which tells where the stop was.
func (r *Runner) runOf(stopped bool) string {
	if stopped && (r.repeatable || r.saver != nil) {
		return pipeline.StoppedRun(r.runID, r.covered.End)
	}
	return r.runID
}

// identity is what must be the same for two runs to detect the same.
func (r *lane) identity() checkpoint.Identity {
	var id checkpoint.Identity
	size, content := r.info.SizeBytes, r.info.Content
	if r.info.Live {
		size, content = 0, "" // it may grow
	}
	id.Add("name", r.p.Name)
	id = append(id, r.extra...)
	id.Add("config_hash", r.p.ConfigHash)
	for _, v := range []struct {
		key   string
		value any
	}{
		{"modality", r.info.Modality}, {"format", r.info.Format}, {"width", r.info.Width}, {"height", r.info.Height},
		{"sample_rate", r.info.SampleRate}, {"channels", r.info.Channels}, {"size_bytes", size}, {"content", content},
	} {
		id.Add("stream."+v.key, v.value)
	}
	if k := r.p.Keep; k != nil {
		id.Add("keep.before", k.Span.Before)
		id.Add("keep.after", k.Span.After)
		id.Add("keep.longest", k.Span.Longest)
		if r.info.Modality == pipeline.EventStream {
			id.Add("keep.kinds", k.Span.Kinds)
			id.Add("keep.max_events", k.Span.Most)
		}
	}
	for _, l := range r.layers {
		id.Add("layer."+l.Name, fmt.Sprintf("%v, %d synapses", l.Shape, l.Synapses))
	}
	return id
}
