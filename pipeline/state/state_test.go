package state

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample has a value of every form.
type sample struct {
	U      uint64
	I      int64
	Small  uint8
	On     bool
	F      float64
	Single float32
	Index  int
	Fixed  []float32
	Free   []uint16
	List   []pair
	Raw    []byte
	Text   string
	Inner  leaf
}

type pair struct{ A, B int }

// leaf is a component of one value.
type leaf struct {
	N   uint64
	err error
}

func (l *leaf) AppendState(b []byte) ([]byte, error) {
	b, err := Append(b, func(c *Codec) { c.Uint64(&l.N) })
	return b, errors.Join(err, l.err)
}
func (l *leaf) RestoreState(b []byte) error { return Restore(b, func(c *Codec) { c.Uint64(&l.N) }) }

func newSample() *sample {
	return &sample{
		U: 42, I: -1, Small: 200, On: true, F: math.Pi, Single: 1.5, Index: 3, Fixed: []float32{1, 2, 3}, Free: []uint16{7},
		List: []pair{{1, -2}, {3, 4}}, Raw: []byte("nested"), Text: "text", Inner: leaf{N: 9},
	}
}

func (s *sample) fields(c *Codec) {
	c.Fixed(3)
	c.Uint64(&s.U)
	Integer(c, &s.I)
	Integer(c, &s.Small)
	c.Bool(&s.On)
	c.Float64(&s.F)
	c.Float32(&s.Single)
	s.Index = c.Length(s.Index, 5)
	Array(c, s.Fixed)
	Slice(c, &s.Free)
	List(c, &s.List, func(p *pair) {
		Integer(c, &p.A)
		Integer(c, &p.B)
	})
	c.Bytes(&s.Raw)
	c.String(&s.Text)
	c.Nested("leaf", &s.Inner)
}

func written(t testing.TB) []byte {
	b, err := Append(nil, newSample().fields)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func empty() *sample { return &sample{Fixed: make([]float32, 3)} }

func TestValuesComeBackInTheirOrder(t *testing.T) {
	t.Parallel()
	got := empty()
	if err := Restore(written(t), got.fields); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(newSample(), got, cmp.AllowUnexported(leaf{})); d != "" {
		t.Error(d)
	}
}

func TestTheSizeIsThatOfTheBytes(t *testing.T) {
	b, err := Append(nil, newSample().fields)
	if err != nil {
		t.Fatal(err)
	}
	if n := Size(newSample().fields); n != len(b) {
		t.Errorf("a snapshot of %d bytes is said to have %d", len(b), n)
	}
}

func TestEveryShortenedSnapshotIsRefused(t *testing.T) {
	t.Parallel()
	whole := written(t)
	for n := range whole {
		if err := Restore(whole[:n], empty().fields); err == nil {
			t.Errorf("%d of %d bytes are taken for all", n, len(whole))
		}
	}
}

func TestALengthBeyondTheSnapshotAllocatesNothing(t *testing.T) {
	b, _ := Append(nil, func(c *Codec) { v := uint64(math.MaxUint64); c.Uint64(&v) })
	for name, fields := range map[string]func(*Codec){
		"slice": func(c *Codec) { var s []float64; Slice(c, &s) },
		"array": func(c *Codec) { Array(c, make([]float64, 0)) },
		"bytes": func(c *Codec) { var s []byte; c.Bytes(&s) },
		"list": func(c *Codec) {
			var s []int64
			if List(c, &s, func(v *int64) { Integer(c, v) }); len(s) != 0 {
				t.Error("elements out of nothing")
			}
		},
	} {
		var err error
		n := testing.AllocsPerRun(10, func() { err = Restore(b, fields) })
		if err == nil || n > 8 { // the codec and the error's words
			t.Errorf("%s: %v allocations, %v", name, n, err)
		}
	}
}

func TestAMismatchSaysWhatTheConfigurationHas(t *testing.T) {
	t.Parallel()
	b, _ := Append(nil, func(c *Codec) { s := []uint8{1, 2}; Slice(c, &s) })
	for want, fields := range map[string]func(*Codec){
		"state: 2 values where the configuration has 3": func(c *Codec) { Array(c, make([]uint8, 3)) },
		"state: 2 where the configuration has 5":        func(c *Codec) { c.Fixed(5) },
		"state: 2 where at most 1 can be":               func(c *Codec) { c.Length(0, 1) },
		"state: 2 bytes left over":                      func(c *Codec) { var n uint64; c.Uint64(&n) },
		"state: odd": func(c *Codec) {
			var n uint64
			c.Uint64(&n)
			c.Demand(n%2 == 1, "odd")
			c.Demand(false, "only the first error counts")
		},
	} {
		if err := Restore(b, fields); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestWritingIsNeverRefused is about values that a reader would refuse: what
// is there is written, and whoever reads it says what is wrong.
func TestWritingIsNeverRefused(t *testing.T) {
	t.Parallel()
	fields := func(c *Codec) {
		c.Length(9, 5)
		c.Demand(false, "impossible")
	}
	b, err := Append(nil, fields)
	if err != nil || len(b) != 8 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if err := Restore(b, fields); err == nil {
		t.Error("read without a word")
	}
}

func TestAValueThatItsFieldCannotHoldIsRefused(t *testing.T) {
	t.Parallel()
	b, _ := Append(nil, func(c *Codec) { v := 256; Integer(c, &v) })
	var v uint8
	if err := Restore(b, func(c *Codec) { Integer(c, &v) }); err == nil || !strings.Contains(err.Error(), "256 does not fit") {
		t.Errorf("%d, %v", v, err)
	}
}

func TestAReusedSliceKeepsItsMemory(t *testing.T) {
	t.Parallel()
	b, _ := Append(nil, func(c *Codec) { s := []int64{1, 2}; Slice(c, &s) })
	s := make([]int64, 5)
	got := s
	if err := Restore(b, func(c *Codec) { Slice(c, &got) }); err != nil || &got[0] != &s[0] || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestANestedErrorSaysWhoseStateItIs(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	_, err := Append(nil, func(c *Codec) { c.Nested("cell", &leaf{err: full}) })
	if !errors.Is(err, full) || err.Error() != "state of the cell: full" {
		t.Errorf("written: %v", err)
	}
	b, _ := Append(nil, func(c *Codec) { c.Last("cell", &leaf{N: 5}) })
	var l leaf
	if err := Restore(b, func(c *Codec) { c.Last("cell", &l) }); err != nil || l.N != 5 {
		t.Errorf("%d, %v", l.N, err)
	}
	if err := Restore(b[:7], func(c *Codec) { c.Last("cell", &l) }); err == nil || !strings.HasPrefix(err.Error(), "state of the cell: ") {
		t.Errorf("read: %v", err)
	}
}

func FuzzRestore(f *testing.F) {
	f.Add(written(f))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := empty()
		if Restore(b, s.fields) != nil {
			return
		}
		again, err := Append(nil, s.fields)
		if err != nil || len(again) != len(b) {
			t.Errorf("%d bytes come back as %d, %v", len(b), len(again), err)
		}
	})
}
