package format

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Info is what a recording's header says of it.
type Info struct {
	Format        string // name in [Formats]
	Width, Height int    // sensor size, px; 0 when the recording does not say
	Header        Header
	// Streams are those of a recording that has several; nil for any other.
	Streams []StreamInfo
	// Gyro is what turns IMU.Gyro into angular rates about the axes of the picture,
	// right, down and away from the lens, rad/s (see [pipeline.AngularRate]): a factor
	// for each of x, y and z, with the sign of the axis. It is 0 where the format
	// states no scale, or has no gyroscope.
	Gyro [3]float32
	// Unix reports that times count from 1970, and not from when the camera
	// was started or its clock set to zero.
	Unix bool
	// Packed is what is around the recording, such as gzip, outermost first; ""
	// for nothing.
	Packed string
	// Notes are what is odd about the recording, in sentences for a person.
	Notes []string
}

// Header holds the key and value pairs of a recording's header as they stand
// there, in their order.
type Header []Field

// Field is one entry of a header.
type Field struct{ Key, Value string }

// Get returns the value of the first field with the key, or "".
func (h Header) Get(key string) string {
	for _, f := range h {
		if f.Key == key {
			return f.Value
		}
	}
	return ""
}

// MarshalJSON writes one object in header order; of a repeated key the first
// counts.
func (h Header) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	seen := make(map[string]bool, len(h))
	b.WriteByte('{')
	for _, f := range h {
		if seen[f.Key] {
			continue
		}
		if len(seen) > 0 {
			b.WriteByte(',')
		}
		seen[f.Key] = true
		key, err := json.Marshal(f.Key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.Value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Pixels is the field with the key as a size, or 0.
func (h Header) Pixels(key string) int {
	n, err := strconv.ParseUint(h.Get(key), 10, 16)
	if err != nil {
		return 0
	}
	return int(n)
}
