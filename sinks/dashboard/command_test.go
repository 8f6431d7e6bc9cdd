package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

// shown is a sink on a page that nobody serves: what it shows is read from the stream.
type shown struct{ *Sink }

func (shown) Open(context.Context, pipeline.StreamMeta) error { return nil }
func (shown) Close(context.Context) error                     { return nil }

// probed is a network that tells membranes, and scored a readout that tells scores and
// takes configurations.
type probed struct{ pipelinetest.FakeNetwork }

func (*probed) Membrane(layer, neuron int) (float64, bool) {
	return float64(10*layer + neuron), neuron < 8
}

type scored struct {
	pipelinetest.FakeReadout
	adjusted []any
	err      error
}

func (*scored) Scores(dst []pipeline.Score) []pipeline.Score {
	return append(dst, pipeline.Score{Label: "wave", Value: 1, Threshold: 2})
}

func (s *scored) Adjust(cfg any) error {
	s.adjusted = append(s.adjusted, cfg)
	return s.err
}

// desk is a stream with a run of three batches, and a viewer of its page.
type desk struct {
	*stream
	v       *viewer
	source  *pipelinetest.FakeSource
	readout *scored
	sink    *Sink
}

func newDesk(t *testing.T, o Offer) *desk {
	t.Helper()
	st := newStream(&Server{cfg: NewDefaultConfig()}, "test")
	st.server.streams = []*stream{st}
	s := newSink(t, NewDefaultConfig())
	s.stream, s.offer = st, o
	d := &desk{
		stream: st, v: &viewer{mail: make(chan letter, 64)}, sink: s,
		source: &pipelinetest.FakeSource{Batches: 3, Events: 8}, readout: new(scored),
	}
	if !st.join(d.v) {
		t.Fatal("no room")
	}
	return d
}

// play runs the three batches to their end.
func (d *desk) play(t *testing.T) {
	t.Helper()
	p := runner.Pipeline{
		Name: "test", ConfigHash: "0123456789abcdef", Source: d.source,
		Encoder: func(info pipeline.StreamInfo) (pipeline.Encoder, error) {
			return &pipelinetest.FakeEncoder{Info: info}, nil
		},
		Network: func(in pipeline.Shape) (pipeline.Network, error) {
			return &probed{pipelinetest.FakeNetwork{In: in}}, nil
		},
		Readout: func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) { return d.readout, nil },
		Sinks:   []runner.Sink{{Name: "page", Sink: shown{d.sink}}},
	}
	if _, err := runner.Run(t.Context(), p, runner.Options{}); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) do(c string) { d.command(d.v, []byte(c)) }

// sought is where a replay is to begin, µs; -1 where none is.
func (d *desk) sought() int64 {
	select {
	case at := <-d.seek:
		return at
	default:
		return -1
	}
}

// told are the texts that the viewer has got, by their kind.
func (d *desk) told(t *testing.T) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for len(d.v.mail) > 0 {
		var m map[string]any
		if err := json.Unmarshal((<-d.v.mail).data, &m); err != nil {
			t.Fatal(err)
		}
		all[m["t"].(string)] = m
	}
	return all
}

// replayable is an offer whose replays are never begun: the test reads what is sought.
var replayable = Offer{Replay: func(context.Context, []string, int64, func(pipeline.Source) pipeline.Source, *Sink) error { return nil }}

