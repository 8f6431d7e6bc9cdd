package ros

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format/formattest"
)

// definitionOf is a message of ROS 1 whose elements have these fields.
func definitionOf(list, fields string) string {
	bar := strings.Repeat("=", 80) + "\n"
	return "Header header\nuint32 height\nuint32 width\nElement[] " + list + "\n" +
		bar + "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n" +
		bar + "MSG: lab_msgs/Stamp\nint32 sec\nuint32 nanosec\n" +
		bar + "MSG: lab_msgs/Point\nint16 u\nint16 v\n" +
		bar + "MSG: lab_msgs/Element\n" + strings.ReplaceAll(fields, "; ", "\n") + "\n"
}

// messageOf is a message of ROS 1 with elements that one writes.
func messageOf(events []pipeline.Event, element func(b []byte, e pipeline.Event) []byte) []byte {
	m := le.AppendUint32(nil, 7)
	m = formattest.ROSText(le.AppendUint64(m, 0), "cam")
	m = le.AppendUint32(le.AppendUint32(le.AppendUint32(m, 180), 240), uint32(len(events)))
	for _, e := range events {
		m = element(m, e)
	}
	return m
}

func labBag(list, fields string, element func(b []byte, e pipeline.Event) []byte) []byte {
	messages := pieces(few, func(e []pipeline.Event) []byte { return messageOf(e, element) })
	return bagOf([]bagTopic{{"/cam", "lab_msgs/Events", definitionOf(list, fields)}}, messages, "none", asIs, true)
}

// Fields of other names and types are read where there is one of each.
func TestEventsOfOtherDefinitionsAreRead(t *testing.T) {
	t.Parallel()
	xy16 := func(b []byte, e pipeline.Event) []byte { return le.AppendUint16(le.AppendUint16(b, e.X), e.Y) }
	signed := func(b []byte, e pipeline.Event) []byte { return append(b, byte(2*int8(e.P)-1)) }
	pair := func(b []byte, e pipeline.Event) []byte {
		return le.AppendUint32(le.AppendUint32(b, uint32(e.T/1_000_000)), uint32(e.T%1_000_000*1000))
	}
	for fields, element := range map[string]func(b []byte, e pipeline.Event) []byte{
		"uint16 x; uint16 y; time t; bool on":        func(b []byte, e pipeline.Event) []byte { return append(pair(xy16(b, e), e), e.P) },
		"uint16 x; uint16 y; time ts; int8 polarity": func(b []byte, e pipeline.Event) []byte { return signed(pair(xy16(b, e), e), e) },
		"uint16 x; uint16 y; time ts; bool brighter": func(b []byte, e pipeline.Event) []byte { return append(pair(xy16(b, e), e), e.P) },
		"Stamp stamp; Point pixel; uint8 pol":        func(b []byte, e pipeline.Event) []byte { return append(xy16(pair(b, e), e), e.P) },
		"uint8[3] spare; Point at; Stamp ts; uint8 p": func(b []byte, e pipeline.Event) []byte {
			return append(pair(xy16(append(b, 9, 9, 9), e), e), e.P)
		},
		"int32 col; uint32 row; uint64 timestamp_ns; int16 polarity; uint32 id": func(b []byte, e pipeline.Event) []byte {
			b = le.AppendUint64(le.AppendUint32(le.AppendUint32(b, uint32(e.X)), uint32(e.Y)), uint64(e.T)*1000+999)
			return le.AppendUint32(le.AppendUint16(b, uint16(int16(2*int8(e.P)-1))), 77)
		},
		"uint8 polarity; uint16 x; uint16 y; uint32 t_us; uint64 id": func(b []byte, e pipeline.Event) []byte {
			return le.AppendUint64(le.AppendUint32(xy16(append(b, e.P), e), uint32(e.T)), math.MaxUint64)
		},
		"uint16 x; uint16 y; float64 timestamp; uint8 polarity": func(b []byte, e pipeline.Event) []byte {
			return append(le.AppendUint64(xy16(b, e), math.Float64bits(float64(e.T)/1e6)), e.P)
		},
		"uint16 X; uint16 Y; int64 when; bool Polarity": func(b []byte, e pipeline.Event) []byte {
			return append(le.AppendUint64(xy16(b, e), uint64(e.T)), e.P)
		},
	} {
		for _, list := range []string{"events", "data"} {
			t.Run(list+": "+fields, func(t *testing.T) {
				wantEvents(t, few, decode(t, labBag(list, fields, element), ""))
			})
		}
	}
}

// Where a definition leaves a doubt, the refusal names it.
func TestDefinitionsThatLeaveADoubtAreRefused(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]string{
		"uint16 x; uint16 y; time ts; uint64 time; bool p": "events.ts or events.time may be the time",
		"uint16 x; uint16 y; uint32 ts; bool p":            "events.ts does not name its unit: ns, µs or ms",
		"uint16 x; uint16 y; uint64 a; uint64 b; bool p":   "events.a or events.b may be the time",
		"uint16 x; uint16 y; time ts":                      "its elements have no polarity among x y ts",
		"uint16 x; uint16 u; uint16 y; time ts; bool p":    "events.x or events.u may be the column x",
		"uint16 x; time ts; bool p":                        "its elements have no row y among x ts p",
		"uint16 a; uint16 b; time ts; bool p":              "its elements have no column x among a b ts p",
		"float32 x; float32 y; time ts; bool p":            "events.x is not an integer",
		"uint16 x; uint16 y; bool p":                       "its elements have no time among x y p",
		"uint16 x; uint16 y; time ts; bool p; string s":    "events.s has no fixed size",
	} {
		data := labBag("events", fields, func(b []byte, e pipeline.Event) []byte { return append(b, make([]byte, 30)...) })
		_, err := kit.NewReader(bytes.NewReader(data), "a.bag", formattest.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", fields, err, want)
		}
	}
}

// An address or time that no event has costs that event.
func TestAnImpossibleValueCostsItsEvent(t *testing.T) {
	t.Parallel()
	n := 0
	data := labBag("events", "int32 x; int32 y; float64 t; bool p", func(b []byte, e pipeline.Event) []byte {
		x, at := uint32(e.X), float64(e.T)/1e6
		switch n++; n {
		case 2:
			x = 1 << 16
		case 3:
			x = math.MaxUint32
		case 4:
			at = math.NaN()
		}
		return append(le.AppendUint64(le.AppendUint32(le.AppendUint32(b, x), uint32(e.Y)), math.Float64bits(at)), e.P)
	})
	got := decode(t, data, "")
	if len(got.Events) != len(few)-3 || fmt.Sprint(formattest.DamageCounts(got.Damage)) != "map[impossible_value:3]" {
		t.Errorf("%d events, damage %v", len(got.Events), got.Damage)
	}
}
