package picture

import (
	"errors"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

var small = Config{Width: 8, Height: 4, Style: Polarity, Window: 1000, Scale: 3}

// events makes events of on polarity from x, y and time.
func events(list ...[3]int64) []pipeline.Event {
	var es []pipeline.Event
	for _, e := range list {
		es = append(es, pipeline.Event{X: uint16(e[0]), Y: uint16(e[1]), T: e[2], P: pipeline.On})
	}
	return es
}

// reel runs a film and keeps copies of its frames.
func reel(t *testing.T, c Config, tracks *Tracks, from, to int64, es []pipeline.Event) (*Film, []*image.RGBA) {
	t.Helper()
	p, err := New(c, tracks)
	if err != nil {
		t.Fatal(err)
	}
	var frames []*image.RGBA
	f := NewFilm(p, from, to, func(frame *image.RGBA) error {
		kept := image.NewRGBA(frame.Rect)
		copy(kept.Pix, frame.Pix)
		frames = append(frames, kept)
		return nil
	})
	if err := errors.Join(f.Add(es), f.Close()); err != nil {
		t.Fatal(err)
	}
	return f, frames
}

// lit lists the sensor pixels of a frame that are not of the ground's colour,
// and demands that each is a square of one colour.
func lit(t *testing.T, c Config, frame *image.RGBA) [][2]int {
	t.Helper()
	pixels := [][2]int{}
	for y := range c.Height {
		for x := range c.Width {
			at := frame.RGBAAt(x*c.Scale, y*c.Scale)
			for dy := range c.Scale {
				for dx := range c.Scale {
					if got := frame.RGBAAt(x*c.Scale+dx, y*c.Scale+dy); got != at {
						t.Errorf("pixel %d,%d is not a square: %v beside %v", x, y, got, at)
					}
				}
			}
			if at != ground {
				pixels = append(pixels, [2]int{x, y})
			}
		}
	}
	return pixels
}

func TestAnEventIsASquareInTheWindowItFallsInto(t *testing.T) {
	t.Parallel()
	es := events([3]int64{0, 0, 5000}, [3]int64{7, 3, 5999}, [3]int64{2, 1, 6000}, [3]int64{3, 1, 8500})
	_, frames := reel(t, small, nil, 5000, math.MaxInt64, es)
	var got [][][2]int
	for _, f := range frames {
		got = append(got, lit(t, small, f))
	}
	want := [][][2]int{{{0, 0}, {7, 3}}, {{2, 1}}, {}, {{3, 1}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("windows [5000,6000), [6000,7000), ...: %s", diff)
	}
}

func TestAFilmShowsWhatLiesBetweenItsEnds(t *testing.T) {
	t.Parallel()
	es := events([3]int64{1, 1, 4999}, [3]int64{2, 2, 5000}, [3]int64{3, 3, 6499}, [3]int64{4, 3, 6500})
	f, frames := reel(t, small, nil, 5000, 6500, es)
	if len(frames) != 2 || !f.Over() || f.Full() {
		t.Fatalf("%d frames, over %t, full %t", len(frames), f.Over(), f.Full())
	}
	if diff := cmp.Diff([][2]int{{2, 2}}, lit(t, small, frames[0])); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][2]int{{3, 3}}, lit(t, small, frames[1])); diff != "" {
		t.Error(diff)
	}
}

func TestAFilmWithoutEventsShowsItsTime(t *testing.T) {
	t.Parallel()
	if _, frames := reel(t, small, nil, 0, 3000, nil); len(frames) != 3 {
		t.Errorf("%d frames, want 3", len(frames))
	}
}

func TestAnEventFromThePastCountsAsSimultaneous(t *testing.T) {
	t.Parallel()
	es := events([3]int64{1, 1, 1500}, [3]int64{2, 1, 300}, [3]int64{3, 1, 1600})
	_, frames := reel(t, small, nil, 0, 2000, es)
	if diff := cmp.Diff([][2]int{{1, 1}, {2, 1}, {3, 1}}, lit(t, small, frames[1])); diff != "" {
		t.Error(diff)
	}
}

func TestALeapInTimeEndsAFilmAtItsLimit(t *testing.T) {
	t.Parallel()
	for _, leap := range []int64{4 * 3600e6, math.MaxInt64} {
		p, err := New(small, nil)
		if err != nil {
			t.Fatal(err)
		}
		f := NewFilm(p, 0, math.MaxInt64, func(*image.RGBA) error { return nil })
		if err := f.Add(events([3]int64{1, 1, 0}, [3]int64{1, 1, leap})); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if f.Frames() != MaxFrames || !f.Full() {
			t.Errorf("leap to %d: %d frames, full %t", leap, f.Frames(), f.Full())
		}
	}
}

func TestAnErrorOfTheViewerEndsTheFilm(t *testing.T) {
	t.Parallel()
	p, err := New(small, nil)
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("full")
	f := NewFilm(p, 0, math.MaxInt64, func(*image.RGBA) error { return full })
	if err := f.Add(events([3]int64{1, 1, 0}, [3]int64{1, 1, 5000})); !errors.Is(err, full) {
		t.Errorf("Add returned %v", err)
	}
}