func TestAViewerChoosesALayerAndANeuron(t *testing.T) {
	d := newDesk(t, Offer{})
	d.do(`{"do":"layer","layer":3}`) // of nothing that is shown
	d.play(t)
	if d.sink.layer.Load() != 0 || d.sink.neuron.Load() != -1 {
		t.Errorf("layer %d, neuron %d before a choice", d.sink.layer.Load(), d.sink.neuron.Load())
	}
	for _, c := range []struct {
		do     string
		layer  int32
		neuron int64
	}{
		{`{"do":"layer","layer":1}`, 2, -1},
		{`{"do":"layer"`, 2, -1},
		{`{"do":"probe","layer":1,"neuron":7}`, 2, 1<<32 | 7},
		{`{"do":"layer","layer":-9}`, 0, 1<<32 | 7},
		{`{"do":"probe","layer":0,"neuron":-1}`, 0, -1},
		{`{"do":"probe","layer":0,"neuron":3}`, 0, 3},
		{`{"do":"probe","layer":-1,"neuron":3}`, 0, -1},
	} {
		if d.do(c.do); d.sink.layer.Load() != c.layer || d.sink.neuron.Load() != c.neuron {
			t.Errorf("%s: layer %d, neuron %d", c.do, d.sink.layer.Load(), d.sink.neuron.Load())
		}
	}
	d.do(`{"do":"probe","layer":1,"neuron":5}`)
	d.do(`{"do":"layer","layer":0}`)
	d.greet()
	hello := d.told(t)["hello"]
	want := map[string]any{"layer": 0., "probe": map[string]any{"layer": 1., "neuron": 5.}, "stream": "test", "image": false, "live": false,
		"layers": []any{map[string]any{"name": "copy", "shape": []any{8.}}}, "streams": []any{"test"}}
	for k, v := range want {
		if diff := cmp.Diff(v, hello[k]); diff != "" {
			t.Errorf("%s: %s", k, diff)
		}
	}
	// A run that begins shows what was chosen for the one before.
	next := newSink(t, NewDefaultConfig())
	next.stream = d.stream
	d.begin(next)
	if next.layer.Load() != 1 || next.neuron.Load() != 1<<32|5 {
		t.Errorf("the next run shows layer %d, neuron %d", next.layer.Load(), next.neuron.Load())
	}
}

// What is chosen is in the frames: the layer's spikes, the neuron's membrane, the scores.
func TestAFrameHoldsWhatWasChosen(t *testing.T) {
	d := newDesk(t, Offer{})
	d.source.BeforeRead = func(_ context.Context, n int) {
		if n == 0 {
			d.do(`{"do":"layer","layer":0}`)
			d.do(`{"do":"probe","layer":0,"neuron":5}`)
		}
	}
	d.play(t)
	f := d.sink.take(nil)
	if f == nil || d.sink.take(nil) != nil {
		t.Fatal("there is not one frame")
	}
	if f.raster.size != 8 || len(f.raster.ids) != 24 || f.raster.times[23] != 2000 || f.raster.ids[23] != 7 {
		t.Errorf("raster %+v", f.raster)
	}
	b := f.encodeRaster()
	if len(b) != 36+8*24 || b[0] != rasterMessage || double(b, 20) != 0 || double(b, 28) != 3000 || b[len(b)-4] != 7 {
		t.Errorf("message % x", b)
	}
	points := [][2]float64{{1000, 5}, {2000, 5}, {3000, 5}}
	if diff := cmp.Diff(points, f.probe.points[:3]); diff != "" {
		t.Error(diff)
	}
	d.send(f)
	if n := len(d.v.mail); n != 3 { // sound, raster, what was found
		t.Fatalf("%d letters", n)
	}
	<-d.v.mail
	<-d.v.mail
	found := d.told(t)["found"]
	more := found["more"].(map[string]any)
	scores := more["scores"].(map[string]any)
	if len(found["ds"].([]any)) != 25 || more["lost"] != 0. || scores["labels"].([]any)[0] != "wave" || scores["thresholds"].([]any)[0] != 2. {
		t.Errorf("%v", found)
	}
	if membrane := more["membrane"].(map[string]any); membrane["neuron"] != 5. {
		t.Errorf("%v", membrane)
	}
	d.tell()
	stats := d.told(t)["stats"]
	if r := stats["record"].(map[string]any); stats["viewers"] != 1. || r["start"] != 0. || r["end"] != 3000. {
		t.Errorf("%v", stats)
	}
}

