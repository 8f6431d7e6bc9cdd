package aedat

import (
	"bytes"
	"testing"

	"ganglion/internal/compression"
)

// TestTheFileTableOfALongRecordingIsLookedUp has a table that is larger than what
// is allowed beside the size of its frame. Nothing but the beginnings of the
// packets stands before it.
func TestTheFileTableOfALongRecordingIsLookedUp(t *testing.T) {
	t.Parallel()
	const size = 12
	rows := make([]aedat4Row, 180_000) // a packet every 10 ms for 30 minutes
	var data []byte
	for i := range rows {
		at := int64(i) * 10_000
		data = appendU32(data, 0, size)
		rows[i] = aedat4Row{offset: int64(len(data)), size: size, n: 1, first: at, last: at + 9999}
	}
	table := appendAEDAT4Table(nil, rows)
	if len(table) <= aedat4Slack {
		t.Fatalf("a table of %d bytes: the test proves nothing", len(table))
	}
	copy(table, appendU32(nil, uint32(len(table)-4)))
	for _, codec := range []compression.Codec{compression.None, compression.LZ4, compression.Zstd} {
		var e compression.Encoder
		file := e.Append(bytes.Clone(data), table, codec)
		d := &aedat4Decoder{codec: codec, end: int64(len(data))}
		for at, want := range map[int64]int64{0: 0, 999_999_999: 8 * 99_999, 1_000_000_000: 8 * 100_000, 1_799_999_999: 8 * 179_999} {
			if got, ok := d.LookUp(bytes.NewReader(file), int64(len(file)), at); got != want || !ok {
				t.Errorf("codec %d: %d µs lies at %d, %t, want %d", codec, at, got, ok, want)
			}
		}
		if at, ok := d.LookUp(bytes.NewReader(file), int64(len(file)), 1_800_000_000); ok {
			t.Errorf("codec %d: what is after the end lies at %d", codec, at)
		}
	}
}
