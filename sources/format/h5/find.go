package h5

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	h5 "ganglion/internal/hdf5"
	"ganglion/sources/format"
)

// table is one stream of events in a file.
type table struct {
	name       string // its path without the first slash, as --stream takes it
	x, y, t, p column
	scale      float64 // µs of a unit of time; 0 until the values tell
	offset     int64   // added to all times, µs
	fault      error   // why the table cannot be read for what stands beside it
	first      int64   // number of the first pixel
	group      *h5.Group
	triggers   *h5.Dataset // Prophesee's external triggers, or nil
	width      int
	height     int
}

// finding is what a search through a file comes upon.
type finding struct {
	tables []table
	beside []beside // what else a camera recorded
	seen   []string // datasets, for a refusal
	order  order
	err    error // why a table that was found cannot be read
}

// Limits of a search: files of data sets hold many images.
const (
	maxSearched = 256 // members of a group that are looked into
	maxNesting  = 5
)

// roles are the names that the columns go by.
var roles = [4][]string{
	{"x", "xs", "x_coords", "x_coordinates"}, {"y", "ys", "y_coords", "y_coordinates"},
	{"t", "ts", "timestamp", "timestamps", "time", "times"}, {"p", "ps", "pol", "polarity", "polarities", "pols"},
}

// beginnings are what the names of columns may have before them.
var beginnings = []string{"", "event_", "events_"}

// columnOf finds the name of a role among those that a group has.
func columnOf(g *h5.Group, role int) (name string, ok bool) {
	for _, begin := range beginnings {
		for _, name := range roles[role] {
			if g.Has(begin + name) {
				return begin + name, true
			}
		}
	}
	return "", false
}

// mostColumns bounds the columns of a matrix of events: wider ones are pictures.
const mostColumns = 16

// search finds the tables of a file.
func search(f *h5.File, columns string) (*finding, error) {
	var s finding
	var err error
	if s.order, err = parseOrder(columns); err != nil {
		return nil, err
	}
	s.group(f.Root(), 0)
	switch {
	case len(s.tables) > 0:
		return &s, nil
	case s.err != nil:
		return nil, s.err
	}
	return nil, s.refusal()
}

// refusal reports what the file holds instead of events.
func (s *finding) refusal() error {
	const most = 6
	for _, b := range s.beside {
		s.seen = append(s.seen, "/"+b.name+" ("+b.detail+")")
	}
	list := strings.Join(s.seen[:min(most, len(s.seen))], ", ")
	switch {
	case len(s.seen) == 0:
		list = "no datasets"
	case len(s.seen) > most:
		list += fmt.Sprintf(" and %d more", len(s.seen)-most)
	}
	return fmt.Errorf("holds no events in a layout that is known (x, y, t, p as columns, records or rows): %.180s", list)
}

// group searches a group and those within it.
func (s *finding) group(g *h5.Group, depth int) {
	if s.columns(g) || depth > maxNesting {
		return
	}
	names := g.Names()
	for i, name := range names {
		if i >= maxSearched {
			s.seen = append(s.seen, fmt.Sprintf("%s and %d more in %s", name, len(names)-i-1, g.Path))
			return
		}
		sub, d, err := g.Member(name)
		if err == nil && s.side(name, sub, d) {
			continue
		}
		switch {
		case err != nil:
			s.seen = append(s.seen, strings.TrimSuffix(g.Path, "/")+"/"+name+" ("+reason(err)+")")
		case sub != nil:
			s.group(sub, depth+1)
		case !s.records(g, d) && !s.matrix(g, d, name):
			s.seen = append(s.seen, fmt.Sprintf("%s (%v of %v)", d.Path, d.Type, d.Shape))
		}
	}
}

