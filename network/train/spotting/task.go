package spotting

import (
	"context"
	"fmt"
	"slices"

	"ganglion/internal/random"
	"ganglion/network/train/bptt"
	"ganglion/network/train/words"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// front turns frames of band powers into spikes, as the encoder does that the
// network will run behind. A new one has heard nothing.
type front interface {
	// Encode appends the spikes of the frames in power, [frames, bands], which
	// it may overwrite. Frame k of all that it has been given lies at k steps.
	Encode(power []float64, out *pipeline.Spikes)
}

// task is what the network learns. It implements [bptt.Task].
type task struct {
	*composer
	aim     Aim
	front   func() front
	step    int64  // µs
	spans   []said // the words of this epoch's windows
	classes int
	heard   [2][]stretch // the stream as spikes, without and with noise
	hard    [2][]int     // frames of each that the network took for the word
	// alarms are how often per hour it did, negative before the first listening.
	alarms [2]float64
}

// stretch is a part of the stream of speech as spikes from time 0 on.
type stretch struct {
	spikes pipeline.Spikes
	frames int
}

// newTask prepares to learn from a composer's windows. step is the time of a
// frame, µs.
func newTask(c *composer, a Aim, front func() front, step int64) (*task, error) {
	if len(c.Clips) == 0 || c.frames == 0 {
		return nil, fmt.Errorf("%d clips of the word and %d frames of other speech: both are needed", len(c.Clips), c.frames)
	}
	t := &task{composer: c, aim: a, front: front, step: step, alarms: [2]float64{-1, -1}}
	t.spans, t.classes = make([]said, t.Len()), wordClass+1
	for _, clip := range c.Clips {
		t.classes = max(t.classes, wordClass+clip.Word+1)
	}
	t.heard[0], t.heard[1] = t.hear(false), t.hear(true)
	return t, nil
}

// Len implements [bptt.Task].
func (t *task) Len() int { return len(t.Clips) + int(t.Others*float64(len(t.Clips))) }

// window composes example i.
func (t *task) window(epoch, i int) window {
	key := random.New(t.seed).With(uint64(epoch), uint64(i))
	if i < len(t.Clips) {
		return t.word(i, key)
	}
	k := key.With(useWhole, useWhole)
	switch u := k.Uniform(0); {
	case u < t.Parts:
		return t.part(i%len(t.Clips), key)
	case u < t.Parts+float64((1-t.Parts)*t.Hard):
		noisy := int(k.Bits(1) & 1)
		if hard := t.hard[noisy]; len(hard) > 0 {
			place := hard[k.Below(2, len(hard))]
			return t.other(place-int(float64(t.Frames)*k.Between(3, .3, .95)), key, noisy == 1)
		}
	}
	return t.other(k.Below(4, t.frames), key, false)
}

// Sample implements [bptt.Task].
func (t *task) Sample(epoch, i int, s *pipeline.Spikes) error {
	w := t.window(epoch, i)
	t.spans[i] = said{wordClass + t.Clips[i%len(t.Clips)].Word, w.Start, w.End}
	front := t.front()
	var all pipeline.Spikes
	front.Encode(w.Power, &all)
	after(s, &all, int64(w.Pre)*t.step)
	return nil
}

// after copies the spikes from a time on, which becomes 0.
func after(dst, src *pipeline.Spikes, from int64) {
	for i, at := range src.T {
		if at < from {
			continue
		}
		for _, id := range src.Run(i) {
			dst.Append(at-from, id)
		}
	}
}

// Loss implements [bptt.Task].
func (t *task) Loss(_, i int, logits, grad []float32) (float64, bool) {
	return t.aim.loss(logits, grad, t.classes, t.spans[i])
}

// stretchFrames is how much of the stream is listened to at a time.
const stretchFrames = 1000

// hear encodes all speech without the word as one stream.
func (t *task) hear(noisy bool) (heard []stretch) {
	front := t.front()
	for from := 0; from < t.frames; from += stretchFrames {
		n := min(stretchFrames, t.frames-from)
		scene := t.ear.NewScene(n)
		t.copy(scene, 0, n, from, words.Variation{})
		if noisy {
			key := random.New(t.seed).With(useNoise, uint64(from))
			t.noise(scene, t.spoken[t.at(from)]-key.Between(1, noisiest, t.SNR.Most), key)
		}
		var s pipeline.Spikes
		front.Encode(scene.Powers(), &s)
		p := stretch{frames: n}
		after(&p.spikes, &s, int64(from)*t.step)
		heard = append(heard, p)
	}
	return heard
}

// noisiest is the least distance of the noise in what the network listens to,
// dB: in more, speech is hardly heard.
const noisiest = 3

// apart is how far hard places lie apart, in frames.
const apart = 60

// mine listens to all speech without the word, with noise or without, and keeps
// the places where the network is surest of the word. It returns how often per
// hour it takes the word for likelier than not.
func (t *task) mine(n *bptt.Network, noisy bool) (alarms float64, err error) {
	which := 0
	if noisy {
		which = 1
	}
	odds := make([]float32, 0, t.frames)
	r, err := n.NewRunner()
	if err != nil {
		return 0, err
	}
	logits, shares := make([]float32, stretchFrames*t.classes), make([]float64, t.classes)
	for i := range t.heard[which] {
		s := &t.heard[which][i]
		if err := r.Run(&s.spikes, s.frames, logits); err != nil {
			return 0, err
		}
		for k := range s.frames {
			row := logits[k*t.classes : (k+1)*t.classes]
			odds = append(odds, rest(row, otherClass, shares)-row[otherClass])
		}
	}
	places := peaks(odds)
	likely := 0
	for _, p := range places {
		if odds[p] > 0 {
			likely++
		}
	}
	t.hard[which] = places[:min(len(places), max(len(t.Clips)/2, 32))]
	return float64(likely) / t.hours(), nil
}

// peaks are the places of the greatest values, at least apart from each other,
// the greatest first.
func peaks(v []float32) (places []int) {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case v[a] > v[b]:
			return -1
		case v[a] < v[b]:
			return 1
		}
		return 0
	})
	near := make([]bool, len(v))
	for _, i := range order {
		if near[i] {
			continue
		}
		places = append(places, i)
		for k := max(0, i-apart); k <= min(len(v)-1, i+apart); k++ {
			near[k] = true
		}
	}
	return places
}

