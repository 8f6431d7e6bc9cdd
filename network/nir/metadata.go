package nir

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"ganglion/internal/hdf5"
)

// Metadata is what a file says about a node or a graph beyond NIR, in
// ascending order of keys. No back end may rely on it.
type Metadata []Meta

// Meta is one entry: a [Text], a [Tensor] or nested [Metadata].
type Meta struct {
	Key   string
	Value MetaValue
}

// MetaValue is one of [Text], [Tensor] and [Metadata].
type MetaValue interface{ meta() }

// Text is an array of strings; a shape of nil is a single one.
type Text struct {
	Shape  []int
	Values []string
}

// String is a single text.
func String(s string) Text { return Text{Values: []string{s}} }

// Number is a single number.
func Number(v float64) Tensor { return Float64(nil, []float64{v}) }

// Texts are the texts of an entry, nil where there are none.
func (m Metadata) Texts(key string) []string {
	for _, e := range m {
		if v, ok := e.Value.(Text); ok && e.Key == key {
			return v.Values
		}
	}
	return nil
}

// Text is an entry that is one text, or "".
func (m Metadata) Text(key string) string {
	if v := m.Texts(key); len(v) == 1 {
		return v[0]
	}
	return ""
}

// Number is an entry that is one number, or 0.
func (m Metadata) Number(key string) float64 {
	for _, e := range m {
		if v, ok := e.Value.(Tensor); ok && e.Key == key && v.Len() == 1 {
			return v.At(0)
		}
	}
	return 0
}

// Tensor is an entry that is an array of numbers, or an empty one.
func (m Metadata) Tensor(key string) Tensor {
	for _, e := range m {
		if v, ok := e.Value.(Tensor); ok && e.Key == key {
			return v
		}
	}
	return Tensor{}
}

// Seconds is an entry that is a number of seconds, to the microsecond.
func (m Metadata) Seconds(key string) time.Duration {
	return time.Duration(float64(m.Number(key)*1e6)+.5) * time.Microsecond
}

// Section is an entry that is nested, or nil.
func (m Metadata) Section(key string) Metadata {
	for _, e := range m {
		if v, ok := e.Value.(Metadata); ok && e.Key == key {
			return v
		}
	}
	return nil
}

func (Text) meta()     {}
func (Tensor) meta()   {}
func (Metadata) meta() {}

// metadata reads the group of that name in a node. What cannot be read is
// left out and noted: it is for people only.
func (r *reader) metadata(node string, g *hdf5.Group) (Metadata, error) {
	if !g.Has("metadata") {
		return nil, nil
	}
	m, d, err := g.Member("metadata")
	if err != nil {
		return nil, &nirError{Node: node, Param: "metadata", Err: err}
	}
	if d != nil {
		r.note("node %q: metadata is not a group: left out", node)
		return nil, nil
	}
	return r.entries(node, m)
}

func (r *reader) entries(node string, g *hdf5.Group) (Metadata, error) {
	var out Metadata
	for _, key := range g.Names() {
		sub, d, err := g.Member(key)
		var value MetaValue
		switch {
		case err != nil:
		case sub != nil:
			value, err = r.entries(node, sub)
		default:
			value, err = metaValue(d)
		}
		if errors.Is(err, hdf5.ErrUnsupported) || errors.Is(err, hdf5.ErrType) {
			r.note("node %q: metadata %q left out: %v", node, key, err)
			continue
		}
		if err != nil {
			return nil, &nirError{Node: node, Param: "metadata", Err: err}
		}
		out = append(out, Meta{key, value})
	}
	return out, nil
}

func metaValue(d *hdf5.Dataset) (MetaValue, error) {
	if d.Type.Class < hdf5.FixedText {
		return readTensor(d)
	}
	v, err := d.Strings()
	return Text{scalarShape(d.Shape), v}, err
}

// write puts the metadata into a group, if there is any.
func (m Metadata) write(g *hdf5.GroupWriter) error {
	sorted := slices.Clone(m)
	slices.SortStableFunc(sorted, func(a, b Meta) int { return cmp.Compare(a.Key, b.Key) })
	for _, e := range sorted {
		switch v := e.Value.(type) {
		case Text:
			g.Put(e.Key, hdf5.Strings(v.Shape, v.Values))
		case Tensor:
			if err := putTensor(g, e.Key, &v); err != nil {
				return fmt.Errorf("metadata %q: %w", e.Key, err)
			}
		case Metadata:
			if err := v.write(g.Group(e.Key)); err != nil {
				return err
			}
		}
	}
	return nil
}
