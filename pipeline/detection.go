package pipeline

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
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
	LineCross    Kind = "line_cross"    // a track has crossed a configured line; Label names it
	ZoneEnter    Kind = "zone_enter"    // a track has come into a configured zone; Label names it
	ZoneLeave    Kind = "zone_leave"    // a track has left it
	ZoneDwell    Kind = "zone_dwell"    // a track has stayed in it for long
	AlarmStart   Kind = "alarm_start"   // a configured alarm is raised; Label names it
	AlarmEnd     Kind = "alarm_end"     // it is over
	CameraMotion Kind = "camera_motion" // how the picture flows before a moving camera
	Keyword      Kind = "keyword"       // a word was heard; Label is the word

	Segment        Kind = "segment"         // a stretch of activity, such as a vowel; Label names it
	SoundDirection Kind = "sound_direction" // where a sound comes from: AzimuthDeg

	Class Kind = "class" // what a classifier decided for; Label names it
)

// motionKinds and soundKinds are the kinds of the two families.
var (
	motionKinds = []Kind{MotionStart, MotionUpdate, MotionEnd, LineCross, ZoneEnter, ZoneLeave, ZoneDwell, AlarmStart, AlarmEnd, CameraMotion}
	soundKinds  = []Kind{Keyword, Segment, SoundDirection, Class}
)

// OfSound reports whether the kind is of the family of sound: a label or a
// direction from a start to an end in stream time. A class is of it, whatever it
// was seen or heard in. All others are of the family of motion.
func (k Kind) OfSound() bool { return slices.Contains(soundKinds, k) }

// Known reports whether k is one of the kinds of detection.
func (k Kind) Known() bool { return k.OfSound() || slices.Contains(motionKinds, k) }

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
	SpeedGyro  SpeedSource = "gyro"  // the camera's gyroscope, with what the flow adds to it
)

// NoDelay is the EmitDelayUS of a detection from a recording; it prints as null.
const NoDelay int64 = math.MinInt64

// NoTime is the TimeUnixUS of a detection of a recording that does not state when
// it began; it prints as null.
const NoTime int64 = math.MinInt64

// StoppedRun is the run of the detections that a stop of the given run at a
// sensor time, µs, settled before their time.
func StoppedRun(run string, us int64) string { return run + "." + strconv.FormatInt(us, 10) }

// RecordingRun is the run of a stream whose content is known ([StreamInfo.Content]):
// the recording, a hyphen, and what identifies the run. Without a recording it is
// the latter alone.
func RecordingRun(content, id string) string {
	if r := Recording(content); r != "" {
		return r + "-" + id
	}
	return id
}

// Recording names a recording by the first eight hexadecimal digits of the digest
// of its file; it is empty where the content is not a file.
func Recording(content string) string {
	if len(content) != 32 {
		return ""
	}
	return content[:8]
}

// RecordingOf is the recording that a run read, empty where its runs do not tell.
func RecordingOf(run string) string {
	recording, _, ok := strings.Cut(run, "-")
	if !ok {
		return ""
	}
	return recording
}

// OfRun reports whether a run is the given one, or a stop of it.
func OfRun(run, of string) bool {
	rest, ok := strings.CutPrefix(run, of)
	return ok && of != "" && (rest == "" || rest[0] == '.')
}

