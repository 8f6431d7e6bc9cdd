package zones

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/network/motion/track"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

const period = 10 * time.Millisecond

// stage moves boxes of 10x10 px over a sensor of 200x100 px. A box that is nil makes
// no events.
type stage struct {
	k   *track.Tracker
	w   *Watch
	end int64
	all []pipeline.Detection
}

func newStage(t testing.TB, c Config) *stage {
	t.Helper()
	if c.Anchor == "" {
		c.Anchor = anchorCentre
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	setup := track.Setup{Period: period, Flow: true, Width: 200, Height: 100}
	return &stage{k: track.New(track.NewDefaultConfig(), setup), w: New(c, period, 200, 100)}
}

// step shows the centre of an object, and how fast it moves; not where it is nowhere.
func (s *stage) step(x, y, vx, vy float64) {
	s.end += period.Microseconds()
	s.k.Predict()
	at, half := track.Vec{X: x, Y: y}, track.Vec{X: 5, Y: 5}
	b := track.Blob{
		Box: track.Box{Min: at.Minus(half), Max: at.Plus(half)}, Centroid: at, N: 100, On: 50, Evidence: 100, Flow: true,
		Velocity: track.Vec{X: vx, Y: vy}, First: s.end - 5000, Last: s.end - 1,
	}
	switch {
	case math.IsNaN(x):
		for _, t := range s.k.Tracks {
			s.k.Miss(t)
		}
	case len(s.k.Tracks) == 0:
		s.k.Start(&b)
	default:
		s.k.Correct(s.k.Tracks[0], &b)
	}
	from := len(s.all)
	s.all = s.w.Step(s.end, s.k, s.k.Publish(s.end, s.all), from)
}

// move moves an object for that many periods, at a velocity in px/s.
func (s *stage) move(x, y, vx, vy float64, periods int) (float64, float64) {
	for range periods {
		s.step(x, y, vx, vy)
		x, y = x+vx/100, y+vy/100
	}
	return x, y
}

func (s *stage) rest(periods int) {
	for range periods {
		s.step(math.NaN(), 0, 0, 0)
	}
}

func (s *stage) flush() {
	from := len(s.all)
	s.all = s.w.Flush(s.end, s.k.Flush(s.end, s.all), from)
}

// told is what the rules have reported.
func (s *stage) told() (list []string) {
	for _, d := range s.all {
		at := fmt.Sprintf("%dms %s %s", d.T/1000, d.Kind, d.Label)
		switch d.Kind {
		case pipeline.LineCross:
			list = append(list, fmt.Sprintf("%s %+d %d/%d", at, d.Sign, d.TotalForward, d.TotalBackward))
		case pipeline.ZoneEnter, pipeline.ZoneLeave, pipeline.ZoneDwell:
			list = append(list, fmt.Sprintf("%s #%d %dms of %d", at, d.TrackID, d.DwellUS/1000, d.Occupancy))
		case pipeline.AlarmStart, pipeline.AlarmEnd:
			list = append(list, fmt.Sprintf("%s %.0f", at, d.Value))
		}
	}
	return list
}

func (s *stage) wants(t *testing.T, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, s.told()); d != "" {
		t.Error(d)
	}
}

// gate is a line whose forward is to the right.
var gate = Line{Name: "gate", X0: 100, Y0: 80, X1: 100, Y1: 20}

func TestALineIsCrossedForwardAndBackward(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Lines: []Line{gate, {Name: "beside", X0: 100, Y0: 100, X1: 100, Y1: 60}}})
	x, y := s.move(80, 50, 400, 0, 10)
	s.move(x, y, -400, 0, 14)
	s.wants(t, "70ms line_cross gate +1 1/0", "170ms line_cross gate -1 1/1")
}

func TestWhatTremblesOnALineHasCrossedItOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Lines: []Line{gate}})
	s.move(90, 50, 100, 0, 11)
	for i := range 60 {
		s.step(100+1.5*float64(i%2*2-1), 50, 0, 0)
	}
	s.move(101, 50, 200, 0, 10)
	if got := s.told(); len(got) != 1 || !strings.HasSuffix(got[0], "gate +1 1/0") {
		t.Errorf("%q", got)
	}
}

