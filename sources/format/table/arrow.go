package table

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"ganglion/internal/arrowipc"
	"ganglion/pipeline/eventtable"
	"ganglion/sources/format"
)

// Arrow IPC files and streams (see package arrowipc): record batches with
// integer columns t, x, y and p or on (names as in text files, see
// csv_columns.go) in any order, beside other flat columns; p may hold truth
// values. Times are µs unless their name has another unit. The schema's
// metadata is the recording's header; width and height state the sensor's size.
//
// Rows with a null in one of the columns are counted (null_cell) and left out.
// A damaged message is counted (bad_message) and passed over.
//
// Written are batches of t i64, x and y u16, on bool, uncompressed. A file has
// its index at the end, so that it can go to a pipe as well.
func Arrow() format.Format {
	return format.Format{
		Name:       "arrow",
		Summary:    "Arrow IPC file with columns t, x, y and p or on",
		Extensions: []string{".arrow", ".feather", ".ipc"},
		Sniff:      func(p format.Probe) format.Claim { return format.BeginsWith(p, arrowipc.FileMagic) },
		Open:       openArrow,
		Create:     func(s *format.Sink) (format.Encoder, error) { return newArrowEncoder(s, true), nil },
	}
}

func ArrowStream() format.Format {
	return format.Format{
		Name:       "arrow-stream",
		Summary:    "Arrow IPC stream of such columns",
		Extensions: []string{".arrows"},
		Sniff:      func(p format.Probe) format.Claim { return format.BeginsWith(p, arrowipc.EndOfStream[:4]) },
		Open:       openArrow,
		Create:     func(s *format.Sink) (format.Encoder, error) { return newArrowEncoder(s, false), nil },
	}
}

const (
	// arrowMaxSchema bounds the schema message, arrowMaxBatch the others, bytes.
	arrowMaxSchema = 1 << 20
	arrowMaxBatch  = 256 << 20

	// A batch may unpack to 4 times its length and this much.
	arrowSlack = 8 << 20
)

func openArrow(s *format.Stream) (format.Decoder, error) {
	src, _, err := s.In.Window(len(arrowipc.FileMagic))
	if err != nil {
		return nil, err
	}
	d := &arrowDecoder{s: s}
	if bytes.HasPrefix(src, []byte(arrowipc.FileMagic)) {
		s.In.Advance(len(arrowipc.FileMagic))
		d.file = true
	}
	m, err := arrowSchema(s.In)
	if err != nil {
		return nil, err
	}
	if d.fields, err = arrowipc.Fields(m); err != nil {
		return nil, err
	}
	pairs, err := arrowipc.Metadata(m)
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		s.Info.Header = append(s.Info.Header, format.Field{Key: p.Key, Value: p.Value})
	}
	s.Size(s.Info.Header.Pixels(eventtable.Width), s.Info.Header.Pixels(eventtable.Height))
	if err := d.choose(); err != nil {
		return nil, err
	}
	s.In.Advance(len(m.Bytes))
	return d, nil
}

// arrowSchema reads on until the schema message is there.
func arrowSchema(in *format.Input) (*arrowipc.Message, error) {
	m := &arrowipc.Message{}
	for need := 1; ; {
		src, last, err := in.Window(need)
		if err != nil {
			return nil, err
		}
		err = m.Parse(src)
		if !errors.Is(err, arrowipc.ErrCut) {
			return m, err
		}
		if need = len(src) + 1; last || need > arrowMaxSchema {
			return nil, fmt.Errorf("schema: %w", err)
		}
	}
}

// choose finds the columns of events.
func (d *arrowDecoder) choose() error {
	var names []string
	for _, f := range d.fields {
		names = append(names, f.Name)
	}
	columns, hasUnit, ok := columnsOf(names)
	if given := d.s.Columns; given != "" {
		c, unit, err := columnsGiven(given)
		switch {
		case err != nil:
			return err
		case ok && unit:
			columns.digits, hasUnit = c.digits, true
		case !ok && c.count <= len(names):
			columns, hasUnit, ok = c, unit, true
		}
	}
	if !ok && len(names) == 0 {
		return errors.New("there are no columns of events")
	}
	if !ok {
		return fmt.Errorf("columns %.80q do not name t, x, y and p once each", strings.Join(names, ","))
	}
	if !hasUnit {
		columns.digits = 0
	}
	c := numpyColumns{digits: columns.digits}
	first := 0 // buffer of the column
	for i, role := range columns.roles[:min(columns.count, len(d.fields))] {
		if role != roleNone {
			field, err := arrowField(d.fields[i])
			if err != nil {
				return err
			}
			*c.of(role) = field
			d.columns[role-roleT] = arrowColumn{first: first, field: field, bits: d.fields[i].Bool()}
		}
		first += d.fields[i].Buffers
	}
	var stride [4]int
	for i := range d.columns {
		stride[i] = d.columns[i].field.size
	}
	d.rows = newNumpyRows(d.s, c, stride)
	return nil
}

// arrowField describes the values of a column; truth values are taken apart
// to a byte each.
func arrowField(f arrowipc.Field) (numpyField, error) {
	if f.Bool() {
		return numpyField{name: f.Name, kind: 'b', size: 1}, nil
	}
	bits, signed, ok := f.Int()
	if !ok || bits != 8 && bits != 16 && bits != 32 && bits != 64 {
		return numpyField{}, fmt.Errorf("column %q holds no integers", f.Name)
	}
	return numpyField{name: f.Name, kind: 'i', size: bits / 8, signed: signed}, nil
}
