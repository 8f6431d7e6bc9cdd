package dashboard

import (
	"context"
	"encoding/json"
	"math"
	"runtime"
	"time"

	"github.com/coder/websocket"

	"ganglion/pipeline"
)

// pump is the goroutine that takes frames of what is shown and puts them into the
// mailboxes of viewers, as long as there are any.
func (st *stream) pump(ctx context.Context) {
	tick := time.NewTicker(time.Second / time.Duration(st.server.cfg.FPS))
	defer tick.Stop()
	var empty *frame
	var from *Sink // of which empty was a frame
	var told, next time.Time
	for {
		if !st.watched() {
			select {
			case <-st.wake:
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		s := st.greet()
		if s == nil || time.Now().Before(next) {
			continue
		}
		began := time.Now()
		if s != from {
			empty, from = nil, s
		}
		if f := s.take(empty); f != nil {
			st.send(f)
			f.reset()
			empty = f
		}
		if began.Sub(told) >= statsEvery {
			told = began
			st.tell()
		}
		spent := time.Since(began) + time.Duration(st.spent.Swap(0))
		next = began.Add(spent * share / time.Duration(runtime.GOMAXPROCS(0)))
	}
}

// share bounds what viewers may cost: one part in so many of the processors' time.
// Where frames take longer, because viewers are many or the machine is busy, there
// are fewer of them.
const share = 24

// greet tells viewers what is shown where they do not know, and returns it.
func (st *stream) greet() *Sink {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.shown == nil {
		return nil
	}
	var hello []byte
	for v := range st.viewers {
		if !v.owed && !st.fresh {
			continue
		}
		if hello == nil {
			hello = st.hello()
		}
		v.owed = !v.put(text(hello))
	}
	st.fresh = false
	return st.shown
}

// send encodes a frame once and puts it into every mailbox that has room.
func (st *stream) send(f *frame) {
	var letters []letter
	if f.surface != nil {
		letters = append(letters, binaryMessage(f.encodeEvents()))
	} else {
		letters = append(letters, binaryMessage(f.encodeSound()))
	}
	if len(f.raster.ids) > 0 {
		letters = append(letters, binaryMessage(f.encodeRaster()))
	}
	if len(f.found) > 0 || len(f.scores.times) > 0 || len(f.probe.points) > 0 {
		letters = append(letters, text(f.encodeFound()))
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	for v := range st.viewers {
		if cap(v.mail)-len(v.mail) < len(letters)+1 { // room for what is not a frame
			v.missed++
			continue
		}
		for _, l := range letters {
			v.put(l)
		}
	}
}

// tell puts the figures into every mailbox.
func (st *stream) tell() {
	st.mu.Lock()
	shown := st.shown
	st.mu.Unlock()
	summary := shown.run.Summary()
	st.mu.Lock()
	defer st.mu.Unlock()
	data := encode(map[string]any{
		"t": "stats", "summary": summary, "record": st.record(), "state": st.state(), "streams": st.server.names(), "viewers": len(st.viewers),
	})
	for v := range st.viewers {
		v.put(text(data))
	}
}

// state is what the page's controls show. The lock is held.
func (st *stream) state() map[string]any {
	state := st.player.state()
	state["replay"], state["replayable"], state["over"] = st.shown.replay, st.replayable(), st.over
	return state
}

// hello is the message that says what is shown. The lock is held.
func (st *stream) hello() []byte {
	s := st.shown
	type layer struct {
		Name  string         `json:"name"`
		Shape pipeline.Shape `json:"shape"`
	}
	layers := []layer{}
	for _, l := range s.run.Layers() {
		layers = append(layers, layer{l.Name, l.Shape})
	}
	info, in := s.run.Info(), s.run.Input()
	hello := map[string]any{
		"t": "hello", "stream": st.name, "modality": info.Modality, "format": info.Format, "live": info.Live, "input": in,
		"image": isImage(in), "layers": layers, "layer": s.layer.Load() - 1, "state": st.state(), "fps": st.server.cfg.FPS,
		"streams": st.server.names(), "settings": st.settings(),
	}
	if p := s.neuron.Load(); p >= 0 {
		hello["probe"] = probe{Layer: int(p >> 32), Neuron: int(p & math.MaxUint32)}
	}
	return encode(hello)
}

// settings are the values that can be changed, none where nothing can. The lock is
// held.
func (st *stream) settings() []Setting {
	if st.offer.Settings == nil {
		return nil
	}
	list, err := st.offer.Settings(st.set)
	if err != nil {
		return nil
	}
	return list
}

// encodeFound is the message of a frame's detections, scores and membrane.
func (f *frame) encodeFound() []byte {
	b := []byte(`{"t":"found","ds":[`)
	for i := range f.found {
		if i > 0 {
			b = append(b, ',')
		}
		b = f.found[i].AppendJSON(b)
	}
	b = append(b, `],"more":`...)
	b = append(b, encode(map[string]any{"lost": f.lost, "scores": f.scoreRows(), "membrane": f.membrane()})...)
	return append(b, '}')
}

// scoreRows are the labels, thresholds, times and values of the frame's scores.
func (f *frame) scoreRows() any {
	s := &f.scores
	if len(s.times) == 0 {
		return nil
	}
	labels, thresholds := []string{}, []float32{}
	for _, v := range s.last {
		labels, thresholds = append(labels, v.Label), append(thresholds, v.Threshold)
	}
	return map[string]any{"labels": labels, "thresholds": thresholds, "times": s.times, "values": s.values}
}

func (f *frame) membrane() any {
	if len(f.probe.points) == 0 {
		return nil
	}
	return map[string]any{"layer": f.probe.Layer, "neuron": f.probe.Neuron, "points": f.probe.points}
}

// encode is a value as JSON. Those that it is given can be encoded.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte(`{"t":"error","text":"a figure cannot be shown"}`)
	}
	return b
}

func text(b []byte) letter          { return letter{websocket.MessageText, b} }
func binaryMessage(b []byte) letter { return letter{websocket.MessageBinary, b} }
