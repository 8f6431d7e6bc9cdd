package pipeline

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// SchemaVersion is the version of the [Detection] record. It changes when a
// field changes its meaning or goes away; new fields do not change it.
const SchemaVersion uint16 = 1

// Kind is what a detection reports.
type Kind string

// The kinds of detection.
const (
	MotionStart  Kind = "motion_start"  // a track was confirmed
	MotionUpdate Kind = "motion_update" // a confirmed track, at a bounded rate
	MotionEnd    Kind = "motion_end"    // a confirmed track is gone
	LineCross    Kind = "line_cross"    // a track's centroid crossed a configured line; Label names it
	Keyword      Kind = "keyword"       // a word was heard; Label is the word

	Segment        Kind = "segment"         // a stretch of activity, such as a vowel; Label names it
	SoundDirection Kind = "sound_direction" // where a sound comes from: AzimuthDeg
)

// OfSound says that the kind is of the family of sound: a label or a direction
// from a start to an end in stream time. All others are of the family of motion.
func (k Kind) OfSound() bool { return k == Keyword || k == Segment || k == SoundDirection }

// TrackState is how sure a tracker is of a track.
type TrackState string

// The states of a track.
const (
	Tentative TrackState = "tentative" // seen, not yet confirmed
	Confirmed TrackState = "confirmed" // supported in this period
	Coasting  TrackState = "coasting"  // confirmed, without support now
)

// SpeedSource is what a speed was derived from.
type SpeedSource string

// The sources of a speed.
const (
	SpeedFlow  SpeedSource = "flow"  // the network's direction estimates
	SpeedTrack SpeedSource = "track" // the track's displacement
)

// NoDelay is the EmitDelayUS of a detection from a recording; it prints as null.
const NoDelay int64 = math.MinInt64

// Detection is one record on the bus and one row of an Arrow file. Float
// fields that are NaN are unknown and print as null. Positions are pixels with
// y down; pixel (0,0) covers [0,1).
type Detection struct {
	Stream        string
	SchemaVersion uint16
	ConfigHash    string
	Seq           uint64 // per stream, gap-free from 0
	Kind          Kind

	T           int64 // sensor time of the estimate (end of its period), µs
	TFirst      int64 // first supporting spike of the track, µs
	TLast       int64 // last supporting spike of the track, µs
	EmitDelayUS int64 // wall clock minus sensor time at emission, µs; [NoDelay] unless live

	TrackID        uint64 // stable, from 1, never reused in a stream; 0 in the family of sound
	X0, Y0, X1, Y1 float32
	CX, CY         float32 // centroid of the supporting spikes, px
	VX, VY         float32 // px/s
	DirectionDeg   float32 // atan2(vy, vx) in [0, 360); NaN below 5 px/s
	SpeedPxS       float32
	SpeedSource    SpeedSource
	Confidence     float32 // probability in [0, 1]
	NSpikes        uint32
	NEvents        uint32
	OnFraction     float32
	AgeUS          int64
	Misses         uint16 // periods without support
	State          TrackState

	Label        string  // word, name of the segments, or name of the crossed line
	Score        float32 // keyword posterior; of a segment or direction, its share of the greatest possible
	TStart, TEnd int64   // the word, segment or sound in stream time, µs
	AzimuthDeg   float32 // of a sound direction: 0 ahead, 90 right, -90 left
	Model        string  // hash of the model that heard the word; empty when there is none
}

// AppendJSON appends the detection as one JSON object without a line end. The
// fields of the other family (sound or motion) are left out.
func (d *Detection) AppendJSON(b []byte) []byte {
	b = append(b, `{"stream":`...)
	b = appendString(b, d.Stream)
	b = append(b, `,"schema_version":`...)
	b = strconv.AppendUint(b, uint64(d.SchemaVersion), 10)
	b = append(b, `,"config_hash":`...)
	b = appendString(b, d.ConfigHash)
	b = append(b, `,"seq":`...)
	b = strconv.AppendUint(b, d.Seq, 10)
	b = append(b, `,"kind":`...)
	b = appendString(b, string(d.Kind))
	b = appendInt(b, "t_us", d.T)
	if d.Kind.OfSound() {
		b = append(b, `,"label":`...)
		b = appendString(b, d.Label)
		b = appendFloat(b, "score", d.Score)
		b = appendInt(b, "t_start_us", d.TStart)
		b = appendInt(b, "t_end_us", d.TEnd)
		if d.Kind == SoundDirection {
			b = appendFloat(b, "azimuth_deg", d.AzimuthDeg)
		}
		b = appendFloat(b, "confidence", d.Confidence)
		if d.Model != "" {
			b = append(b, `,"model":`...)
			b = appendString(b, d.Model)
		}
		b = d.appendDelay(b)
		return append(b, '}')
	}
	b = appendInt(b, "t_first_us", d.TFirst)
	b = appendInt(b, "t_last_us", d.TLast)
	b = d.appendDelay(b)
	b = append(b, `,"track_id":`...)
	b = strconv.AppendUint(b, d.TrackID, 10)
	b = appendFloat(b, "x0", d.X0)
	b = appendFloat(b, "y0", d.Y0)
	b = appendFloat(b, "x1", d.X1)
	b = appendFloat(b, "y1", d.Y1)
	b = appendFloat(b, "cx", d.CX)
	b = appendFloat(b, "cy", d.CY)
	b = appendFloat(b, "vx", d.VX)
	b = appendFloat(b, "vy", d.VY)
	b = appendFloat(b, "direction_deg", d.DirectionDeg)
	b = appendFloat(b, "speed_px_s", d.SpeedPxS)
	b = append(b, `,"speed_source":`...)
	b = appendString(b, string(d.SpeedSource))
	b = appendFloat(b, "confidence", d.Confidence)
	b = appendInt(b, "n_spikes", int64(d.NSpikes))
	b = appendInt(b, "n_events", int64(d.NEvents))
	b = appendFloat(b, "on_fraction", d.OnFraction)
	b = appendInt(b, "age_us", d.AgeUS)
	b = appendInt(b, "misses", int64(d.Misses))
	b = append(b, `,"state":`...)
	b = appendString(b, string(d.State))
	if d.Label != "" {
		b = append(b, `,"label":`...)
		b = appendString(b, d.Label)
	}
	return append(b, '}')
}