func TestPolarityIsToldByHueAndNumberByStrength(t *testing.T) {
	t.Parallel()
	light := func(c color.RGBA) int { return int(c.R) + int(c.G) + int(c.B) }
	one, five := polarityColor(1, 0, 0.85), polarityColor(5, 0, 0.85)
	if one.R <= one.B || light(five) <= light(one) || light(one) <= light(ground) {
		t.Errorf("on: one %v, five %v", one, five)
	}
	if off := polarityColor(0, 1, 0.85); off.B <= off.R {
		t.Errorf("off: %v", off)
	}
	if both := polarityColor(3, 3, 0.85); both.R < 180 || both.B < 180 {
		t.Errorf("both: %v", both)
	}
	if polarityColor(0, 0, 0.85) != ground {
		t.Error("nothing is not the ground's colour")
	}
}

func TestASurfaceAgesUpToTheWindow(t *testing.T) {
	t.Parallel()
	c := small
	c.Style = Surface
	_, frames := reel(t, c, nil, 1000, 3000, events([3]int64{1, 1, 100}, [3]int64{2, 1, 1100}, [3]int64{3, 1, 1999}))
	if diff := cmp.Diff([][2]int{{2, 1}, {3, 1}}, lit(t, c, frames[0])); diff != "" {
		t.Errorf("first frame: %s", diff)
	}
	if got, want := frames[0].RGBAAt(3*3, 3), ageColor(0.001); got != want {
		t.Errorf("an event of 1 µs ago is %v, want %v", got, want)
	}
	if diff := cmp.Diff([][2]int{}, lit(t, c, frames[1])); diff != "" {
		t.Errorf("second frame: %s", diff)
	}
	c.Window = 2000
	_, frames = reel(t, c, nil, 1000, 2000, events([3]int64{1, 1, 100}))
	if diff := cmp.Diff([][2]int{{1, 1}}, lit(t, c, frames[0])); diff != "" {
		t.Errorf("an event before the film's begin: %s", diff)
	}
}

func TestDecayFadesWithTheWindow(t *testing.T) {
	t.Parallel()
	c := small
	c.Style = Decay
	l := newLayer(c)
	at := func(e pipeline.Event) int { return int(e.Y)*c.Width + int(e.X) }
	for _, e := range events([3]int64{1, 1, 0}, [3]int64{1, 1, 1000}) {
		l.add(at(e), e)
	}
	e := float32(math.Exp(-1))
	if got, want := l.color(9, 2000), polarityColor(e*(e+1), 0, 0.85); got != want {
		t.Errorf("two events, one window apart, one window later: %v, want %v", got, want)
	}
	if l.color(9, 10_000) != ground {
		t.Error("still visible after ten windows")
	}
}

func TestWhatCannotBePaintedIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"style":     func(c *Config) { c.Style = "oil" },
		"window":    func(c *Config) { c.Window = 0 },
		"width":     func(c *Config) { c.Width = 0 },
		"height":    func(c *Config) { c.Height = 1 << 17 },
		"scale":     func(c *Config) { c.Scale = -1 },
		"too large": func(c *Config) { c.Width, c.Height, c.Scale = 10_000, 10_000, 1 },
	} {
		c := small
		change(&c)
		if _, err := New(c, nil); err == nil {
			t.Errorf("%s: %+v is accepted", name, c)
		}
	}
}

func TestAutomaticScaleSuitsEverySensor(t *testing.T) {
	t.Parallel()
	for _, size := range [][3]int{{34, 34, 16}, {128, 128, 8}, {240, 180, 4}, {320, 240, 3}, {346, 260, 3}, {640, 480, 2}, {1280, 720, 1}} {
		if got := (Config{Width: size[0], Height: size[1]}).scale(); got != size[2] {
			t.Errorf("%dx%d: scale %d, want %d", size[0], size[1], got, size[2])
		}
	}
}

func TestTheCaptionFitsEveryPicture(t *testing.T) {
	t.Parallel()
	for _, width := range []int{1, 30, 100, 200, 400, 1000} {
		for _, s := range styles() {
			c := Config{Width: width, Height: 10, Style: s, Window: 20_000, Scale: 1}
			_, frames := reel(t, c, nil, 0, 20_000, nil)
			if got := frames[0].Rect.Max; got != (image.Point{width, 10 + captionHeight}) {
				t.Errorf("%s, %d px: frame of %v", s, width, got)
			}
		}
	}
}

func TestTimesReadWell(t *testing.T) {
	t.Parallel()
	for us, want := range map[int64]string{500: "500 µs", 20_000: "20 ms", 2500: "2.5 ms", 1_500_000: "1.5 s"} {
		if got := span(us); got != want {
			t.Errorf("%d µs: %q, want %q", us, got, want)
		}
	}
	c := caption{c: Config{Window: 20_000, Origin: 1_000_000}}
	if got := c.stamp(1_720_000); got != "t = 0.720 s" {
		t.Error(got)
	}
	c.c.Window = 500
	if got := c.stamp(1_720_500); got != "t = 0.720500 s" {
		t.Error(got)
	}
}

func TestEventsAreTakenWithoutAllocation(t *testing.T) {
	for _, s := range styles() {
		c := small
		c.Style = s
		p, err := New(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		f := NewFilm(p, 0, math.MaxInt64, func(*image.RGBA) error { return nil })
		es := events([3]int64{1, 1, 10}, [3]int64{2, 1, 20}, [3]int64{7, 3, 30})
		if n := testing.AllocsPerRun(100, func() {
			if err := f.Add(es); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %g allocations", s, n)
		}
	}
}