// Round is how one epoch went.
type Round struct {
	bptt.Progress
	Alarms float64 // per hour of the speech it learned from, half of it in noise; negative before the first listening
}

// mineFrom is the epoch after which the network first listens; before, it takes
// everything for the word.
const mineFrom = 3

// train teaches a network. report is called after every batch, and save after
// every epoch with what [Task.AppendState] and the trainer's restore.
func train(ctx context.Context, trainer *bptt.Trainer, epochs int, t *task, report func(Round),
	save func(...bptt.State) error) (*bptt.Network, error) {
	for trainer.Epochs() < epochs {
		_, err := trainer.Epoch(ctx, t, func(p bptt.Progress) { report(Round{p, (t.alarms[0] + t.alarms[1]) / 2}) })
		if err != nil {
			return nil, err
		}
		every := max(1, t.Listen/len(t.Clips))
		if e := trainer.Epochs(); e >= mineFrom && e < epochs && e%every == 0 {
			// In turn, for the listening takes as long as the learning.
			which := e / every % 2
			if t.alarms[which], err = t.mine(trainer.Network(), which == 1); err != nil {
				return nil, err
			}
		}
		if err := save(trainer, t); err != nil {
			return nil, err
		}
	}
	return trainer.Network(), nil
}

// AppendState appends what the task has learned about its speech.
func (t *task) AppendState(b []byte) ([]byte, error) { return state.Append(b, t.fields) }

// RestoreState restores what AppendState of a task of the same material wrote.
func (t *task) RestoreState(b []byte) error { return state.Restore(b, t.fields) }

func (t *task) fields(c *state.Codec) {
	for i := range t.hard {
		c.Float64(&t.alarms[i])
		state.List(c, &t.hard[i], func(frame *int) { *frame = c.Length(*frame, t.frames-1) })
	}
}

// hours is how much speech without the word there is to learn from.
func (t *task) hours() float64 { return float64(t.frames) * float64(t.step) / 3.6e9 }