// Detection is one record on the bus and one row of an Arrow file. Float
// fields that are NaN are unknown and print as null. Positions are pixels with
// y down; pixel (0,0) covers [0,1). [Fields] tells what each field means.
type Detection struct {
	Stream        string `json:"stream"`
	SchemaVersion uint16 `json:"schema_version"`
	ConfigHash    string `json:"config_hash"`
	Run           string `json:"run"`
	Seq           uint64 `json:"seq"`
	Kind          Kind   `json:"kind"`

	T           int64 `json:"t_us"`
	TFirst      int64 `json:"t_first_us"`
	TLast       int64 `json:"t_last_us"`
	EmitDelayUS int64 `json:"emit_delay_us"` // [NoDelay] unless live
	TimeUnixUS  int64 `json:"time_unix_us"`  // T as Unix time, [NoTime] where nobody knows

	TrackID      uint64      `json:"track_id"` // 0 in the family of sound
	X0           float32     `json:"x0"`
	Y0           float32     `json:"y0"`
	X1           float32     `json:"x1"`
	Y1           float32     `json:"y1"`
	CX           float32     `json:"cx"`
	CY           float32     `json:"cy"`
	VX           float32     `json:"vx"`
	VY           float32     `json:"vy"`
	DirectionDeg float32     `json:"direction_deg"`
	SpeedPxS     float32     `json:"speed_px_s"`
	SpeedSource  SpeedSource `json:"speed_source"`
	Confidence   float32     `json:"confidence"`
	NSpikes      uint32      `json:"n_spikes"`
	NEvents      uint32      `json:"n_events"`
	OnFraction   float32     `json:"on_fraction"`
	AgeUS        int64       `json:"age_us"`
	Misses       uint16      `json:"misses"`
	State        TrackState  `json:"state"`

	Label      string  `json:"label"`
	Score      float32 `json:"score"`
	TStart     int64   `json:"t_start_us"`
	TEnd       int64   `json:"t_end_us"`
	AzimuthDeg float32 `json:"azimuth_deg"` // 0 but in a sound direction
	Model      string  `json:"model"`

	Sign          int64   `json:"sign"` // of a crossing: 1 forward, -1 backward; else 0
	TotalForward  uint64  `json:"total_forward"`
	TotalBackward uint64  `json:"total_backward"`
	Occupancy     uint32  `json:"occupancy"`
	DwellUS       int64   `json:"dwell_us"`
	Value         float32 `json:"value"` // of an alarm, else 0

	Plane   string  `json:"plane"` // what the metres are of; without, they are 0
	XM      float32 `json:"x_m"`
	YM      float32 `json:"y_m"`
	VXMS    float32 `json:"vx_m_s"`
	VYMS    float32 `json:"vy_m_s"`
	SpeedMS float32 `json:"speed_m_s"`

	TurnDegS float32 `json:"turn_deg_s"` // of a moving camera's picture, else 0
	ZoomS    float32 `json:"zoom_s"`
}

// UnknownDetection is a detection of which nothing is known: what a reader
// starts from.
func UnknownDetection() Detection {
	nan := float32(math.NaN())
	return Detection{
		EmitDelayUS: NoDelay, TimeUnixUS: NoTime, X0: nan, Y0: nan, X1: nan, Y1: nan, CX: nan, CY: nan, VX: nan, VY: nan,
		DirectionDeg: nan, SpeedPxS: nan, Confidence: nan, OnFraction: nan, Score: nan,
		AzimuthDeg: nan, Value: nan, XM: nan, YM: nan, VXMS: nan, VYMS: nan, SpeedMS: nan,
		TurnDegS: nan, ZoomS: nan,
	}
}

// Complete ends what began as an [UnknownDetection]: what its kind does not have is
// zero and not unknown.
func (d *Detection) Complete() {
	if d.Kind != SoundDirection {
		d.AzimuthDeg = 0
	}
	if !d.alarm() {
		d.Value = 0
	}
	if !d.onPlane() {
		d.XM, d.YM, d.VXMS, d.VYMS, d.SpeedMS = 0, 0, 0, 0, 0
	}
	if !d.ofCamera() {
		d.TurnDegS, d.ZoomS = 0, 0
	}
}

// AppendJSON appends the detection as one JSON object without a line end. The
// fields of the other family (sound or motion) are left out.
func (d *Detection) AppendJSON(b []byte) []byte {
	list := motionKeys
	if d.Kind.OfSound() {
		list = soundKeys
	}
	start := len(b)
	for i := range list {
		b = list[i].appendJSON(b, d)
	}
	b[start] = '{' // in place of the first comma
	return append(b, '}')
}

// UnmarshalJSON reads what [Detection.AppendJSON] wrote.
func (d *Detection) UnmarshalJSON(data []byte) error {
	type fields Detection // without this method
	r := fields(UnknownDetection())
	if err := json.Unmarshal(data, &r); err != nil {
		return fmt.Errorf("detection: %w", err)
	}
	*d = Detection(r)
	d.Complete()
	return nil
}