func reason(err error) string {
	var e *h5.Error
	if errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

// columns takes a group whose datasets are the columns.
func (s *finding) columns(g *h5.Group) bool {
	t := table{group: g, name: strings.TrimPrefix(g.Path, "/")}
	var names [4]string
	for i, c := range t.columns() {
		var ok bool
		if names[i], ok = columnOf(g, i); !ok {
			if i < 2 && c.ofPair(g, i) {
				continue
			}
			return false
		}
		d, err := g.Dataset(names[i])
		switch {
		case err != nil:
			s.err = errors.Join(s.err, err)
			return false
		case !vector(d) || !numeric(&d.Type):
			return false
		}
		*c = column{data: d, typ: d.Type, stride: d.Type.Size}
	}
	t.scale = 1
	if t.t.floating() {
		t.scale = 0
		if names[2] == "ts" && !strings.HasSuffix(t.name, "TD") || t.name == "raw_events" {
			t.scale = 1e6
		}
	}
	if strings.HasSuffix(t.name, "TD") { // MATLAB counts from 1
		t.first, t.scale = 1, 1
	}
	if unit := unitOf(t.t.data); unit != 0 {
		t.scale = unit
	}
	s.take(t)
	return true
}

// ofPair makes the column half of a dataset "xy" of pairs, if a group has one.
func (c *column) ofPair(g *h5.Group, half int) bool {
	if !g.Has("xy") {
		return false
	}
	d, err := g.Dataset("xy")
	if err != nil || len(d.Shape) != 2 || d.Shape[1] != 2 || !numeric(&d.Type) {
		return false
	}
	*c = column{data: d, typ: d.Type, at: half * d.Type.Size, stride: 2 * d.Type.Size}
	return true
}

// unitOf is the µs of the unit that an attribute of the times names, or 0.
func unitOf(d *h5.Dataset) float64 {
	for _, name := range []string{"unit", "units"} {
		if a, err := d.Attr(name); err == nil {
			if text, err := a.Strings(); err == nil && len(text) == 1 {
				return units[strings.Trim(strings.ToLower(text[0]), "[] ")]
			}
		}
	}
	return 0
}

// columns are the four columns in the order of roles.
func (t *table) columns() [4]*column { return [4]*column{&t.x, &t.y, &t.t, &t.p} }

// vector reports whether a dataset has one axis, but for axes of one value.
func vector(d *h5.Dataset) bool {
	longer := 0
	for _, n := range d.Shape {
		if n != 1 {
			longer++
		}
	}
	return longer <= 1 && len(d.Shape) > 0 && !d.Null
}

// records takes a dataset of records.
func (s *finding) records(g *h5.Group, d *h5.Dataset) bool {
	if d.Type.Class != h5.Compound || !vector(d) {
		return false
	}
	t := table{group: g, name: strings.TrimPrefix(d.Path, "/"), scale: 1}
	for i, c := range t.columns() {
		m, ok := part(&d.Type, roles[i])
		if !ok {
			return false
		}
		*c = column{data: d, typ: m.Type, at: m.Offset, stride: d.Type.Size}
	}
	if t.t.floating() {
		t.scale = 0
	}
	s.take(t)
	return true
}

// part finds the number of a record that has one of the names: a member, an element of
// a member "xy", or the only such member of the records within the record.
func part(t *h5.Type, names []string) (found h5.Member, ok bool) {
	for _, m := range t.Members {
		name := m.Name
		if k := strings.TrimPrefix(name, "xy["); k == "0]" || k == "1]" {
			name = map[string]string{"0]": "x", "1]": "y"}[k]
		}
		if slices.Contains(names, name) && numeric(&m.Type) {
			return m, true
		}
	}
	for _, m := range t.Members {
		if inner, has := part(&m.Type, names); has {
			if ok {
				return found, false
			}
			inner.Offset += m.Offset
			found, ok = inner, true
		}
	}
	return found, ok
}

// matrix takes a dataset of rows of four numbers.
func (s *finding) matrix(g *h5.Group, d *h5.Dataset, name string) bool {
	if !strings.Contains(strings.ToLower(name), "event") || len(d.Shape) != 2 || !numeric(&d.Type) {
		return false
	}
	if d.Shape[0] == 4 && d.Shape[1] > 4 {
		s.err = errors.Join(s.err, fmt.Errorf("%s is %d rows of %d numbers: its transpose, of a row for each event, is read", d.Path,
			d.Shape[0], d.Shape[1]))
		return false
	}
	if d.Shape[1] < 4 || d.Shape[1] > mostColumns {
		return false
	}
	t := table{group: g, name: strings.TrimPrefix(d.Path, "/"), scale: 1}
	o := s.order
	if !o.given {
		var err error
		if o, err = guessOrder(d, strings.HasPrefix(t.name, "davis/")); err != nil {
			s.err = errors.Join(s.err, err)
			return false
		}
	}
	for i, c := range t.columns() {
		at := o.at[i]
		if at >= d.Shape[1] {
			s.err = errors.Join(s.err, fmt.Errorf("%s has %d columns", d.Path, d.Shape[1]))
			return false
		}
		*c = column{data: d, typ: d.Type, at: at * d.Type.Size, stride: d.Shape[1] * d.Type.Size}
	}
	if t.t.floating() {
		t.scale = 0
		if strings.HasPrefix(t.name, "davis/") {
			t.scale = 1e6
		}
	}
	s.take(t)
	return true
}

// take adds a table.
func (s *finding) take(t table) {
	if s.order.scale != 0 {
		t.scale = s.order.scale
	}
	s.tables = append(s.tables, t)
}

// mostCameras is how many tables of events a file has of cameras. More are pieces of
// one recording, of which one alone is not what was asked for.
const mostCameras = 16

// choose picks the table that is read: the one named, or the longest.
func choose(s *format.Stream, tables []table, others []beside) (int, error) {
	preferred := 0
	var list []format.StreamInfo
	for i := range tables {
		t := &tables[i]
		if t.len() > tables[preferred].len() {
			preferred = i
		}
		t.describe()
		detail := fmt.Sprintf("%d events", t.len())
		list = append(list, format.StreamInfo{Name: t.name, Kind: format.StreamEvents, Detail: detail, Width: t.width, Height: t.height})
	}
	for _, o := range others {
		list = append(list, format.StreamInfo{Name: o.name, Kind: o.kind, Detail: o.detail})
	}
	if len(list) == 1 && s.Want == "" {
		s.Size(tables[0].width, tables[0].height)
		return 0, nil
	}
	if s.Want == "" && len(tables) > mostCameras {
		return 0, fmt.Errorf("holds %d or more tables of events, more than cameras: --stream NAME reads one, such as %s", len(tables),
			tables[0].name)
	}
	s.Want = fullName(s.Want, tables)
	return s.Choose(list, preferred)
}

// fullName completes a name of which only a part of the path is given.
func fullName(want string, tables []table) string {
	want = strings.Trim(want, "/")
	full := ""
	for i := range tables {
		name := tables[i].name
		if name == want {
			return want
		}
		if want != "" && slices.Contains(strings.Split(name, "/"), want) {
			if full != "" {
				return want // of several
			}
			full = name
		}
	}
	if full != "" {
		return full
	}
	return want
}

// len is the number of events: of the shortest column.
func (t *table) len() int {
	n := t.x.data.Len()
	for _, c := range t.columns() {
		n = min(n, c.data.Len()/(c.stride/c.data.Type.Size))
	}
	return n
}