func (d *Detection) appendDelay(b []byte) []byte {
	if d.EmitDelayUS == NoDelay {
		return append(b, `,"emit_delay_us":null`...)
	}
	return appendInt(b, "emit_delay_us", d.EmitDelayUS)
}

// UnmarshalJSON reads what [Detection.AppendJSON] wrote.
func (d *Detection) UnmarshalJSON(data []byte) error {
	var r struct {
		Stream        string      `json:"stream"`
		SchemaVersion uint16      `json:"schema_version"`
		ConfigHash    string      `json:"config_hash"`
		Seq           uint64      `json:"seq"`
		Kind          Kind        `json:"kind"`
		T             int64       `json:"t_us"`
		TFirst        int64       `json:"t_first_us"`
		TLast         int64       `json:"t_last_us"`
		EmitDelay     *int64      `json:"emit_delay_us"`
		TrackID       uint64      `json:"track_id"`
		X0            *float32    `json:"x0"`
		Y0            *float32    `json:"y0"`
		X1            *float32    `json:"x1"`
		Y1            *float32    `json:"y1"`
		CX            *float32    `json:"cx"`
		CY            *float32    `json:"cy"`
		VX            *float32    `json:"vx"`
		VY            *float32    `json:"vy"`
		Direction     *float32    `json:"direction_deg"`
		Speed         *float32    `json:"speed_px_s"`
		SpeedSource   SpeedSource `json:"speed_source"`
		Confidence    *float32    `json:"confidence"`
		NSpikes       uint32      `json:"n_spikes"`
		NEvents       uint32      `json:"n_events"`
		OnFraction    *float32    `json:"on_fraction"`
		AgeUS         int64       `json:"age_us"`
		Misses        uint16      `json:"misses"`
		State         TrackState  `json:"state"`
		Label         string      `json:"label"`
		Score         *float32    `json:"score"`
		TStart        int64       `json:"t_start_us"`
		TEnd          int64       `json:"t_end_us"`
		Azimuth       *float32    `json:"azimuth_deg"`
		Model         string      `json:"model"`
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return fmt.Errorf("detection: %w", err)
	}
	*d = Detection{
		Stream: r.Stream, SchemaVersion: r.SchemaVersion, ConfigHash: r.ConfigHash, Seq: r.Seq, Kind: r.Kind,
		T: r.T, TFirst: r.TFirst, TLast: r.TLast, EmitDelayUS: NoDelay, TrackID: r.TrackID,
		X0: orNaN(r.X0), Y0: orNaN(r.Y0), X1: orNaN(r.X1), Y1: orNaN(r.Y1), CX: orNaN(r.CX), CY: orNaN(r.CY),
		VX: orNaN(r.VX), VY: orNaN(r.VY), DirectionDeg: orNaN(r.Direction), SpeedPxS: orNaN(r.Speed),
		SpeedSource: r.SpeedSource, Confidence: orNaN(r.Confidence), NSpikes: r.NSpikes, NEvents: r.NEvents,
		OnFraction: orNaN(r.OnFraction), AgeUS: r.AgeUS, Misses: r.Misses, State: r.State,
		Label: r.Label, Score: orNaN(r.Score), TStart: r.TStart, TEnd: r.TEnd, Model: r.Model,
	}
	if d.Kind == SoundDirection {
		d.AzimuthDeg = orNaN(r.Azimuth)
	}
	if r.EmitDelay != nil {
		d.EmitDelayUS = *r.EmitDelay
	}
	return nil
}

func orNaN(p *float32) float32 {
	if p == nil {
		return float32(math.NaN())
	}
	return *p
}

func appendInt(b []byte, key string, v int64) []byte {
	b = append(append(append(b, `,"`...), key...), `":`...)
	return strconv.AppendInt(b, v, 10)
}

func appendFloat(b []byte, key string, v float32) []byte {
	b = append(append(append(b, `,"`...), key...), `":`...)
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
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