func TestAWayBeginsWhereTheTrackWasFounded(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Lines: []Line{gate}}) // it is confirmed beyond the line
	s.move(99, 50, 500, 0, 5)
	s.wants(t, "30ms line_cross gate +1 1/0")
}

func TestOneDirectionAlone(t *testing.T) {
	t.Parallel()
	forward, backward := gate, gate
	forward.Direction, forward.Name, backward.Direction, backward.Name = "forward", "in", "backward", "out"
	s := newStage(t, Config{Lines: []Line{forward, backward}})
	x, y := s.move(80, 50, 400, 0, 10)
	s.move(x, y, -400, 0, 14)
	s.wants(t, "70ms line_cross in +1 1/0", "170ms line_cross out -1 0/1")
}

func TestAMarginOfItsOwn(t *testing.T) {
	t.Parallel()
	wide := gate
	wide.Margin = 12
	s := newStage(t, Config{Lines: []Line{wide}})
	s.move(80, 50, 400, 0, 12)
	s.wants(t, "90ms line_cross gate +1 1/0")
}

func TestWhatStopsBeforeALineHasNotCrossedIt(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Lines: []Line{gate}})
	s.move(70, 50, 300, 0, 8) // its track coasts across
	s.rest(40)
	s.wants(t)
}

func TestWhatIsHiddenBehindALineHasCrossedIt(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Lines: []Line{gate}})
	s.move(70, 50, 300, 0, 8)
	s.rest(14) // its track ends and is remembered
	s.move(136, 50, 300, 0, 6)
	s.wants(t, "250ms line_cross gate +1 1/0")
}

var yard = Zone{Name: "yard", Points: "80,20 140,20 140,80 80,80"}

func TestAZoneIsEnteredAndLeft(t *testing.T) {
	t.Parallel()
	long := yard
	long.Dwell = 50 * time.Millisecond
	s := newStage(t, Config{Zones: []Zone{long}})
	s.move(60, 50, 500, 0, 25)
	s.flush()
	s.wants(t, "50ms zone_enter yard #1 0ms of 1", "100ms zone_dwell yard #1 50ms of 1", "180ms zone_leave yard #1 130ms of 0")
}