func TestAViewerPlaysWhatWasSeen(t *testing.T) {
	type state struct {
		paused bool
		steps  int
		speed  float64
		sought int64
	}
	d := newDesk(t, replayable)
	d.play(t)
	for _, c := range []struct {
		do   string
		want state
	}{
		{`{"do":"pause"}`, state{true, 0, 1, 0}}, // at the run's end it begins at its start
		{`{"do":"step"}`, state{true, 1, 1, 0}},
		{`{"do":"step"}`, state{true, 2, 1, 0}},
		{`{"do":"speed","speed":0.5}`, state{true, 2, 0.5, 0}},
		{`{"do":"speed","speed":0}`, state{true, 2, slowest, 0}},
		{`{"do":"speed","speed":1e9}`, state{true, 2, fastest, 0}},
		{`{"do":"play"}`, state{false, 0, fastest, 0}},
		{`{"do":"seek","at":1500}`, state{false, 0, fastest, 1500}},
		{`{"do":"dance"}`, state{false, 0, fastest, -1}},
		{`{"do":"run"}`, state{false, 0, fastest, -1}},
	} {
		d.do(c.do)
		p := d.player
		if got := (state{p.paused, p.steps, p.speed, d.sought()}); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.do, got, c.want)
		}
	}
	d.do(`{"do":"repeat","on":false}`)
	if d.player.repeats() {
		t.Error("it repeats")
	}
	d.end(d.sink)
	if at := d.sought(); at >= 0 {
		t.Errorf("a stream that is not to repeat begins again at %d", at)
	}
	d.do(`{"do":"repeat","on":true}`)
	d.end(newSink(t, NewDefaultConfig())) // another one's end
	if at := d.sought(); at >= 0 {
		t.Errorf("another run's end begins a replay at %d", at)
	}
	d.end(d.sink)
	if at := d.sought(); at != 0 {
		t.Errorf("a stream that is over and repeats begins at %d", at)
	}
	d.leave(d.v)
	if d.join(d.v); d.sought() != 0 {
		t.Error("who comes after the end sees nothing")
	}
	// A seek ends the replay that runs, and the later one counts.
	stopped := 0
	d.stop = func() { stopped++ }
	d.do(`{"do":"seek","at":1}`)
	d.do(`{"do":"seek","at":2}`)
	if at := d.sought(); at != 2 || stopped != 2 {
		t.Errorf("sought %d, %d stops", at, stopped)
	}
	if d.do(`{"do":"run"}`); stopped != 3 {
		t.Error("the replay runs on where the run is wanted")
	}
}

func TestWhatCannotBeHadAgainIsNotPlayed(t *testing.T) {
	for name, live := range map[string]bool{"without a replay": false, "a live stream": true} {
		o := replayable
		if !live {
			o = Offer{}
		}
		d := newDesk(t, o)
		d.source.Live = live
		d.play(t)
		d.do(`{"do":"pause"}`)
		d.do(`{"do":"seek","at":1}`)
		d.end(d.sink)
		if d.player.paused || d.sought() >= 0 {
			t.Errorf("%s is played", name)
		}
	}
}

func TestMoreViewersThanThereIsRoomForAreTurnedAway(t *testing.T) {
	d := newDesk(t, Offer{})
	for range mostViewers - 1 {
		if !d.join(&viewer{mail: make(chan letter, 1)}) {
			t.Fatal("turned away too early")
		}
	}
	late := &viewer{mail: make(chan letter, 1)}
	if d.join(late) {
		t.Error("one too many")
	}
	if d.leave(d.v); !d.join(late) {
		t.Error("turned away although one has left")
	}
}

