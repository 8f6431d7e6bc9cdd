package ros

import (
	"maps"
	"slices"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// encodings write events as the content of a packet: of times since a base, ns.
var encodings = map[string]func(events []pipeline.Event, base uint64) []byte{
	"mono": func(events []pipeline.Event, base uint64) (b []byte) {
		for _, e := range events {
			b = le.AppendUint64(b, uint64(e.P)<<63|uint64(e.Y)<<48|uint64(e.X)<<32|(uint64(e.T)*1000-base))
		}
		return b
	},
	"libcaer": func(events []pipeline.Event, base uint64) (b []byte) {
		for _, e := range events {
			b = le.AppendUint32(b, uint32(e.X)<<17|uint32(e.Y)<<2|uint32(e.P)<<1|1)
			b = le.AppendUint32(b, uint32(e.T-int64(base/1000)))
		}
		return b
	},
	"libcaer_cmp": func(events []pipeline.Event, base uint64) (b []byte) {
		for _, e := range events {
			t := uint64(e.T) - base/1000
			for _, w := range []uint16{uint16(t >> 12 & 0xfff), 0x1000 | uint16(t&0xfff), 0x2000 | e.X, 0x3000 | uint16(e.P)<<11 | e.Y} {
				b = le.AppendUint16(b, w)
			}
		}
		return b
	},
	"evt2": func(events []pipeline.Event, _ uint64) (b []byte) {
		for _, e := range events {
			b = le.AppendUint32(b, 8<<28|uint32(e.T>>6))
			b = le.AppendUint32(b, uint32(e.P)<<28|uint32(e.T&63)<<22|uint32(e.X)<<11|uint32(e.Y))
		}
		return b
	},
	"evt21": func(events []pipeline.Event, _ uint64) (b []byte) {
		for _, e := range events {
			b = le.AppendUint64(b, 8<<60|uint64(e.T>>6)<<32)
			b = le.AppendUint64(b, uint64(e.P)<<60|uint64(e.T&63)<<54|uint64(e.X&^31)<<43|uint64(e.Y)<<32|1<<(e.X&31))
		}
		return b
	},
}

// packets makes a database of packets in an encoding.
func packets(encoding string) func(n int) []byte {
	return func(n int) []byte {
		messages := formattest.ROSPieces(formattest.Events(n), func(e []pipeline.Event) []byte {
			base := uint64(e[0].T) * 1000
			return eventPacket2(encoding, base, encodings[encoding](e, base), 8)
		})
		return formattest.ROSDatabase([]formattest.ROSTopic{{Name: "/p", Kind: "event_camera_msgs/msg/EventPacket"}}, messages)
	}
}

// kitOf has databases of packets in an encoding for samples.
func kitOf(encoding string) formattest.Kit {
	return formattest.Kit{Formats: []format.Format{DB3()}, Samples: map[string]func(n int) []byte{"db3": packets(encoding)}}
}

// TestEveryEncodingIsHeldToWhatFormatsPromise cuts and flips packets of every
// encoding as it does whole formats.
func TestEveryEncodingIsHeldToWhatFormatsPromise(t *testing.T) {
	for encoding := range encodings {
		t.Run(encoding, func(t *testing.T) {
			k := kitOf(encoding)
			wantEvents(t, formattest.Events(300), decode(t, packets(encoding)(300), ""))
			formattest.Suite(t, k)
		})
	}
}

// FuzzPackets feeds packets of every encoding.
func FuzzPackets(f *testing.F) {
	for _, encoding := range slices.Sorted(maps.Keys(encodings)) {
		f.Add(packets(encoding)(20))
	}
	formattest.Fuzz(f, kit, "db3")
}

// BenchmarkDecodePackets measures every encoding.
func BenchmarkDecodePackets(b *testing.B) {
	for _, encoding := range slices.Sorted(maps.Keys(encodings)) {
		b.Run(encoding, func(b *testing.B) { formattest.Measure(b, kit, packets(encoding)(1_000_000), "db3") })
	}
}
