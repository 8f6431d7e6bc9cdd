package table

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"ganglion/sources/format"
)

// Box is one label of Prophesee's data sets for detection (Gen1, 1 Mpx): what the
// NAME_bbox.npy beside a recording holds.
type Box struct {
	T          int64   // µs
	X, Y, W, H float64 // upper left corner and size, px
	Class      int
	Track      int
	Confidence float64
}

// boxFields are the names of a label's fields: t was ts, and class_confidence
// confidence, in the first data set.
var boxFields = [...][]string{
	{"t", "ts"}, {"x"}, {"y"}, {"w"}, {"h"}, {"class_id"}, {"track_id"}, {"class_confidence", "confidence"},
}

const boxNeeded = 5 // of the fields

// mostBoxes bounds the labels of a file.
const mostBoxes = 1 << 24

// ReadBoxes reads the labels of a NumPy array of records.
func ReadBoxes(r io.Reader) ([]Box, error) {
	in := format.NewInput(r)
	a, used, err := readNPYHeader(in)
	if err != nil {
		return nil, err
	}
	if a.plain || a.rows > mostBoxes {
		return nil, fmt.Errorf("holds %d rows that are not records of ts, x, y, w, h", a.rows)
	}
	in.Advance(used)
	var fields [len(boxFields)]*numpyField
	var names []string
	for i := range a.fields {
		f := &a.fields[i]
		names = append(names, f.name)
		for k, known := range boxFields {
			for _, name := range known {
				if name == f.name && f.readable() == nil {
					fields[k] = f
				}
			}
		}
	}
	for k := range boxNeeded {
		if fields[k] == nil {
			return nil, fmt.Errorf("records of %.120s have no %s", strings.Join(names, ", "), strings.Join(boxFields[k], " or "))
		}
	}
	var boxes []Box
	for n := int64(0); n < a.rows; n++ {
		src, _, err := in.Window(a.stride)
		if err != nil {
			return boxes, err
		}
		if len(src) < a.stride {
			return boxes, fmt.Errorf("ends behind label %d of %d", n, a.rows)
		}
		b, err := boxOf(&fields, src)
		if err != nil {
			return boxes, fmt.Errorf("label %d: %w", n+1, err)
		}
		boxes = append(boxes, b)
		in.Advance(a.stride)
	}
	return boxes, nil
}

func boxOf(fields *[len(boxFields)]*numpyField, src []byte) (Box, error) {
	value := func(k int) float64 {
		f := fields[k]
		switch {
		case f == nil:
			return 0
		case f.kind == 'f':
			return f.float(src[f.at:])
		}
		var v [1]int64
		f.load(v[:], src, f.at+f.size)
		return float64(v[0])
	}
	for k := range fields {
		if v := value(k); math.IsNaN(v) || math.Abs(v) > 1<<53 {
			return Box{}, fmt.Errorf("%s is %v", boxFields[k][0], v)
		}
	}
	b := Box{T: int64(value(0)), X: value(1), Y: value(2), W: value(3), H: value(4), Class: int(value(5)), Track: int(value(6))}
	b.Confidence = value(7)
	if !(b.W > 0 && b.H > 0) {
		return b, errors.New("an empty box")
	}
	return b, nil
}