func TestWhatRestsInAZoneIsHeld(t *testing.T) {
	t.Parallel()
	held := yard
	held.Hold, held.Dwell = 400*time.Millisecond, 500*time.Millisecond
	for name, c := range map[string]struct {
		zone Zone
		rest int
		want []string
	}{
		"it moves again": {held, 50, []string{"30ms zone_enter yard #1 0ms of 1", "530ms zone_dwell yard #1 500ms of 1",
			"680ms zone_leave yard #1 650ms of 0"}},
		"it rests for too long": {held, 90, []string{"30ms zone_enter yard #1 0ms of 1", "530ms zone_dwell yard #1 500ms of 1",
			"630ms zone_leave yard #1 200ms of 0", "1030ms zone_enter yard #1 0ms of 1", "1080ms zone_leave yard #1 50ms of 0"}},
		"not held": {yard, 50, []string{"30ms zone_enter yard #1 0ms of 1", "230ms zone_leave yard #1 200ms of 0",
			"630ms zone_enter yard #1 0ms of 1", "680ms zone_leave yard #1 50ms of 0"}},
	} {
		s := newStage(t, Config{Zones: []Zone{c.zone}})
		s.move(110, 50, 10, 0, 10)
		s.rest(c.rest)
		s.move(111, 50, 10, 0, 8)
		s.flush()
		if d := cmp.Diff(c.want, s.told()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestWhatLeavesTheSensorIsNotHeld(t *testing.T) {
	t.Parallel()
	edge := Zone{Name: "edge", Points: "150,0 200,0 200,100 150,100", Hold: 5 * time.Second}
	s := newStage(t, Config{Zones: []Zone{edge}})
	s.move(140, 50, 500, 0, 13)
	s.rest(20)
	if got := s.told(); len(got) != 2 || !strings.Contains(got[1], "zone_leave edge") {
		t.Errorf("%q", got)
	}
}

func TestADirectionIsForbidden(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Zones: []Zone{yard}, Alarms: []Alarm{
		{Name: "wrong way", Of: "direction", Zone: "yard", Degrees: 180, For: 30 * time.Millisecond},
	}})
	x, y := s.move(85, 50, 200, 0, 10)
	x, y = s.move(x, y, -200, 0, 12)
	s.rest(1)
	s.flush()
	got := slices.DeleteFunc(s.told(), func(s string) bool { return strings.Contains(s, "zone") })
	if len(got) != 2 || !strings.Contains(got[0], "alarm_start wrong way 180") || !strings.Contains(got[1], "alarm_end wrong way") {
		t.Errorf("%q (%v, %v)", got, x, y)
	}
}

func TestTooManyEventsAndNone(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Zones: []Zone{yard}, Alarms: []Alarm{
		{Name: "busy", Of: "rate", Zone: "yard", Above: 5000, Window: 20 * time.Millisecond},
		{Name: "dead", Of: "rate", Below: 1000, For: 30 * time.Millisecond},
		{Name: "alone", Of: "occupancy", Zone: "yard", Below: 1, For: 50 * time.Millisecond},
	}})
	second := func(inside, outside int) {
		for range inside {
			s.w.Event(100, 50)
		}
		for range outside {
			s.w.Event(10, 50)
		}
		s.rest(1)
	}
	for range 15 {
		second(0, 100)
	}
	for range 4 {
		second(100, 100)
	}
	for range 20 {
		second(0, 0)
	}
	s.flush()
	s.wants(t, "60ms alarm_start alone 0", "170ms alarm_start busy 10000", "200ms alarm_end busy 5000",
		"320ms alarm_start dead 0", "390ms alarm_end dead 0", "390ms alarm_end alone 0")
}

func TestQuietUntilSomethingIsOpen(t *testing.T) {
	t.Parallel()
	held := yard
	held.Hold = 200 * time.Millisecond
	s := newStage(t, Config{Lines: []Line{gate}, Zones: []Zone{held}})
	if !s.w.Quiet() {
		t.Error("a watch that has seen nothing is not quiet")
	}
	s.move(110, 50, 10, 0, 5)
	s.rest(15)
	if s.w.Quiet() {
		t.Error("a watch that holds an object is quiet")
	}
	s.rest(30)
	if !s.w.Quiet() {
		t.Error("a watch that remembers an object is not quiet")
	}
	if w := newStage(t, Config{Alarms: []Alarm{{Name: "dead", Of: "rate", Below: 1}}}).w; w.Quiet() {
		t.Error("a watch that has not counted yet is quiet")
	}
}

// everything has a rule of each kind.
var everything = Config{
	Anchor: anchorBottom,
	Lines:  []Line{gate},
	Zones:  []Zone{{Name: "yard", Points: yard.Points, Hold: 300 * time.Millisecond, Dwell: 40 * time.Millisecond}},
	Alarms: []Alarm{
		{Name: "right", Of: "direction", Degrees: 0, For: 20 * time.Millisecond},
		{Name: "busy", Of: "rate", Zone: "yard", Above: 400},
		{Name: "crowd", Of: "occupancy", Above: .5},
	},
	Plane: Plane{Points: []Reference{{0, 0, 0, 0}, {200, 0, 2, 0}, {200, 100, 2, 1}, {0, 100, 0, 1}}},
}

// play is a scene with everything in it, from a period on.
func (s *stage) play(from, to int) {
	for i := from; i < to; i++ {
		for range i % 7 {
			s.w.Event(90+i%40, 50)
		}
		switch {
		case i < 30:
			s.step(70+3*float64(i), 50, 300, 0)
		case i < 50:
			s.rest(1)
		default:
			s.step(160-3*float64(i-50), 50, -300, 0)
		}
	}
}

