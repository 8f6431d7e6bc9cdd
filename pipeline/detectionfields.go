package pipeline

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"ganglion/internal/screen"
)

// Family is the records that a field of a detection belongs to.
type Family uint8

// The families.
const (
	EveryRecord Family = iota
	MotionRecords
	SoundRecords
)

// Field is one field of a [Detection]: a key of its JSON form, a column of its
// Arrow form, a line of its documentation.
type Field struct {
	Name   string // JSON key and Arrow column
	Doc    string // what it means, one sentence
	Unit   string // may be empty
	Family Family
	// Added reports that records of the first version may lack the field.
	Added bool
	// Instant reports that the field is a Unix time, µs.
	Instant bool

	only func(*Detection) bool // records of the family that have it; nil: all
	null func(*Detection) bool // it is unknown; nil: never
	key  string                // `,"name":`

	// One of these points to the field.
	text   func(*Detection) *string
	float  func(*Detection) *float32
	int64  func(*Detection) *int64
	uint64 func(*Detection) *uint64
	uint32 func(*Detection) *uint32
	uint16 func(*Detection) *uint16
}

// At points to the field of a detection: a *string, *uint16, *uint32, *uint64,
// *int64 or *float32.
func (f *Field) At(d *Detection) any {
	switch {
	case f.float != nil:
		return f.float(d)
	case f.text != nil:
		return f.text(d)
	case f.int64 != nil:
		return f.int64(d)
	case f.uint64 != nil:
		return f.uint64(d)
	case f.uint32 != nil:
		return f.uint32(d)
	}
	return f.uint16(d)
}

// In reports whether the record has the field; JSON leaves it out of others.
func (f *Field) In(d *Detection) bool {
	if f.Family != EveryRecord && (f.Family == SoundRecords) != d.Kind.OfSound() {
		return false
	}
	return f.only == nil || f.only(d)
}

// Null reports whether the record lacks the field or its value is unknown.
func (f *Field) Null(d *Detection) bool { return !f.In(d) || f.null != nil && f.null(d) }

// Nullable reports whether Null can be.
func (f *Field) Nullable() bool { return f.Family != EveryRecord || f.only != nil || f.null != nil }

// Fields are the fields of a detection, in the order of the Arrow columns. A new
// one is a field of [Detection] and a line here.
func Fields() []Field { return slices.Clone(fields) }

