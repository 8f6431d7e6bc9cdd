package h5

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	h5 "ganglion/internal/hdf5"
	"ganglion/sources/format"
)

// describe finds what stands beside a table: the sensor's size, what is added
// to times, triggers.
func (t *table) describe() {
	for _, g := range around(t.group) {
		if t.width == 0 || t.height == 0 {
			t.width, t.height = size(g)
		}
		if v, err := whole(g, "t_offset"); err != nil {
			t.fault = err
		} else if t.offset == 0 {
			t.offset = v
		}
		if sub, err := g.Group("EXT_TRIGGER"); err == nil && t.name == "CD/events" {
			if d, err := sub.Dataset("events"); err == nil && vector(d) && d.Type.Class == h5.Compound {
				t.triggers = d
			}
		}
	}
}

// around are the groups from one up to the root.
func around(g *h5.Group) (list []*h5.Group) {
	for ; g != nil; g = g.Parent() {
		list = append(list, g)
	}
	return list
}

// whole is a dataset of one whole number, 0 where there is none.
func whole(g *h5.Group, name string) (int64, error) {
	if !g.Has(name) {
		return 0, nil
	}
	d, err := g.Dataset(name)
	if err != nil {
		return 0, err
	}
	wrong := func(what string) error {
		return fmt.Errorf("%s: %s, want one whole number of µs that is added to all times", d.Path, what)
	}
	if d.Len() != 1 {
		return 0, wrong(fmt.Sprintf("%d values", d.Len()))
	}
	switch d.Type.Class {
	case h5.Int, h5.Uint:
		v, err := d.Int64s()
		if err != nil {
			return 0, err
		}
		return v[0], nil
	case h5.Float:
		v, err := d.Float64s()
		if err != nil {
			return 0, err
		}
		if v[0] != math.Trunc(v[0]) || math.Abs(v[0]) > 1<<53 {
			return 0, wrong(fmt.Sprint(v[0]))
		}
		return int64(v[0]), nil
	}
	return 0, wrong(d.Type.String())
}

// size is the sensor's size as one of the layouts states it: attributes width
// and height (jAER), geometry (Prophesee), sensor_resolution (event_utils,
// height first), a dataset calib/resolution (M3ED), or images of the same
// camera.
func size(g *h5.Group) (width, height int) {
	if w, h, ok := strings.Cut(text(g, "geometry"), "x"); ok {
		return pixels(atoi(w), atoi(h))
	}
	if w, h := integers(g, "width"), integers(g, "height"); len(w) == 1 && len(h) == 1 {
		return pixels(w[0], h[0])
	}
	if v := integers(g, "sensor_resolution"); len(v) >= 2 {
		return pixels(v[1], v[0])
	}
	if calib, err := g.Group("calib"); err == nil {
		if d, err := calib.Dataset("resolution"); err == nil && d.Len() == 2 {
			if v, err := d.Int64s(); err == nil {
				return pixels(v[0], v[1])
			}
		}
	}
	for _, name := range []string{"image_raw", "frame"} {
		if !g.Has(name) {
			continue
		}
		if d, err := g.Dataset(name); err == nil && len(d.Shape) == 3 {
			return pixels(int64(d.Shape[2]), int64(d.Shape[1]))
		}
	}
	return 0, 0
}

// pixels is a size, or none where no sensor has it.
func pixels(width, height int64) (int, int) {
	if width <= 0 || height <= 0 || width > 1<<16 || height > 1<<16 {
		return 0, 0
	}
	return int(width), int(height)
}

func atoi(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 32)
	if err != nil {
		return 0
	}
	return n
}

// integers is an attribute of integers.
func integers(g *h5.Group, name string) []int64 {
	a, err := g.Attr(name)
	if err != nil || a.Len() > 16 {
		return nil
	}
	v, err := a.Int64s()
	if err != nil {
		return nil
	}
	return v
}

// text is an attribute of one string.
func text(g *h5.Group, name string) string {
	a, err := g.Attr(name)
	if err != nil || a.Len() != 1 {
		return ""
	}
	v, err := a.Strings()
	if err != nil {
		return ""
	}
	return v[0]
}

// header takes the attributes of the root, but for those that say the size.
func (s *finding) header(in *format.Stream, root *h5.Group) {
	for _, name := range root.AttrNames() {
		if name == "width" || name == "height" || name == "geometry" {
			continue
		}
		a, err := root.Attr(name)
		if err != nil || a.Len() != 1 {
			continue
		}
		if v, ok := one(a); ok {
			in.Info.Header = append(in.Info.Header, format.Field{Key: name, Value: v})
		}
	}
}

// one is the value of an attribute, as text.
func one(a *h5.Array) (string, bool) {
	if v, err := a.Strings(); err == nil {
		return v[0], true
	}
	if v, err := a.Int64s(); err == nil {
		return strconv.FormatInt(v[0], 10), true
	}
	if v, err := a.Float64s(); err == nil {
		return strconv.FormatFloat(v[0], 'g', -1, 64), true
	}
	return "", false
}
