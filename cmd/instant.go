package cmd

import (
	"fmt"
	"strconv"
	"time"
)

// instant is the value of --start and --end: a time since the recording's
// first event, such as 1.5s, or a sensor time in whole microseconds, such as
// 5840504, as inspect and detections state it.
type instant struct {
	us     int64
	sensor bool // us is a sensor time
	set    bool
}

// String is what help and error messages show.
func (i *instant) String() string {
	switch {
	case !i.set:
		return ""
	case i.sensor:
		return strconv.FormatInt(i.us, 10)
	}
	return (time.Duration(i.us) * time.Microsecond).String()
}

// Set reads the flag.
func (i *instant) Set(s string) error {
	if us, err := strconv.ParseInt(s, 10, 64); err == nil {
		*i = instant{us, true, true}
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return fmt.Errorf("want a time since the first event such as 1.5s, or a sensor time in whole µs, got %q", s)
	}
	*i = instant{d.Microseconds(), false, true}
	return nil
}

// Type names the value in help.
func (i *instant) Type() string { return "T" }

// at is the sensor time that is meant, µs, when the first event was at first.
func (i *instant) at(first int64) int64 {
	if i.sensor {
		return i.us
	}
	return first + i.us
}
