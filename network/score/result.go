package score

import (
	"encoding/json"
	"math"
)

// Figure is one measured number. NaN says that there was nothing to measure;
// it is null in JSON.
type Figure float64

// Undefined is the Figure without a measurement.
func Undefined() Figure { return Figure(math.NaN()) }

// Defined reports whether there was something to measure.
func (f Figure) Defined() bool { return !math.IsNaN(float64(f)) }

// MarshalJSON writes a number or null.
func (f Figure) MarshalJSON() ([]byte, error) {
	if !f.Defined() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

// UnmarshalJSON reads a number or null.
func (f *Figure) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*f = Undefined()
		return nil
	}
	return json.Unmarshal(b, (*float64)(f))
}

// Result is what one recording scored. The doc comment of the package says
// what counts as a box and as an object.
type Result struct {
	Precision Figure `json:"precision"` // right boxes / boxes; 0 without boxes, undefined when no object counts either
	Recall    Figure `json:"recall"`    // right boxes / counting objects
	F1        Figure `json:"f1"`        // 2 right / (boxes + counting objects)
	AP50      Figure `json:"ap50"`      // area under the precision-recall curve over the confidence

	MOTA       Figure `json:"mota"`        // 1 - (missed + false + switches) / counting objects
	IDF1       Figure `json:"idf1"`        // F1 when each object may have one track id only
	IDSwitches Figure `json:"id_switches"` // how often an object's track id changed

	FalseBoxesPerS Figure `json:"false_boxes_per_s"` // false boxes at all instants / length of the recording
	FirstBoxMS     Figure `json:"first_box_ms"`      // median over the found objects, from the 10th event to the first right box
	CentroidPx     Figure `json:"centroid_px"`       // median distance of the centroid from the middle of the true box

	DirectionErrDegMedian Figure `json:"direction_err_deg_median"` // over right boxes with a direction, objects above 5 px/s
	DirectionWrongWay     Figure `json:"direction_wrong_way"`      // share of those that are more than 90 degrees off
	SpeedErrMedian        Figure `json:"speed_err_median"`         // |speed - true| / true, over the same objects
}

// figures lists the fields in the order of the JSON.
func (r *Result) figures() []*Figure {
	return []*Figure{
		&r.Precision, &r.Recall, &r.F1, &r.AP50, &r.MOTA, &r.IDF1, &r.IDSwitches,
		&r.FalseBoxesPerS, &r.FirstBoxMS, &r.CentroidPx,
		&r.DirectionErrDegMedian, &r.DirectionWrongWay, &r.SpeedErrMedian,
	}
}

// ratio is a/b, undefined for b = 0.
func ratio(a, b int) Figure {
	if b == 0 {
		return Undefined()
	}
	return Figure(float64(a) / float64(b))
}
