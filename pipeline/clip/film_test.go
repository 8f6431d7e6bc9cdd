package clip_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/clip"
)

var (
	camera = pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 64, Height: 48}
	around = clip.Span{Before: 30 * time.Millisecond, After: 20 * time.Millisecond, Longest: 100 * time.Millisecond, Most: 1 << 20}
)

// scene plays events of 4 a ms for a second from a time before 0 on, with detections, in
// windows of so many µs, to a recorder.
type scene struct {
	r     *clip.Recorder
	at    int64
	clips []*pipeline.Clip
}

const first, end = -50_000, 950_000 // µs

func newScene(t testing.TB, s clip.Span) *scene {
	t.Helper()
	r, err := clip.NewRecorder(s, camera)
	if err != nil {
		t.Fatal(err)
	}
	return &scene{r: r, at: first}
}

var sightings = []pipeline.Detection{
	{Kind: pipeline.MotionStart, TrackID: 1, TFirst: -45_000, T: -10_000},
	{Kind: pipeline.MotionUpdate, TrackID: 1, TFirst: -45_000, T: 0},
	{Kind: pipeline.LineCross, Label: "door", TrackID: 1, TFirst: -45_000, T: 300_000},
	{Kind: pipeline.ZoneEnter, Label: "door", TrackID: 1, TFirst: -45_000, T: 310_000},
	{Kind: pipeline.AlarmStart, Label: "storm", TFirst: 320_000, T: 350_000},
	{Kind: pipeline.MotionStart, TrackID: 2, TFirst: 600_000, T: 800_000},
	{Kind: pipeline.MotionEnd, TrackID: 1, TFirst: -45_000, T: 900_000},
	{Kind: pipeline.MotionStart, TrackID: 3, TFirst: 930_000, T: 940_000},
}

func event(t int64) pipeline.Event {
	return pipeline.Event{T: t, X: uint16(t>>3) % 64, Y: uint16(t>>9) % 48, P: uint8(t>>4) & 1}
}

func (s *scene) play(window, until int64) {
	for ; s.at < until; s.at += window {
		b := pipeline.Batch{Window: pipeline.Window{Start: s.at, End: min(s.at+window, until)}}
		for t := b.Start - first + 249; t < b.End-first+249; t++ {
			if t%250 == 249 {
				b.Events = append(b.Events, event(t-249+first))
			}
		}
		var ds []pipeline.Detection
		for _, d := range sightings {
			if d.T > b.Start && d.T <= b.End {
				ds = append(ds, d)
			}
		}
		s.clips = s.r.Take(&b, new(pipeline.Spikes), ds, s.clips)
		for i := range b.Events { // the memory is used again
			b.Events[i] = pipeline.Event{}
		}
	}
	s.at = until
}

// all plays to the end and tells what the clips hold.
func (s *scene) all(window int64) map[string]string {
	s.play(window, end)
	s.clips = s.r.Flush(nil, s.clips)
	m := map[string]string{}
	for _, c := range s.clips {
		events := slices.Concat(c.Events...)
		m[fmt.Sprintf("%s %s %d", c.Detection.Kind, c.Detection.Label, c.Detection.T)] = fmt.Sprint(c.Window, len(events), events)
	}
	return m
}

func TestAClipOfACameraHoldsTheEventsOfItsTime(t *testing.T) {
	t.Parallel()
	s := newScene(t, around)
	s.all(10_000)
	var got []string
	for _, c := range s.clips {
		events := slices.Concat(c.Events...)
		for i, e := range events {
			if e != event(e.T) || i > 0 && e.T != events[i-1].T+250 {
				t.Fatalf("%+v is not the event of its time", e)
			}
		}
		d := &c.Detection
		got = append(got, fmt.Sprintf("%s%s %d..%d: %d..%d", d.Kind, d.Label, c.Start, c.End, events[0].T, events[len(events)-1].T))
	}
	if d := cmp.Diff([]string{
		"motion_start -75000..10000: -50000..9750",
		"line_crossdoor 270000..320000: 270000..319750",
		"zone_enterdoor 280000..330000: 280000..329750",
		"alarm_startstorm 290000..370000: 290000..369750",
		"motion_start 670000..820000: 670000..819750", // longer than the longest
		"motion_start 900000..960000: 900000..949750",
	}, got); d != "" {
		t.Error(d)
	}
}

