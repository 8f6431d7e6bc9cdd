package aedat

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"ganglion/sources/format"
)

// aedat4Kinds are the kinds of streams by the type of their contents.
var aedat4Kinds = map[string]string{
	aedat4Events: format.StreamEvents, aedat4Frames: "frames", aedat4IMU: "imu", aedat4Triggers: "triggers",
}

// aedat4Look is how much of a recording with several cameras is looked at to
// choose one, bytes.
const aedat4Look = 256 << 10

// chooseCamera settles whose events are delivered, where the header describes
// the streams.
func (d *aedat4Decoder) chooseCamera(h format.Header) error {
	var streams []format.StreamInfo
	var events []int // streams of events, in streams
	for _, f := range h {
		id, key, _ := strings.Cut(f.Key, ".")
		if key != aedat4Type {
			continue
		}
		kind := aedat4Kinds[f.Value]
		if kind == "" {
			kind = f.Value
		}
		if kind == format.StreamEvents {
			events = append(events, len(streams))
		}
		streams = append(streams, format.StreamInfo{
			Name: id, Kind: kind, Alias: h.Get(id + "." + aedat4Camera),
			Width: h.Pixels(id + "." + aedat4SizeX), Height: h.Pixels(id + "." + aedat4SizeY),
		})
	}
	switch {
	case len(events) == 0 && d.s.Want == "":
		return nil
	case len(events) == 1 && d.s.Want == "":
		d.s.Size(streams[events[0]].Width, streams[events[0]].Height)
		return nil
	}
	preferred := -1
	if len(events) > 0 && d.s.Want == "" {
		var err error
		if preferred, err = d.busiest(streams, events); err != nil {
			return err
		}
	}
	i, err := d.s.Choose(streams, preferred)
	if err != nil || i < 0 {
		return err
	}
	d.camera = streamNumber(streams[i].Name)
	return nil
}

func streamNumber(name string) int32 {
	n, err := strconv.ParseInt(name, 10, 32)
	if err != nil {
		return -1
	}
	return int32(n)
}

// busiest finds the stream of events that has most of them near the beginning.
// Of a live one that is not waited for: its first packet decides.
func (d *aedat4Decoder) busiest(streams []format.StreamInfo, events []int) (int, error) {
	look := aedat4Look
	if d.s.Live {
		look = aedat4Head + aedat4Least
	}
	src, _, err := d.s.In.Window(look)
	if err != nil {
		return -1, err
	}
	counts := make([]int, len(streams))
	first := -1
	for at := d.s.In.Offset(); len(src) >= aedat4Head+aedat4Least && d.plausible(src, at); {
		id, length := int32(binary.LittleEndian.Uint32(src)), aedat4Head+int(binary.LittleEndian.Uint32(src[4:]))
		i := slices.IndexFunc(streams, func(s format.StreamInfo) bool { return streamNumber(s.Name) == id })
		if first < 0 && slices.Contains(events, i) {
			first = i
		}
		if length > len(src) {
			break
		}
		if d.open(src[:length]) && i >= 0 {
			counts[i] += d.packet.n
		}
		src, at = src[length:], at+int64(length)
	}
	d.packet = aedat4Open{}
	best := first
	for _, i := range events {
		if best < 0 || counts[i] > counts[best] {
			best = i
		}
	}
	return best, nil
}

// otherCamera reports whether events are another stream's, and counts them.
func (d *aedat4Decoder) otherCamera(id int32, n int) bool {
	if d.camera < 0 {
		d.camera = id
	}
	if id == d.camera {
		return false
	}
	d.s.NotRead(strconv.Itoa(int(id)), uint64(n))
	return true
}
