package track

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// fields is what a snapshot can be made of.
type fields interface{ Fields(*state.Codec) }

func save(f fields) []byte {
	b, err := state.Append(nil, f.Fields)
	if err != nil {
		panic(err) // only reading can fail
	}
	return b
}

func load(f fields, b []byte) error { return state.Restore(b, f.Fields) }

// TestNoiseResumesAsIfNeverStopped compares an estimate with one that is
// restored in every period.
func TestNoiseResumesAsIfNeverStopped(t *testing.T) {
	t.Parallel()
	fresh := func() *Noise { return NewNoise(60, 40, 10*time.Millisecond, 20*time.Millisecond, 1.5, .05) }
	whole, parts := fresh(), fresh()
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		again := fresh()
		if err := load(again, save(parts)); err != nil {
			t.Fatal(err)
		}
		parts = again
		x, y := rng.IntN(60), rng.IntN(40)
		for k := range rng.IntN(8) { // some of it in one place
			for _, n := range []*Noise{whole, parts} {
				n.Add(min(x+k%3, 59), y)
			}
		}
		if i%50 == 30 {
			b := Box{Vec{10, 10}, Vec{20, 20}}
			whole.Loud(b)
			parts.Loud(b)
		}
		whole.Turn()
		parts.Turn()
		if whole.rate != parts.rate || whole.Silent() != parts.Silent() {
			t.Fatalf("period %d: a rate of %v, resumed %v", i, whole.rate, parts.rate)
		}
	}
	if whole.rate == noiseFloor || whole.rate == .05 {
		t.Errorf("a rate of %v: the test proves little", whole.rate)
	}
}

func TestTheClockResumesAsIfNeverStopped(t *testing.T) {
	t.Parallel()
	c := Clock{Length: 10}
	var ends []int64
	for start := int64(0); start < 200; start += 7 {
		again := Clock{Length: 10}
		if err := load(&again, save(&c)); err != nil {
			t.Fatal(err)
		}
		c = again
		in := pipeline.Spikes{}
		if start > 20 && start%3 == 0 {
			in.Append(start+2, 0)
		}
		for c.Enter(&pipeline.Activity{Window: pipeline.Window{Start: start, End: start + 7}, Input: &in}); c.Over(); c.Next() {
			ends = append(ends, c.End)
		}
	}
	for i, end := range ends {
		if end != int64(30+10*i) {
			t.Fatalf("periods end at %v", ends)
		}
	}
	if len(ends) < 15 {
		t.Errorf("only %d periods", len(ends))
	}
}

// busy is a tracker with all kinds of state: tracks, lost ones, events.
func busy() *bench {
	k := newBench(nil)
	for i := range 6 {
		k.Event(30+i, 30, i%2 == 0)
		k.step(blob(20+float64(i), 20, 10, 10, 100, 0), blob(100, 60, 10, 10, 0, 0))
	}
	for range 14 {
		k.step(Blob{}, blob(100, 60, 10, 10, 0, 0))
	}
	k.Event(100, 60, true)
	return k
}

func TestASnapshotThatIsCutIsRefused(t *testing.T) {
	t.Parallel()
	k := busy()
	whole := save(k.Tracker)
	if len(k.lost) != 1 || len(k.Tracks) != 1 {
		t.Fatalf("%d lost, %d tracks", len(k.lost), len(k.Tracks))
	}
	for n := range len(whole) {
		if err := load(New(k.cfg, k.setup), whole[:n]); err == nil {
			t.Fatalf("%d of %d bytes are accepted", n, len(whole))
		}
	}
	if err := load(New(k.cfg, k.setup), append(whole, 0)); err == nil {
		t.Error("a byte too many is accepted")
	}
}

