package small

import (
	"bytes"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

// streamES makes an Event Stream of 16x8 from the bytes of its body.
func streamES(kind byte, body ...byte) []byte {
	b := append([]byte(esMagic), 2, 0, 0, kind)
	if kind != esGeneric {
		b = append(b, 16, 0, 8, 0)
	}
	return append(b, body...)
}

func TestEventStreams(t *testing.T) {
	t.Parallel()
	tests := []formattest.Case{
		{
			Name:   "DVS rows count from the bottom, FF and FE only move or reset",
			Data:   streamES(esDVS, 0xFF, 0xFE, 10<<1|1, 3, 0, 0, 0, 1<<1, 4, 0, 7, 0),
			Events: []pipeline.Event{{T: 137, X: 3, Y: 7, P: 1}, {T: 138, X: 4, Y: 0}},
		},
		{
			Name:   "ATIS threshold crossings are side data",
			Data:   streamES(esATIS, 0xFD, 0xFC, 5<<2|2, 3, 0, 0, 0, 1<<2|3, 4, 0, 7, 0, 0, 1, 0, 1, 0),
			Events: []pipeline.Event{{T: 68, X: 3, Y: 7, P: 1}, {T: 69, X: 1, Y: 6}},
			Side:   []format.Side{{Kind: format.Special, T: 69, Code: esCrossing, Value: 1<<32 | 4, Bits: 33, Before: 1}},
		},
		{
			Name:   "colours stand behind their events",
			Data:   streamES(esColored, 0xFF, 7, 3, 0, 0, 0, 1, 2, 3),
			Events: []pipeline.Event{{T: 261, X: 3, Y: 7}},
			Side:   []format.Side{{Kind: format.Special, T: 261, Code: esColor, Value: 0x030201, Bits: 24, Before: 1}},
		},
		{
			Name:   "generic payloads have a length of any size",
			Data:   append(streamES(esGeneric, 1, 2<<1, 'h', 'i', 2, 0, 3, 2<<1|1, 1<<1), strings.Repeat("x", 130)...),
			Events: []pipeline.Event{{T: 1}, {T: 3}, {T: 6}},
			Side: []format.Side{
				{Kind: format.Special, T: 1, Code: esPayload, Data: []byte("hi"), Before: 1},
				{Kind: format.Special, T: 3, Code: esPayload, Data: []byte{}, Before: 2},
				{Kind: format.Special, T: 6, Code: esPayload, Data: bytes.Repeat([]byte("x"), 130), Before: 3},
			},
		},
		{
			Name:   "an absurd payload length is damage",
			Data:   streamES(esGeneric, 1, 0xFF, 0xFF, 0xFF, 0xFF, 2, 1<<1, 'x'),
			Damage: map[string]uint64{"payload_too_long": 1},
			Events: []pipeline.Event{{T: 510}},
			Side:   []format.Side{{Kind: format.Special, T: 510, Code: esPayload, Data: []byte("x"), Before: 1}},
		},
		{
			Name:   "addresses outside the sensor are delivered and counted",
			Data:   streamES(esDVS, 0, 16, 0, 0, 0, 0, 0, 0, 8, 0),
			Events: []pipeline.Event{{X: 16, Y: 7}, {Y: 0xFFFF}},
			Damage: map[string]uint64{"out_of_range_x": 1, "out_of_range_y": 1},
		},
		{
			Name:   "an event that breaks off is truncation",
			Data:   streamES(esDVS, 2, 1, 0, 0, 0, 2, 1),
			Events: []pipeline.Event{{T: 1, X: 1, Y: 7}},
			Damage: map[string]uint64{"truncated": 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) { tt.Check(t, kit) })
	}
}

func TestGenericStreamsAreRewrittenByteForByte(t *testing.T) {
	t.Parallel()
	want := append(streamES(esGeneric, 0xFF, 0xFF, 1, 2<<1, 'h', 'i', 2, 0, 3, 2<<1|1, 1<<1), strings.Repeat("x", 130)...)
	d := kit.MustDecode(t, want, "")
	got := kit.Encode(t, "es", d.Info, &format.Block{Events: d.Events, Side: d.Side})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-read +rewritten:\n%s", diff)
	}
}
