package dashboard

import (
	"encoding/json"
	"slices"
	"strings"

	"ganglion/pipeline/runner"
)

// command is what a viewer asks for.
type command struct {
	Do    string  `json:"do"`
	At    int64   `json:"at"`    // seek: sensor time, µs
	Speed float64 `json:"speed"` // of real time
	On    bool    `json:"on"`    // repeat
	Layer int     `json:"layer"` // from 0; negative for none
	// Neuron is the one to look into; negative for none.
	Neuron int      `json:"neuron"`
	Set    []string `json:"set"` // keys and values of the configuration
}

// The speeds of a replay.
const (
	slowest = 1. / 1024
	fastest = 1024.
)

// command does what a viewer asks for. What is not understood is left alone.
func (st *stream) command(v *viewer, data []byte) {
	var c command
	if json.Unmarshal(data, &c) != nil {
		return
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.shown == nil {
		return
	}
	defer func() { st.fresh = true }()
	switch c.Do {
	case "layer":
		st.shown.layer.Store(int32(max(c.Layer, -1) + 1))
	case "probe":
		place := int64(-1)
		if c.Layer >= 0 && c.Neuron >= 0 {
			place = int64(c.Layer)<<32 | int64(uint32(c.Neuron))
		}
		st.shown.neuron.Store(place)
	case "repeat":
		st.player.change(func(p *player) { p.repeat = c.On })
	case "set":
		st.change(c.Set)
	case "save":
		st.save(v)
	default:
		st.play(c)
	}
}

// play does what a viewer asks of a replay, and begins one where the run itself is
// shown, which nobody holds back. The lock is held.
func (st *stream) play(c command) {
	if !st.replayable() {
		return
	}
	begin := !st.shown.replay || st.stop == nil
	switch c.Do {
	case "pause":
		st.player.change(func(p *player) { p.paused, p.steps = true, 0 })
	case "play":
		st.player.change(func(p *player) { p.paused, p.steps = false, 0 })
	case "step":
		st.player.change(func(p *player) { p.paused, p.steps = true, p.steps+1 })
	case "speed":
		st.player.change(func(p *player) { p.speed = min(max(c.Speed, slowest), fastest) })
	case "seek":
		st.seekTo(c.At)
		return
	case "run":
		st.player.change(func(p *player) { p.paused, p.steps = false, 0 })
		st.backToTheRun()
		return
	default:
		return
	}
	if begin {
		at := st.position()
		if r := st.record(); r != nil && at >= r.End {
			at = r.Start
		}
		st.seekTo(at)
	}
}

// change gives the run and its replay another configuration. The lock is held.
func (st *stream) change(set []string) {
	if st.offer.Tune == nil {
		st.say("nothing can be changed here")
		return
	}
	all := slices.Clone(st.set)
	for _, s := range set {
		key, _, _ := strings.Cut(s, "=")
		all = slices.DeleteFunc(all, func(old string) bool { return strings.HasPrefix(old, key+"=") })
		all = append(all, s)
	}
	tuned, err := st.offer.Tune(all)
	if err != nil {
		st.say(err.Error())
		return
	}
	st.set = all
	done := func(err error) {
		if err != nil {
			st.fail(err.Error())
		}
	}
	for _, s := range []*Sink{st.run, st.shown} {
		if s == nil || s == st.run && st.over || s == st.shown && s.replay && st.stop == nil {
			continue
		}
		if err := s.run.Adjust(runner.Adjustment{Readout: tuned.Readout, ConfigHash: tuned.Hash, Done: done}); err != nil {
			st.say(err.Error())
		}
		if st.run == st.shown {
			break
		}
	}
}

// save sends a viewer the configuration with all changes. The lock is held.
func (st *stream) save(v *viewer) {
	if st.offer.Tune == nil {
		st.say("there is no configuration to save")
		return
	}
	tuned, err := st.offer.Tune(st.set)
	if err != nil {
		st.say(err.Error())
		return
	}
	v.put(text(encode(map[string]any{"t": "file", "name": st.name + ".yaml", "text": string(tuned.File)})))
}

// say tells every viewer what went wrong. The lock is held.
func (st *stream) say(what string) {
	for v := range st.viewers {
		v.put(text(encode(map[string]any{"t": "error", "text": what})))
	}
}

// fail tells every viewer what went wrong.
func (st *stream) fail(what string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.say(what)
}