func TestTheKindsOfClipsAreChosen(t *testing.T) {
	t.Parallel()
	s := newScene(t, around)
	s.r, _ = clip.NewRecorder(clip.Span{Longest: time.Hour, Kinds: []string{"motion_end"}, Most: 1 << 20}, camera)
	if got := s.all(10_000); len(got) != 1 || s.clips[0].Start != -45_000 || s.clips[0].End != 900_000 || s.r.Noted() != 1 {
		t.Errorf("%d clips, %v", len(got), s.clips)
	}
}

func TestWindowsChangeNoClipOfACamera(t *testing.T) {
	t.Parallel()
	want := newScene(t, around).all(10_000)
	for _, window := range []int64{250, 777, 3_000, 99_999, 2_000_000} {
		if d := cmp.Diff(want, newScene(t, around).all(window)); d != "" {
			t.Errorf("windows of %d µs: %s", window, d)
		}
	}
}

func TestARestoredFilmIsTheSame(t *testing.T) {
	t.Parallel()
	want, forgetful := newScene(t, around).all(10_000), 0
	for stop := int64(first); stop < end; stop += 70_000 {
		s := newScene(t, around)
		s.play(10_000, stop)
		b, err := s.r.AppendState(nil)
		if err != nil {
			t.Fatal(err)
		}
		control := *s
		if control.r, err = clip.NewRecorder(around, camera); err != nil {
			t.Fatal(err)
		}
		control.clips = slices.Clone(s.clips)
		if !cmp.Equal(want, control.all(10_000)) {
			forgetful++
		}
		if s.r, err = clip.NewRecorder(around, camera); err != nil {
			t.Fatal(err)
		}
		if err := s.r.RestoreState(b); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, s.all(10_000)); d != "" {
			t.Errorf("stopped at %d µs: %s", stop, d)
		}
		for n := 0; n < len(b); n += 1 + len(b)/97 {
			r, _ := clip.NewRecorder(around, camera)
			if err := r.RestoreState(b[:n]); err == nil {
				t.Fatalf("%d bytes of %d are enough", n, len(b))
			}
		}
	}
	if forgetful < 3 {
		t.Errorf("a recorder that forgets is found out %d times", forgetful)
	}
}

// Of more events than are held a clip has the later ones, and says from when.
func TestTooManyEventsLeaveOutTheEarlierOnes(t *testing.T) {
	t.Parallel()
	few := around
	few.Most = 200 // 50 ms
	s := newScene(t, few)
	s.all(10_000)
	for _, c := range s.clips {
		events := slices.Concat(c.Events...)
		if len(events) > 280 || len(events) > 0 && events[0].T < c.Start {
			t.Errorf("%d events of %d, from %d", len(events), c.Detection.T, c.Start)
		}
	}
	if c := s.clips[4]; c.Start != 760_000 || c.End != 820_000 {
		t.Errorf("%v", c.Window)
	}
}

func TestWithoutDetectionsAFilmAllocatesNothing(t *testing.T) {
	s := newScene(t, around)
	b := pipeline.Batch{Window: pipeline.Window{End: 10_000}}
	for i := range int64(1000) {
		b.Events = append(b.Events, event(i*10))
	}
	var none pipeline.Spikes
	step := func() {
		s.r.Take(&b, &none, nil, nil)
		b.Start, b.End = b.Start+10_000, b.End+10_000
	}
	for range 1000 {
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
}