func TestARestoredWatchContinues(t *testing.T) {
	t.Parallel()
	whole := newStage(t, everything)
	whole.play(0, 90)
	whole.flush()
	if len(whole.told()) < 10 {
		t.Fatalf("little happens: %q", whole.told())
	}
	for stop := 0; stop < 90; stop += 7 {
		first, then := newStage(t, everything), newStage(t, everything)
		first.play(0, stop)
		b, err := state.Append(nil, first.fields)
		if err != nil {
			t.Fatal(err)
		}
		load := func(s *stage, b []byte) error { return state.Restore(b, s.fields) }
		if err := load(then, b); err != nil {
			t.Fatal(err)
		}
		then.end, then.all = first.end, first.all
		then.play(stop, 90)
		then.flush()
		if d := cmp.Diff(text(whole.all), text(then.all)); d != "" {
			t.Errorf("stopped after %d periods: %s", stop, d)
		}
		for n := 0; n < len(b); n += 8 {
			if err := load(newStage(t, everything), b[:n]); err == nil {
				t.Fatalf("%d of %d bytes are accepted", n, len(b))
			}
		}
	}
}

func (s *stage) fields(c *state.Codec) {
	s.k.Fields(c)
	s.w.Fields(c)
}

func text(ds []pipeline.Detection) (list []string) {
	for i := range ds {
		list = append(list, string(ds[i].AppendJSON(nil)))
	}
	return list
}

func TestWhatStaysInTheConfigurationKeepsItsState(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Lines: []Line{gate}, Zones: []Zone{yard}, Alarms: everything.Alarms})
	x, y := s.move(70, 50, 300, 0, 15)
	next := Config{Anchor: anchorCentre, Lines: []Line{{Name: "other", X0: 150, Y0: 100, X1: 150}, gate}, Zones: []Zone{yard}}
	s.w.Adjust(next)
	x, y = s.move(x, y, 300, 0, 14)
	s.move(x, y, -300, 0, 25)
	var got []string
	for _, line := range s.told() {
		if !strings.Contains(line, "alarm") {
			got = append(got, line[strings.Index(line, " ")+1:])
		}
	}
	want := []string{"zone_enter yard #1 0ms of 1", "line_cross gate +1 1/0", "zone_leave yard #1", "line_cross other +1 1/0",
		"line_cross other -1 1/1", "zone_enter yard #1 0ms of 1", "line_cross gate -1 1/1"}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
	s.w.Adjust(Config{Anchor: anchorCentre})
	if !s.w.Quiet() {
		t.Error("a watch without rules is not quiet")
	}
}

func TestPlacesAreThoseOfTheSensor(t *testing.T) {
	t.Parallel()
	// The layer is a turned quarter of the sensor: its columns are rows.
	view := pipeline.View{XY: -2, X: 300, YX: 2, Y: 40}
	s := newStage(t, Config{Lines: []Line{{Name: "gate", X0: 0, Y0: 240, X1: 400, Y1: 240}}, Zones: []Zone{yard}})
	s.w.Place(view)
	s.move(80, 50, 400, 0, 10) // down from (200, 200)
	s.wants(t, "70ms line_cross gate +1 1/0")
	d := s.all[len(s.all)-1]
	if d.VX != 0 || d.VY != 800 || d.SpeedPxS != 800 || d.DirectionDeg != 90 || d.X0 != 190 || d.X1 != 210 || d.Y1-d.Y0 != 20 || d.CX != 200 {
		t.Errorf("%s", d.AppendJSON(nil))
	}
}

func TestTheSteadyStateAllocatesNothing(t *testing.T) {
	c := everything
	s := newStage(t, c)
	s.play(0, 20)
	s.all = slices.Grow(s.all, 10_000)
	if n := testing.AllocsPerRun(20, func() { s.w.Event(100, 50); s.step(130, 50, 300, 0) }); n > 0 {
		t.Errorf("%v allocations a period", n)
	}
}