func TestChangesOfTheConfiguration(t *testing.T) {
	d := newDesk(t, Offer{})
	d.play(t)
	d.do(`{"do":"set","set":["readout.hold=1"]}`)
	if text := d.told(t)["error"]["text"]; text != "nothing can be changed here" {
		t.Errorf("told %v", text)
	}
	d.do(`{"do":"save"}`)
	if text := d.told(t)["error"]["text"]; text != "there is no configuration to save" {
		t.Errorf("told %v", text)
	}

	var asked [][]string
	refuse := errors.New("readout.hold: must be a duration")
	o := Offer{
		Tune: func(set []string) (Tuned, error) {
			asked = append(asked, slices.Clone(set))
			if slices.Contains(set, "readout.hold=never") {
				return Tuned{}, refuse
			}
			return Tuned{Readout: len(set), Hash: "fedcba9876543210", File: []byte(strings.Join(set, "\n"))}, nil
		},
		Settings: func(set []string) ([]Setting, error) {
			if len(set) == 0 {
				return nil, errors.New("nothing yet")
			}
			return []Setting{{Key: "hold", Value: set[0]}}, nil
		},
	}
	d = newDesk(t, o)
	d.source.BeforeRead = func(_ context.Context, n int) {
		if n == 1 { // while the run is under way
			d.do(`{"do":"set","set":["readout.hold=1s","readout.gap=2s"]}`)
		}
	}
	d.play(t)
	if len(d.readout.adjusted) != 1 || d.readout.adjusted[0] != 2 {
		t.Errorf("the readout got %v", d.readout.adjusted)
	}
	if e := d.told(t)["error"]; e != nil {
		t.Errorf("told %v", e)
	}
	d.do(`{"do":"set","set":["readout.hold=never"]}`)
	if text := d.told(t)["error"]["text"]; text != refuse.Error() {
		t.Errorf("told %v", text)
	}
	d.do(`{"do":"set","set":["readout.hold=3s"]}`)
	if text := d.told(t)["error"]["text"]; text != "the run is not under way" {
		t.Errorf("told %v", text)
	}
	d.end(d.sink)
	d.do(`{"do":"set","set":["readout.hold=4s"]}`) // waits for the next replay
	if e := d.told(t)["error"]; e != nil {
		t.Errorf("told %v", e)
	}
	want := [][]string{
		{"readout.hold=1s", "readout.gap=2s"},
		{"readout.gap=2s", "readout.hold=never"},
		{"readout.gap=2s", "readout.hold=3s"},
		{"readout.gap=2s", "readout.hold=4s"},
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("asked for: %s", diff)
	}
	d.do(`{"do":"save"}`)
	file := d.told(t)["file"]
	if file["name"] != "test.yaml" || file["text"] != "readout.gap=2s\nreadout.hold=4s" {
		t.Errorf("saved %v", file)
	}
	if list := d.settings(); len(list) != 1 || list[0].Value != "readout.gap=2s" {
		t.Errorf("settings %v", list)
	}
	if d.set = nil; d.settings() != nil {
		t.Error("settings that cannot be had are shown")
	}
	d.offer.Tune = func([]string) (Tuned, error) { return Tuned{}, refuse }
	d.do(`{"do":"save"}`)
	if text := d.told(t)["error"]["text"]; text != refuse.Error() {
		t.Errorf("told %v", text)
	}
}

// A readout that refuses a configuration tells why, and who looks is told.
func TestARefusedChangeIsTold(t *testing.T) {
	d := newDesk(t, Offer{Tune: func([]string) (Tuned, error) { return Tuned{}, nil }})
	d.readout.err = errors.New("hold: only a new run can take it")
	d.source.BeforeRead = func(_ context.Context, n int) {
		if n == 1 {
			d.do(`{"do":"set","set":["readout.hold=1s"]}`)
		}
	}
	d.play(t)
	if text := d.told(t)["error"]["text"]; text != d.readout.err.Error() {
		t.Errorf("told %v", text)
	}
}

