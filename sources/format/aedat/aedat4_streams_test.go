package aedat

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// twoCameras is a recording with two streams of events, in packets of 50 in
// turn; the one that is numbered second begins.
func twoCameras(first, second []pipeline.Event) []byte {
	info := strings.NewReplacer("\n", "").Replace(`<dv version="2.0"><node name="outInfo" path="/mainloop/Recorder/outInfo/">` +
		`<node name="0" path="/0/"><attr key="typeIdentifier" type="string">EVTS</attr><node name="info" path="/0/info/"><attr key="sizeX" type="int">346</attr><attr key="sizeY" type="int">260</attr><attr key="source" type="string">LEFT</attr></node></node>` +
		`<node name="1" path="/1/"><attr key="typeIdentifier" type="string">EVTS</attr><node name="info" path="/1/info/"><attr key="sizeX" type="int">240</attr><attr key="sizeY" type="int">180</attr><attr key="source" type="string">RIGHT</attr></node></node>` +
		`</node></dv>`)
	b := appendAEDAT4Header([]byte(aedat4Magic), 0, []byte(info))
	packet := func(id uint32, events []pipeline.Event) {
		content := appendAEDAT4Vector(nil, aedat4Events)
		for _, e := range events {
			content = binary.LittleEndian.AppendUint64(content, uint64(e.T))
			content = binary.LittleEndian.AppendUint64(content, uint64(e.X)|uint64(e.Y)<<16|uint64(e.P)<<32)
		}
		binary.LittleEndian.PutUint32(content[28:], uint32(len(events)))
		binary.LittleEndian.PutUint32(content, uint32(len(content)-4))
		b = appendU32(b, id, uint32(len(content)))
		b = append(b, content...)
	}
	for len(first)+len(second) > 0 {
		n, m := min(50, len(second)), min(50, len(first))
		packet(1, second[:n])
		packet(0, first[:m])
		first, second = first[m:], second[n:]
	}
	return b
}

func TestOneOfSeveralCamerasIsReadWithItsSize(t *testing.T) {
	t.Parallel()
	events := formattest.Events(400)
	for _, c := range []struct {
		name, stream  string
		first, second []pipeline.Event
		width         int
		want          []pipeline.Event
		unread        uint64
	}{
		{"of equals the one that comes first", "", events[:200], events[200:], 240, events[200:], 200},
		{"the one with most events", "", events[:300], events[300:], 346, events[:300], 100},
		{"by its number", "0", events[:200], events[200:], 346, events[:200], 200},
		{"by its camera", "RIGHT", events[:300], events[300:], 240, events[300:], 300},
	} {
		r, err := kit.NewReader(bytes.NewReader(twoCameras(c.first, c.second)), "", formattest.Options{Stream: c.stream})
		if err != nil {
			t.Fatal(err)
		}
		got, err := formattest.Drain(r, 64)
		if err != nil || len(got.Damage) > 0 || got.Info.Width != c.width {
			t.Errorf("%s: %v, damage %v, width %d", c.name, err, got.Damage, got.Info.Width)
		}
		if diff := formattest.DiffEvents(c.want, got.Events); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.name, diff)
		}
		var unread uint64
		for _, s := range r.Streams() {
			if unread += s.Unread; s.Read == (s.Unread > 0) {
				t.Errorf("%s: stream %+v", c.name, s)
			}
		}
		if unread != c.unread || len(r.Streams()) != 2 {
			t.Errorf("%s: %d not read of %d streams", c.name, unread, len(r.Streams()))
		}
	}
	_, err := kit.NewReader(bytes.NewReader(twoCameras(events, events)), "", formattest.Options{Stream: "UP"})
	if err == nil || !strings.Contains(err.Error(), `no stream of events "UP" (it has 0 LEFT, 1 RIGHT)`) {
		t.Errorf("error %v", err)
	}
}

func TestAStreamOfARecordingWithoutNamesIsRefused(t *testing.T) {
	t.Parallel()
	data := kit.Encode(t, "aedat2", formattest.Info, &format.Block{Events: formattest.Events(10)})
	if _, err := kit.NewReader(bytes.NewReader(data), "", formattest.Options{Stream: "LEFT"}); err == nil {
		t.Error("a stream is chosen where there is none")
	}
}

// What is written of one of several cameras has its name, and not that of the
// camera that the description names first.
func TestTheChosenStreamsDescriptionIsWritten(t *testing.T) {
	t.Parallel()
	events := formattest.Events(200)
	for stream, want := range map[string]string{"0": "LEFT", "1": "RIGHT", "RIGHT": "RIGHT"} {
		r, err := kit.NewReader(bytes.NewReader(twoCameras(events, events)), "", formattest.Options{Stream: stream})
		if err != nil {
			t.Fatal(err)
		}
		d, err := formattest.Drain(r, 64)
		if err != nil {
			t.Fatal(err)
		}
		back := kit.MustDecode(t, kit.Encode(t, "aedat4", d.Info, &format.Block{Events: d.Events}), "aedat4")
		for id := range 4 {
			if got := back.Info.Header.Get(fmt.Sprintf("%d.source", id)); got != want {
				t.Errorf("--stream %s: stream %d is written as of %q, want %q", stream, id, got, want)
			}
		}
		if back.Info.Width != d.Info.Width || back.Info.Height != d.Info.Height {
			t.Errorf("--stream %s: size %dx%d became %dx%d", stream, d.Info.Width, d.Info.Height, back.Info.Width, back.Info.Height)
		}
	}
}