// TestDamagedSnapshotsDoNoHarm puts impossible values into every place, and
// wants either an error or a tracker that works.
func TestDamagedSnapshotsDoNoHarm(t *testing.T) {
	t.Parallel()
	k := busy()
	whole := save(k.Tracker)
	refused := 0
	for at := 0; at+8 <= len(whole); at += 8 {
		for _, v := range []uint64{math.MaxUint64, 1 << 62, math.Float64bits(math.NaN()), math.Float64bits(math.Inf(-1)), 257} {
			b := append([]byte(nil), whole...)
			binary.LittleEndian.PutUint64(b[at:], v)
			damaged := &bench{Tracker: New(k.cfg, k.setup), end: k.end}
			if err := load(damaged.Tracker, b); err != nil {
				refused++
				continue
			}
			if len(damaged.Tracks) > k.cfg.Most {
				t.Errorf("place %d: %d tracks", at, len(damaged.Tracks))
			}
			damaged.step(blob(100, 60, 10, 10, 0, 0))
			damaged.Flush(damaged.end, nil)
		}
	}
	if refused < len(whole)/8 {
		t.Errorf("only %d of %d damages are refused", refused, 5*len(whole)/8)
	}
}

// TestWhatNoReadoutHasIsRefused reads values that were written just within and
// just beyond what is possible.
func TestWhatNoReadoutHasIsRefused(t *testing.T) {
	t.Parallel()
	point := func(x, y float32) func(*state.Codec) {
		return func(c *state.Codec) {
			p := Point{T: 5, X: x, Y: y, On: true}
			if c.Reading() {
				p = Point{T: 6, X: 7, Y: 8}
			}
			if p.Fields(c, 200, 100); !c.Reading() {
				return
			}
			want := Point{T: 5, On: true}
			if x >= 0 && x < 200 && y >= 0 && y < 100 {
				want.X, want.Y = x, y
			}
			if p != want {
				t.Errorf("(%v, %v) is read as %+v", x, y, p)
			}
		}
	}
	float := func(v float64) func(*state.Codec) {
		return func(c *state.Codec) {
			got := v
			if c.Reading() {
				got = 77
			}
			if Finite(c, &got); got != v && v == v {
				t.Errorf("%v is read as %v", v, got)
			}
		}
	}
	for _, c := range []struct {
		name  string
		carry func(*state.Codec)
		ok    bool
	}{
		{"a point at the origin", point(0, 0), true},
		{"the last pixel", point(199.5, 99.5), true},
		{"left of it", point(-.5, 0), false},
		{"above it", point(0, -.5), false},
		{"right of it", point(200, 0), false},
		{"below it", point(0, 100), false},
		{"a number", float(-1e300), true},
		{"no number", float(math.NaN()), false},
		{"infinity", float(math.Inf(1)), false},
		{"minus infinity", float(math.Inf(-1)), false},
	} {
		b, err := state.Append([]byte("before"), c.carry)
		if err != nil {
			t.Errorf("%s: writing says %v", c.name, err)
		}
		if err := state.Restore(b[len("before"):], c.carry); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A track that has been seen, or alone, for less than no time is none that a readout has.
func TestATrackSeenLessThanNeverIsRefused(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(*Track){
		"misses": func(t *Track) { t.Misses = -1 }, "flows": func(t *Track) { t.flows = -1 }, "hits": func(t *Track) { t.hits = -1 },
		"alone": func(t *Track) { t.alone = -1 }, "course": func(t *Track) { t.course.points = -1 },
		"abreast": func(t *Track) { t.Abreast = -1 },
	} {
		k := busy()
		damage(k.Tracks[0])
		if err := load(New(k.cfg, k.setup), save(k.Tracker)); err == nil {
			t.Errorf("%s: a count below 0 is accepted", name)
		}
	}
}

// A snapshot takes the place of what a tracker holds.
func TestASnapshotReplacesTheTracksThatAreThere(t *testing.T) {
	t.Parallel()
	k := busy()
	want := save(k)
	tracks := len(k.Tracks)
	for range 2 {
		if err := load(k, want); err != nil {
			t.Fatal(err)
		}
		if len(k.Tracks) != tracks || !bytes.Equal(save(k), want) {
			t.Fatalf("%d tracks of %d, or another state", len(k.Tracks), tracks)
		}
	}
}
