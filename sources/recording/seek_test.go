package recording

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/format"
	"ganglion/sources/format/evt"
	"ganglion/sources/format/formattest"
)

// indexed writes a sample of a format and reads it once with a fine index.
func indexed(t *testing.T, f format.Format) (c Config, events []pipeline.Event) {
	t.Helper()
	data := sample(t, f, 20_000)
	path := filepath.Join(t.TempDir(), "a."+f.Name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	c = config(path)
	c.Format, c.Width, c.Height, c.Start = f.Name, 240, 180, time.Microsecond
	c.Window = time.Hour
	s := open(t, c)
	s.block = format.NewBlock(64)
	if s.reader.index != nil {
		s.reader.index.step = 500
	}
	play(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c.Start = 0
	for _, b := range play(t, open(t, c)) {
		events = append(events, b.Events...)
	}
	return c, events
}

// between is what a full reading gives from start to end.
func between(events []pipeline.Event, start, end time.Duration) (part []pipeline.Event) {
	first := events[0].T
	for _, e := range events {
		if e.T >= first+start.Microseconds() && e.T < first+end.Microseconds() {
			part = append(part, e)
		}
	}
	return part
}

func TestStartAndEndGiveThePartOfAFullReadingInEveryFormat(t *testing.T) {
	t.Parallel()
	eachFormat(t, func(t *testing.T, f format.Format) {
		c, events := indexed(t, f)
		r := rand.New(rand.NewPCG(7, 7))
		length := events[len(events)-1].T - events[0].T
		parts := 30
		if testing.Short() {
			parts = 5
		}
		for range parts {
			c.Start = time.Duration(r.Int64N(length)) * time.Microsecond
			c.End = c.Start + time.Duration(1+r.Int64N(length))*time.Microsecond
			s := open(t, c)
			s.block = format.NewBlock(64)
			var got []pipeline.Event
			for _, b := range play(t, s) {
				got = append(got, b.Events...)
			}
			if diff := formattest.DiffEvents(between(events, c.Start, c.End), got); diff != "" {
				t.Fatalf("%v to %v: -full +sought:\n%s", c.Start, c.End, diff)
			}
		}
	})
}

func TestAnIndexLeapsOverWhatIsNotWanted(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"evt2", "evt21", "evt3", "evt4", "dat", "nmnist", "npy", "aedat4"} {
		t.Run(name, func(t *testing.T) {
			f, err := byName(name)
			if err != nil {
				t.Fatal(err)
			}
			c, events := indexed(t, f)
			r, err := Open(c.Path, Options{Format: name})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if err := r.UseIndex(); err != nil {
				t.Fatal(err)
			}
			if err := r.Read(format.NewBlock(64)); err != nil {
				t.Fatal(err)
			}
			if err := r.SkipTo(events[len(events)-1].T); err != nil {
				t.Fatal(err)
			}
			if st, err := os.Stat(c.Path); err != nil || r.Offset() < st.Size()*7/10 {
				t.Errorf("at byte %d of %d: %v", r.Offset(), st.Size(), err)
			}
		})
	}
}

func TestWhatLiesBesideTheEventsIsNotLeaptOver(t *testing.T) {
	t.Parallel()
	c, _ := indexed(t, evt.EVT3())
	r, err := Open(c.Path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.UseIndex(); err != nil {
		t.Fatal(err)
	}
	x := r.index
	x.points, x.known, x.step, x.latest = nil, 0, 1, minTime
	x.note(&format.Block{Events: []pipeline.Event{{T: 5}}, Side: []format.Side{{T: 90}, {T: 7}}}, x.begin+100, 0, true)
	if _, ok := x.before(90, x.begin); ok {
		t.Error("a trigger at the time that was asked for lies before the place")
	}
	if _, ok := x.before(91, x.begin); !ok {
		t.Error("a place behind everything earlier is not found")
	}
	x.points = nil
}

// playPart plays a part of a recording.
func playPart(t *testing.T, c Config) (events []pipeline.Event) {
	t.Helper()
	for _, b := range play(t, open(t, c)) {
		events = append(events, b.Events...)
	}
	return events
}

func TestADamagedOrStaleIndexIsNotUsed(t *testing.T) {
	t.Parallel()
	c, events := indexed(t, evt.EVT3())
	c.Start = time.Duration(events[len(events)/2].T-events[0].T) * time.Microsecond
	want := between(events, c.Start, time.Hour)
	sound, err := os.ReadFile(c.Path + indexEnding)
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, index []byte) {
		t.Helper()
		if err := os.WriteFile(c.Path+indexEnding, index, 0o600); err != nil {
			t.Fatal(err)
		}
		if diff := formattest.DiffEvents(want, playPart(t, c)); diff != "" {
			t.Fatalf("%s: -full +sought:\n%s", name, diff)
		}
	}
	check("sound", sound)
	for i := range min(len(sound), 150) {
		flipped := bytes.Clone(sound)
		flipped[i] ^= 1 << (i % 8)
		check("a flipped bit", flipped)
	}
	for n := range 100 {
		check("cut", sound[:n])
	}
	if err := os.Chtimes(c.Path, time.Time{}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	s := open(t, c)
	if n := len(s.reader.index.points); n != 0 {
		t.Errorf("%d points of an index of another time were taken", n)
	}
}

func TestAnIndexThatCannotBeWrittenIsNoError(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("the superuser may write anywhere")
	}
	path := write(t, "a.raw", formattest.Info, formattest.Events(20_000))
	if err := os.Chmod(filepath.Dir(path), 0o500); err != nil {
		t.Fatal(err)
	}
	c := config(path)
	c.Start = time.Millisecond
	s := open(t, c)
	s.reader.index.step = 500
	play(t, s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// BenchmarkSeek reads the last hundredth of a recording of 20 million events.
func BenchmarkSeek(b *testing.B) {
	events := formattest.Events(1_000_000)
	length := events[len(events)-1].T + 1
	path := filepath.Join(b.TempDir(), "long.raw")
	w, err := Create(path, "evt3", formattest.Info)
	if err != nil {
		b.Fatal(err)
	}
	const repeats = 20
	for range repeats {
		if err := w.Write(events); err != nil {
			b.Fatal(err)
		}
		for i := range events {
			events[i].T += length
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	c := config(path)
	c.Start = time.Duration(length*repeats*99/100) * time.Microsecond
	read := func(b *testing.B, dropIndex bool) {
		for b.Loop() {
			if dropIndex {
				os.Remove(path + indexEnding)
			}
			s, err := New(c, component.Env{Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := s.Open(b.Context()); err != nil {
				b.Fatal(err)
			}
			if got, err := playOn(b.Context(), s); len(got) < 190_000 {
				b.Fatalf("%d events, %v", len(got), err)
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("without an index", func(b *testing.B) { read(b, true) })
	b.Run("with an index", func(b *testing.B) { read(b, false) })
}

func TestStartGivesThePartOfAFullReadingOfRealRecordings(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"aedat4/davis346.aedat4", "evt3/triggers.raw", "dat/ncars.dat"} {
		data, err := os.ReadFile(filepath.Join(dataDir(t), "events", file))
		if err != nil {
			t.Fatal(err)
		}
		c := config(filepath.Join(t.TempDir(), filepath.Base(file)))
		if err := os.WriteFile(c.Path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		events := playPart(t, c)
		length := events[len(events)-1].T - events[0].T
		for i := range int64(6) {
			c.Start = time.Duration(length*(5-i)/6+1) * time.Microsecond
			s := open(t, c)
			if s.reader.index != nil {
				s.reader.index.step = 10_000
			}
			var got []pipeline.Event
			for _, b := range play(t, s) {
				got = append(got, b.Events...)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if diff := formattest.DiffEvents(between(events, c.Start, time.Hour), got); diff != "" {
				t.Errorf("%s from %v: -full +sought:\n%s", file, c.Start, diff)
			}
		}
	}
}
