package arrow

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"ganglion/pipeline"
)

// column says how one field of a detection becomes a cell and comes back.
type column struct {
	name     string
	datatype arrow.DataType
	nullable bool
	later    bool // files of before the column came read as if it were null
	// null reports whether the cell is null.
	null func(*pipeline.Detection) bool
	// bind returns the function that appends a cell that is not null.
	bind func(array.Builder) func(*pipeline.Detection)
	// set fills the field from the bytes of a cell that is not null.
	set func(*pipeline.Detection, []byte, names)
}

// detection shortens the table below.
type detection = pipeline.Detection

// columns are the columns of a file, named as the keys of
// [pipeline.Detection.AppendJSON] and null where that leaves a key out or
// prints null.
var columns = []column{
	text("stream", common, func(d *detection) *string { return &d.Stream }),
	number("schema_version", common, func(d *detection) *uint16 { return &d.SchemaVersion }),
	text("config_hash", common, func(d *detection) *string { return &d.ConfigHash }),
	number("seq", common, func(d *detection) *uint64 { return &d.Seq }),
	text("kind", common, func(d *detection) *pipeline.Kind { return &d.Kind }),
	number("t_us", common, func(d *detection) *int64 { return &d.T }),
	number("t_first_us", motion, func(d *detection) *int64 { return &d.TFirst }),
	number("t_last_us", motion, func(d *detection) *int64 { return &d.TLast }),
	number("emit_delay_us", live, func(d *detection) *int64 { return &d.EmitDelayUS }),
	number("track_id", motion, func(d *detection) *uint64 { return &d.TrackID }),
	measure("x0", motion, func(d *detection) *float32 { return &d.X0 }),
	measure("y0", motion, func(d *detection) *float32 { return &d.Y0 }),
	measure("x1", motion, func(d *detection) *float32 { return &d.X1 }),
	measure("y1", motion, func(d *detection) *float32 { return &d.Y1 }),
	measure("cx", motion, func(d *detection) *float32 { return &d.CX }),
	measure("cy", motion, func(d *detection) *float32 { return &d.CY }),
	measure("vx", motion, func(d *detection) *float32 { return &d.VX }),
	measure("vy", motion, func(d *detection) *float32 { return &d.VY }),
	measure("direction_deg", motion, func(d *detection) *float32 { return &d.DirectionDeg }),
	measure("speed_px_s", motion, func(d *detection) *float32 { return &d.SpeedPxS }),
	text("speed_source", motion, func(d *detection) *pipeline.SpeedSource { return &d.SpeedSource }),
	measure("confidence", common, func(d *detection) *float32 { return &d.Confidence }),
	number("n_spikes", motion, func(d *detection) *uint32 { return &d.NSpikes }),
	number("n_events", motion, func(d *detection) *uint32 { return &d.NEvents }),
	measure("on_fraction", motion, func(d *detection) *float32 { return &d.OnFraction }),
	number("age_us", motion, func(d *detection) *int64 { return &d.AgeUS }),
	number("misses", motion, func(d *detection) *uint16 { return &d.Misses }),
	text("state", motion, func(d *detection) *pipeline.TrackState { return &d.State }),
	text("label", labelled, func(d *detection) *string { return &d.Label }),
	measure("score", sound, func(d *detection) *float32 { return &d.Score }),
	number("t_start_us", sound, func(d *detection) *int64 { return &d.TStart }),
	number("t_end_us", sound, func(d *detection) *int64 { return &d.TEnd }),
	added(number("azimuth_deg", direction, func(d *detection) *float32 { return &d.AzimuthDeg })),
	added(text("model", modelled, func(d *detection) *string { return &d.Model })),
}

// The records that a column belongs to; in all others it is null. A nil
// presence is in every record.
type presence func(*detection) bool

var (
	common    presence
	motion    presence = func(d *detection) bool { return !d.Kind.OfSound() }
	sound     presence = func(d *detection) bool { return d.Kind.OfSound() }
	live      presence = func(d *detection) bool { return d.EmitDelayUS != pipeline.NoDelay }
	direction presence = func(d *detection) bool { return d.Kind == pipeline.SoundDirection }
	labelled  presence = func(d *detection) bool { return d.Label != "" }
	modelled  presence = func(d *detection) bool { return d.Kind == pipeline.Keyword && d.Model != "" }
)

func (in presence) null(d *detection) bool { return in != nil && !in(d) }

// added is a column that files of the first version lack.
func added(c column) column {
	c.later = true
	return c
}

// schema is the Arrow schema of the columns. Strings are plain and not
// dictionaries: a file holds one dictionary per column, and a later batch with
// a new label would break it.
func schema() *arrow.Schema {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.name, Type: c.datatype, Nullable: c.nullable}
	}
	return arrow.NewSchema(fields, nil)
}

// text is a column of strings.
func text[T ~string](name string, in presence, at func(*detection) *T) column {
	return column{
		name: name, datatype: arrow.BinaryTypes.String, nullable: in != nil, null: in.null,
		bind: func(b array.Builder) func(*detection) {
			sb := b.(*array.StringBuilder)
			return func(d *detection) { sb.Append(valid(string(*at(d)))) }
		},
		set: func(d *detection, cell []byte, n names) { *at(d) = T(n.of(cell)) },
	}
}

// valid replaces bytes that are not UTF-8 as the JSON form does; readers may
// refuse a whole file for one of them.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// number is a column of numbers.
func number[T uint16 | uint32 | uint64 | int64 | float32](name string, in presence, at func(*detection) *T) column {
	return column{
		name: name, datatype: datatypeOf(*new(T)), nullable: in != nil, null: in.null,
		bind: func(b array.Builder) func(*detection) {
			nb := b.(interface{ Append(T) })
			return func(d *detection) { nb.Append(*at(d)) }
		},
		set: func(d *detection, cell []byte, _ names) {
			switch v := any(at(d)).(type) {
			case *uint16:
				*v = binary.LittleEndian.Uint16(cell)
			case *uint32:
				*v = binary.LittleEndian.Uint32(cell)
			case *uint64:
				*v = binary.LittleEndian.Uint64(cell)
			case *int64:
				*v = int64(binary.LittleEndian.Uint64(cell))
			case *float32:
				*v = math.Float32frombits(binary.LittleEndian.Uint32(cell))
			}
		},
	}
}

// measure is a column of numbers that may be unknown: NaN and the infinities
// are null.
func measure(name string, in presence, at func(*detection) *float32) column {
	c := number(name, in, at)
	c.nullable = true
	c.null = func(d *detection) bool {
		v := float64(*at(d))
		return in.null(d) || math.IsNaN(v) || math.IsInf(v, 0)
	}
	return c
}

func datatypeOf(v any) arrow.DataType {
	switch v.(type) {
	case uint16:
		return arrow.PrimitiveTypes.Uint16
	case uint32:
		return arrow.PrimitiveTypes.Uint32
	case uint64:
		return arrow.PrimitiveTypes.Uint64
	case int64:
		return arrow.PrimitiveTypes.Int64
	}
	return arrow.PrimitiveTypes.Float32
}