var fields = []Field{
	text("stream", "Name of the pipeline.", EveryRecord, func(d *Detection) *string { return &d.Stream }),
	number("schema_version", "Version of this record.", "", EveryRecord, func(d *Detection) *uint16 { return &d.SchemaVersion }),
	text("config_hash", "Identifies the configuration, 16 hexadecimal digits.", EveryRecord,
		func(d *Detection) *string { return &d.ConfigHash }),
	run(),
	number("seq", "Number of the record in its run, gap-free from 0.", "", EveryRecord, func(d *Detection) *uint64 { return &d.Seq }),
	text("kind", "What the record reports.", EveryRecord, func(d *Detection) *string { return (*string)(&d.Kind) }),
	number("t_us", "Sensor time of the estimate, the end of its period.", "µs", EveryRecord, func(d *Detection) *int64 { return &d.T }),
	number("t_first_us", "First supporting spike of the track.", "µs", MotionRecords, func(d *Detection) *int64 { return &d.TFirst }),
	number("t_last_us", "Last supporting spike of the track.", "µs", MotionRecords, func(d *Detection) *int64 { return &d.TLast }),
	delay(),
	instant(),
	number("track_id", "Number of the track, stable, from 1, never reused in a stream.", "", MotionRecords,
		func(d *Detection) *uint64 { return &d.TrackID }),
	measure("x0", "Left edge of the box.", "px", MotionRecords, func(d *Detection) *float32 { return &d.X0 }),
	measure("y0", "Top edge of the box.", "px", MotionRecords, func(d *Detection) *float32 { return &d.Y0 }),
	measure("x1", "Right edge of the box.", "px", MotionRecords, func(d *Detection) *float32 { return &d.X1 }),
	measure("y1", "Bottom edge of the box.", "px", MotionRecords, func(d *Detection) *float32 { return &d.Y1 }),
	measure("cx", "Column of the centroid of the supporting spikes.", "px", MotionRecords, func(d *Detection) *float32 { return &d.CX }),
	measure("cy", "Row of the centroid of the supporting spikes.", "px", MotionRecords, func(d *Detection) *float32 { return &d.CY }),
	measure("vx", "Velocity to the right.", "px/s", MotionRecords, func(d *Detection) *float32 { return &d.VX }),
	measure("vy", "Velocity downwards.", "px/s", MotionRecords, func(d *Detection) *float32 { return &d.VY }),
	measure("direction_deg", "Direction of motion, atan2(vy, vx) in [0, 360): 0 is right, 90 down; unknown below 5 px/s.", "degrees",
		MotionRecords,
		func(d *Detection) *float32 { return &d.DirectionDeg }),
	measure("speed_px_s", "Speed.", "px/s", MotionRecords, func(d *Detection) *float32 { return &d.SpeedPxS }),
	text("speed_source", "What the speed was derived from: flow or track; gyro of a moving camera with a gyroscope.", MotionRecords,
		func(d *Detection) *string { return (*string)(&d.SpeedSource) }),
	measure("confidence", "Probability that the detection is right, 0 to 1.", "", EveryRecord,
		func(d *Detection) *float32 { return &d.Confidence }),
	number("n_spikes", "Supporting spikes of the network.", "", MotionRecords, func(d *Detection) *uint32 { return &d.NSpikes }),
	number("n_events", "Events below them.", "", MotionRecords, func(d *Detection) *uint32 { return &d.NEvents }),
	measure("on_fraction", "Share of the events that are brighter.", "", MotionRecords, func(d *Detection) *float32 { return &d.OnFraction }),
	number("age_us", "Time since the track's first spike.", "µs", MotionRecords, func(d *Detection) *int64 { return &d.AgeUS }),
	number("misses", "Periods without support.", "", MotionRecords, func(d *Detection) *uint16 { return &d.Misses }),
	text("state", "How sure the tracker is: tentative, confirmed or coasting.", MotionRecords,
		func(d *Detection) *string { return (*string)(&d.State) }),
	label(),
	measure("score", "Posterior of a keyword; share of the outputs of a class; of a segment or direction, its share of the greatest possible.",
		"", SoundRecords,
		func(d *Detection) *float32 { return &d.Score }),
	number("t_start_us", "Start of the word, segment or sound; of a class, of the window.", "µs", SoundRecords,
		func(d *Detection) *int64 { return &d.TStart }),
	number("t_end_us", "End of the word, segment or sound; of a class, of the window.", "µs", SoundRecords,
		func(d *Detection) *int64 { return &d.TEnd }),
	added(number("azimuth_deg", "Direction of a sound: 0 ahead, 90 right, -90 left.", "degrees", SoundRecords,
		func(d *Detection) *float32 { return &d.AzimuthDeg }),
		func(d *Detection) bool { return d.Kind == SoundDirection }),
	added(text("model", "Hash of the model that heard the word.", SoundRecords, func(d *Detection) *string { return &d.Model }),
		func(d *Detection) bool { return d.Model != "" }),
	added(number("sign", "Direction of a crossing: 1 forward, towards the right-hand side of who walks along the line; -1 backward.", "",
		MotionRecords, func(d *Detection) *int64 { return &d.Sign }), (*Detection).crossing),
	added(number("total_forward", "Crossings of the line forward since the run began, this one included.", "", MotionRecords,
		func(d *Detection) *uint64 { return &d.TotalForward }), (*Detection).crossing),
	added(number("total_backward", "Crossings of the line backward since the run began, this one included.", "", MotionRecords,
		func(d *Detection) *uint64 { return &d.TotalBackward }), (*Detection).crossing),
	added(number("occupancy", "Objects in the zone after what is reported.", "", MotionRecords,
		func(d *Detection) *uint32 { return &d.Occupancy }), func(d *Detection) bool { return d.inZone() || d.alarm() }),
	added(number("dwell_us", "How long the object has been in the zone.", "µs", MotionRecords,
		func(d *Detection) *int64 { return &d.DwellUS }), (*Detection).inZone),
	added(measure("value", "What an alarm was held against: events per second, objects, or degrees.", "", MotionRecords,
		func(d *Detection) *float32 { return &d.Value }), (*Detection).alarm),
	added(text("plane", "Name of the plane that the metres are of.", MotionRecords, func(d *Detection) *string { return &d.Plane }),
		(*Detection).onPlane),
	added(measure("x_m", "Place along the plane's first axis.", "m", MotionRecords, func(d *Detection) *float32 { return &d.XM }),
		(*Detection).onPlane),
	added(measure("y_m", "Place along the plane's second axis.", "m", MotionRecords, func(d *Detection) *float32 { return &d.YM }),
		(*Detection).onPlane),
	added(measure("vx_m_s", "Velocity along the plane's first axis.", "m/s", MotionRecords, func(d *Detection) *float32 { return &d.VXMS }),
		(*Detection).onPlane),
	added(measure("vy_m_s", "Velocity along the plane's second axis.", "m/s", MotionRecords, func(d *Detection) *float32 { return &d.VYMS }),
		(*Detection).onPlane),
	added(measure("speed_m_s", "Speed on the plane.", "m/s", MotionRecords, func(d *Detection) *float32 { return &d.SpeedMS }),
		(*Detection).onPlane),
	added(measure("turn_deg_s", "Turn of the picture about the middle of the sensor, from right to down.", "degrees/s", MotionRecords,
		func(d *Detection) *float32 { return &d.TurnDegS }), (*Detection).ofCamera),
	added(measure("zoom_s", "Growth of the picture about the middle of the sensor, relative, per second.", "1/s", MotionRecords,
		func(d *Detection) *float32 { return &d.ZoomS }), (*Detection).ofCamera),
}