func TestAReplayBeginsBeforeWhatIsSought(t *testing.T) {
	type call struct {
		set   []string
		start int64
		sink  bool
	}
	var calls []call
	broken := errors.New("the file is gone")
	var result error
	var d *desk
	d = newDesk(t, Offer{Replay: func(ctx context.Context, set []string, start int64, pace func(pipeline.Source) pipeline.Source,
		into *Sink) error {
		calls = append(calls, call{set, start, into.replay})
		into.run = d.sink.run
		d.begin(into)
		src := pace(&pipelinetest.FakeSource{Batches: 1, Events: 1})
		var b pipeline.Batch
		if err := src.Read(ctx, &b); err != nil {
			return err
		}
		if err := src.Read(ctx, &b); !errors.Is(err, io.EOF) {
			t.Errorf("after the end: %v", err)
		}
		return result
	}})
	d.replayFrom(t.Context(), 5) // of a stream that has not begun
	d.source.Batches = 1500      // 1.5 s
	d.play(t)
	d.set = []string{"readout.hold=1s"}
	d.player.change(func(p *player) { p.speed = fastest })
	d.replayFrom(t.Context(), 1_400_000)
	if at := d.sought(); at != 0 || !d.shown.replay || d.stop != nil {
		t.Errorf("after a replay: the next at %d, replay shown %t", at, d.shown.replay)
	}
	result = broken
	d.replayFrom(t.Context(), 700_000)
	if text := d.told(t)["error"]["text"]; text != "replay: the file is gone" {
		t.Errorf("told %v", text)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	d.replayFrom(ended, 0)
	if at := d.sought(); at >= 0 || d.told(t)["error"] != nil {
		t.Errorf("a replay that was ended has an error, or another one at %d", at)
	}
	set := []string{"readout.hold=1s"}
	if diff := cmp.Diff([]call{{set, 400_000, true}, {set, 0, true}, {set, 0, true}}, calls, cmp.AllowUnexported(call{})); diff != "" {
		t.Error(diff)
	}
	d.replays(ended) // returns
}

func TestAPlayerHoldsBackWhatIsNotDue(t *testing.T) {
	window := func(start, end int64) pipeline.Window { return pipeline.Window{Start: start, End: end} }
	synctest.Test(t, func(t *testing.T) {
		p := newPlayer()
		began := time.Now()
		after := func(what string, want time.Duration, w pipeline.Window) {
			t.Helper()
			if err := p.wait(t.Context(), w); err != nil {
				t.Error(err)
			}
			if got := time.Since(began); got != want {
				t.Errorf("%s: after %v, want %v", what, got, want)
			}
		}
		after("the first window", 10*time.Millisecond, window(0, 10_000))
		after("the next", 20*time.Millisecond, window(10_000, 20_000))
		p.change(func(p *player) { p.speed = 0.5 })
		after("at half the speed", 40*time.Millisecond, window(20_000, 30_000))
		p.change(func(p *player) { p.from = 50_000 })
		after("what is not shown", 40*time.Millisecond, window(30_000, 50_000))
		p.change(func(p *player) { p.paused, p.steps = true, 2 })
		after("a step", 40*time.Millisecond, window(50_000, 60_000))
		after("another step", 40*time.Millisecond, window(60_000, 70_000))
		go func() { // ends with the change
			time.Sleep(time.Minute)
			p.change(func(p *player) { p.paused, p.speed = false, 1 })
		}()
		after("a pause that ends", time.Minute+50*time.Millisecond, window(70_000, 80_000))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		p.change(func(p *player) { p.paused = true })
		if err := p.wait(ctx, window(80_000, 90_000)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func TestAPacedSourceResumesWhereItsSourceCan(t *testing.T) {
	src := &pipelinetest.FakeSource{Batches: 9, Events: 1}
	p := newPlayer()
	p.from = 1 << 40
	s := paced{src, p}
	if err := s.Resume(t.Context(), 4000); err != nil {
		t.Fatal(err)
	}
	var b pipeline.Batch
	if err := s.Read(t.Context(), &b); err != nil || b.Start != 4000 {
		t.Errorf("resumed at %d: %v", b.Start, err)
	}
	plain := struct{ pipeline.Source }{src}
	if err := (paced{plain, p}).Resume(t.Context(), 0); err == nil || err.Error() != "the source cannot begin in the middle of its stream" {
		t.Errorf("error %v", err)
	}
}
