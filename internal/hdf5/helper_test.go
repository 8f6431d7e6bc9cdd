package hdf5

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"ganglion/internal/h5py"
	"ganglion/internal/shareddata"
)

// open opens bytes that are expected to be a good file.
func open(t testing.TB, b []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// encode writes a file that is expected to be writable.
func encode(t testing.TB, w *Writer) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// dump reads everything in a file in the form of h5py's dump. Arrays that
// cannot be read are handed to skip with their error.
func dump(g *Group, skip func(path string, err error)) map[string]h5py.Entry {
	out := map[string]h5py.Entry{}
	dumpInto(out, g, skip)
	return out
}

func dumpInto(out map[string]h5py.Entry, g *Group, skip func(string, error)) {
	dumpAttrs(out, &g.attributes, skip)
	for _, name := range g.Names() {
		sub, d, err := g.Member(name)
		switch {
		case err != nil:
			skip(g.Path+"/"+name, err)
		case sub != nil:
			dumpInto(out, sub, skip)
		default:
			dumpAttrs(out, &d.attributes, skip)
			dumpArray(out, d.Array, skip)
		}
	}
}

func dumpAttrs(out map[string]h5py.Entry, a *attributes, skip func(string, error)) {
	for _, name := range a.AttrNames() {
		if array, err := a.Attr(name); err != nil {
			skip(a.path+"@"+name, err)
		} else {
			dumpArray(out, array, skip)
		}
	}
}

func dumpArray(out map[string]h5py.Entry, a *Array, skip func(string, error)) {
	e := h5py.Entry{Type: a.Type.String(), Null: a.Null, Shape: a.Shape, Values: []string{}}
	var err error
	switch a.Type.Class {
	case Compound:
		for _, m := range a.Type.Members {
			part, err := a.member(m)
			if err != nil {
				skip(a.Path, err)
				return
			}
			dumpArray(out, part, skip)
		}
		return
	case Float:
		var v []float64
		v, err = a.Float64s()
		for _, x := range v {
			e.Values = append(e.Values, strconv.FormatFloat(x, 'x', -1, 64))
		}
	case FixedText, Text:
		e.Values, err = a.Strings()
	default:
		var v []int64
		v, err = a.Int64s()
		for _, x := range v {
			e.Values = append(e.Values, strconv.FormatInt(x, 10))
		}
	}
	if err != nil {
		skip(a.Path, err)
		return
	}
	out[a.Path] = e
}

// normalise gives h5py's floats the form that Go prints.
func normalise(t testing.TB, entries map[string]h5py.Entry) map[string]h5py.Entry {
	for _, e := range entries {
		if e.Type != "float16" && e.Type != "float32" && e.Type != "float64" {
			continue
		}
		for i, s := range e.Values {
			v, err := strconv.ParseFloat(s, 64)
			if err != nil {
				t.Fatal(err)
			}
			e.Values[i] = strconv.FormatFloat(v, 'x', -1, 64)
		}
	}
	return entries
}

// readAllOf opens and reads everything, and says what went wrong first. It
// stands for a careless user of an untrusted file.
func readAllOf(b []byte) error {
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	return touch(f.Root())
}

// touch decodes every array below a group and returns the first error.
func touch(g *Group) error {
	first := touchAttrs(&g.attributes)
	for _, name := range g.Names() {
		sub, d, err := g.Member(name)
		switch {
		case sub != nil:
			err = touch(sub)
		case d != nil:
			err = cmp.Or(touchAttrs(&d.attributes), touchArray(d.Array))
		}
		first = cmp.Or(first, err)
		if errors.Is(err, errLimit) {
			break
		}
	}
	return first
}

func touchAttrs(a *attributes) (first error) {
	for _, name := range a.AttrNames() {
		array, err := a.Attr(name)
		if err == nil {
			err = touchArray(array)
		}
		first = cmp.Or(first, err)
	}
	return first
}

func touchArray(a *Array) (err error) {
	switch a.Type.Class {
	case FixedText, Text:
		_, err = a.Strings()
	default:
		_, err = a.Float64s()
	}
	return err
}

// allocated is the number of bytes that fn allocates.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// fixtures is the folder of the recorded NIR files; without it a test is skipped.
func fixtures(t testing.TB) string {
	t.Helper()
	return shareddata.Path(t, "nir")
}

// sample is a small file with every kind of value that the writer knows.
func sample() *Writer {
	w := NewWriter(4)
	r := w.Root()
	r.Attr("__type__", Strings(nil, []string{"sample"}))
	r.Attr("t_max", Numbers(nil, []float64{1.5}))
	r.Attr("n", Numbers([]int{2}, []int64{-1, 1 << 40}))
	r.Put("version", Strings(nil, []string{"1.0"}))
	r.Put("texts", Strings([]int{2, 2}, []string{"a", "", "ü", "lif1.w_rec"}))
	r.Put("bools", Bools([]int{3}, []bool{true, false, true}))
	r.Put("empty", Numbers([]int{0, 3}, []float32{}))
	n := r.Group("numbers")
	n.Put("i8", Numbers([]int{2}, []int8{-128, 127}))
	n.Put("i16", Numbers([]int{2}, []int16{-32768, 3}))
	n.Put("i32", Numbers([]int{2}, []int32{-5, 5}))
	n.Put("i64", Numbers([]int{2}, []int64{-1 << 62, 1}))
	n.Put("u8", Numbers([]int{2}, []uint8{0, 255}))
	n.Put("u16", Numbers([]int{2}, []uint16{0, 65535}))
	n.Put("u32", Numbers([]int{2}, []uint32{0, 1 << 31}))
	n.Put("u64", Numbers([]int{2}, []uint64{0, 1 << 62}))
	n.Put("f32", Numbers([]int{3}, []float32{0.1, -1, 3e38}))
	n.Put("f64", Numbers(nil, []float64{0.1}))
	packed := make([]float32, 6*700)
	for i := range packed {
		packed[i] = float32(i % 5)
	}
	r.Put("packed", Numbers([]int{6, 700}, packed))
	many := r.Group("many")
	for i := range 300 {
		many.Group(fmt.Sprintf("m%d", i))
	}
	return w
}

// member is a member of an array of records as an array of its own, of the same
// shape.
func (a *Array) member(m Member) (*Array, error) {
	if err := a.load(); err != nil {
		return nil, err
	}
	part := &Array{Path: a.Path + "." + m.Name, Type: m.Type, Shape: a.Shape, Null: a.Null, f: a.f, at: a.at, n: a.n, stride: m.Type.Size}
	for i := range a.n {
		part.raw = append(part.raw, a.value(i)[m.Offset:][:m.Type.Size]...)
	}
	return part, nil
}

// filters names the filters that the values went through, in that order.
func (d *Dataset) filters() []string {
	var names []string
	for _, f := range d.layout.filters {
		names = append(names, f.name())
	}
	return names
}