func (d *Detection) crossing() bool { return d.Kind == LineCross }
func (d *Detection) alarm() bool    { return d.Kind == AlarmStart || d.Kind == AlarmEnd }
func (d *Detection) onPlane() bool  { return d.Plane != "" }
func (d *Detection) ofCamera() bool { return d.Kind == CameraMotion }
func (d *Detection) inZone() bool {
	return d.Kind == ZoneEnter || d.Kind == ZoneLeave || d.Kind == ZoneDwell
}

// The keys of the two families in the order of the JSON form. Records of sound
// end with these four.
var (
	motionKeys = keys(MotionRecords)
	soundKeys  = keys(SoundRecords, "confidence", "model", "emit_delay_us", "time_unix_us")
)

func keys(family Family, last ...string) (list []Field) {
	var ends []Field
	for _, f := range fields {
		switch {
		case f.Family != family && f.Family != EveryRecord:
		case slices.Contains(last, f.Name):
			ends = append(ends, f)
		default:
			list = append(list, f)
		}
	}
	slices.SortFunc(ends, func(a, b Field) int { return slices.Index(last, a.Name) - slices.Index(last, b.Name) })
	return append(list, ends...)
}

func text(name, doc string, family Family, at func(*Detection) *string) Field {
	return Field{Name: name, Doc: doc, Family: family, key: `,"` + name + `":`, text: at}
}

func number[T uint16 | uint32 | uint64 | int64 | float32](name, doc, unit string, family Family, at func(*Detection) *T) Field {
	f := Field{Name: name, Doc: doc, Unit: unit, Family: family, key: `,"` + name + `":`}
	switch at := any(at).(type) {
	case func(*Detection) *float32:
		f.float = at
	case func(*Detection) *int64:
		f.int64 = at
	case func(*Detection) *uint64:
		f.uint64 = at
	case func(*Detection) *uint32:
		f.uint32 = at
	case func(*Detection) *uint16:
		f.uint16 = at
	}
	return f
}

// measure is a number that may be unknown: NaN and the infinities are null.
func measure(name, doc, unit string, family Family, at func(*Detection) *float32) Field {
	f := number(name, doc, unit, family, at)
	f.null = func(d *Detection) bool {
		v := float64(*at(d))
		return math.IsNaN(v) || math.IsInf(v, 0)
	}
	return f
}

// label is in every record of sound, and in those of motion that have one.
func label() Field {
	f := text("label", "Word, class, name of the segments, or name of the line, zone or alarm.", EveryRecord,
		func(d *Detection) *string { return &d.Label })
	f.null = func(d *Detection) bool { return d.Label == "" }
	f.only = func(d *Detection) bool { return d.Label != "" || d.Kind.OfSound() }
	return f
}

func delay() Field {
	f := number("emit_delay_us", "Wall clock minus sensor time at emission; null unless the stream is live.", "µs", EveryRecord,
		func(d *Detection) *int64 { return &d.EmitDelayUS })
	f.null = func(d *Detection) bool { return d.EmitDelayUS == NoDelay }
	return f
}

// run is in every record, but files of before have no such column.
func run() Field {
	f := text("run", "The run that made the record, of a recording behind the eight digits of that; with seq it names one detection for ever.",
		EveryRecord,
		func(d *Detection) *string { return &d.Run })
	f.Added = true
	return f
}

func instant() Field {
	f := number("time_unix_us", "Unix time of t_us: of a live stream by the wall clock, of a recording by its own, else null.", "µs",
		EveryRecord,
		func(d *Detection) *int64 { return &d.TimeUnixUS })
	f.null = func(d *Detection) bool { return d.TimeUnixUS == NoTime }
	f.Added, f.Instant = true, true
	return f
}

// added is a field that came after the first version, in some records.
func added(f Field, only func(*Detection) bool) Field {
	f.Added, f.only = true, only
	return f
}

// appendJSON appends a comma, the key and the value, if the record has it.
func (f *Field) appendJSON(b []byte, d *Detection) []byte {
	if f.only != nil && !f.only(d) { // the family is that of the list
		return b
	}
	b = append(b, f.key...)
	switch {
	case f.float != nil:
		return appendFloat(b, *f.float(d))
	case f.text != nil:
		return appendString(b, *f.text(d))
	case f.null != nil && f.null(d):
		return append(b, "null"...)
	}
	return f.appendInteger(b, d)
}

// appendInteger appends the value of a field of whole numbers.
func (f *Field) appendInteger(b []byte, d *Detection) []byte {
	switch {
	case f.int64 != nil:
		return strconv.AppendInt(b, *f.int64(d), 10)
	case f.uint64 != nil:
		return strconv.AppendUint(b, *f.uint64(d), 10)
	case f.uint32 != nil:
		return strconv.AppendUint(b, uint64(*f.uint32(d)), 10)
	}
	return strconv.AppendUint(b, uint64(*f.uint16(d)), 10)
}

func appendFloat(b []byte, v float32) []byte {
	if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, float64(v), 'g', -1, 32)
}

// appendString quotes s as JSON. Names and enums need no escaping, so the
// common path allocates nothing.
func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			q, _ := json.Marshal(s) // a string always marshals
			return screen.Append(b, q, true)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
