package pipeline

import "fmt"

// Damage is one kind of defect of an input, counted.
type Damage struct {
	Offset int64  `json:"offset"` // byte offset of the first one
	Kind   string `json:"kind"`   // stable snake_case name, such as "out_of_range_x"
	Count  uint64 `json:"count"`
	// FirstUS and LastUS are the sensor times of the first and last one, µs,
	// as far as the decoder knew the time.
	FirstUS int64 `json:"first_us"`
	LastUS  int64 `json:"last_us"`
}

// SocketOverrun is the kind of damage that counts datagrams which the operating
// system dropped because a live source did not read them in time. How many events
// or frames they held nobody knows.
const SocketOverrun = "socket_overrun"

// DamageReport collects damage by kind, in order of first occurrence. The zero
// value is ready. Adding to a known kind allocates nothing.
type DamageReport struct{ kinds []Damage }

// Add counts n defects of one kind at a byte offset and sensor time.
func (r *DamageReport) Add(kind string, offset, t int64, n uint64) {
	for i := range r.kinds {
		if d := &r.kinds[i]; d.Kind == kind {
			d.Count += n
			d.LastUS = t
			return
		}
	}
	r.kinds = append(r.kinds, Damage{Offset: offset, Kind: kind, Count: n, FirstUS: t, LastUS: t})
}

// List returns the damage so far. The slice belongs to the report.
func (r *DamageReport) List() []Damage { return r.kinds }

// String reads "out_of_range_x x3 at byte 1024 (5840504..5885714 µs)".
func (d Damage) String() string {
	return fmt.Sprintf("%s x%d at byte %d (%d..%d µs)", d.Kind, d.Count, d.Offset, d.FirstUS, d.LastUS)
}

// PartialWriteError reports what became of the detections of a Write. Those at the
// indices Refused, in ascending order, will never be taken: it makes no sense to try
// them again. Of the others the first Written are delivered and the rest are lost.
type PartialWriteError struct {
	Written int
	Refused []int
	Err     error
}

func (e *PartialWriteError) Error() string {
	return fmt.Sprintf("after %d detections: %v", e.Written, e.Err)
}

// Unwrap returns the cause.
func (e *PartialWriteError) Unwrap() error { return e.Err }

// LostError means that a sink lost detections that earlier Writes accepted. A
// sink that holds detections for a while, such as rows of an unfinished batch,
// returns it from Close; the runner moves the count from delivered to dropped.
type LostError struct {
	Lost int
	Err  error
}

func (e *LostError) Error() string {
	return fmt.Sprintf("lost %d accepted detections: %v", e.Lost, e.Err)
}

// Unwrap returns the cause.
func (e *LostError) Unwrap() error { return e.Err }
