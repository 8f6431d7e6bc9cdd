package small

import (
	"encoding/binary"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

// records makes a DAT recording from a header, the type and time and data of
// each record.
func records(head string, kind byte, words ...uint32) []byte {
	b := append([]byte(head), kind, datRecord)
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

func TestDATRecords(t *testing.T) {
	t.Parallel()
	const head = "% Data file containing CD events.\n% Version 2\n% Height 180\n% Width 240\n% end\n"
	tests := []formattest.Case{
		{
			Name:   "version 2",
			Data:   records(head, datCD, 10, 1<<28|6<<14|5, 11, 7<<14|8),
			Events: []pipeline.Event{{T: 10, X: 5, Y: 6, P: 1}, {T: 11, X: 8, Y: 7}},
		},
		{
			Name:   "version 1",
			Data:   records("% Version 1\n", datOld, 10, 1<<17|6<<9|300),
			Events: []pipeline.Event{{T: 10, X: 300, Y: 6, P: 1}},
		},
		{
			Name: "triggers",
			Data: records(head, datTrigger, 10, 3<<26|1, 11, 3<<26),
			Side: []format.Side{{Kind: format.Trigger, T: 10, Code: 3, Value: 1}, {Kind: format.Trigger, T: 11, Code: 3}},
		},
		{
			Name:   "time starts over after 2^32 µs; a late time from before is not a wrap",
			Data:   records(head, datCD, 0xFFFF_FFFF, 1, 2, 2, 0xFFFF_FFFE, 3, 5, 4),
			Events: []pipeline.Event{{T: 1<<32 - 1, X: 1}, {T: 1<<32 + 2, X: 2}, {T: 1<<32 - 2, X: 3}, {T: 1<<32 + 5, X: 4}},
		},
		{
			Name:   "a step back stays one",
			Data:   records(head, datCD, 100, 1, 90, 2),
			Events: []pipeline.Event{{T: 100, X: 1}, {T: 90, X: 2}},
		},
		{
			Name:   "stamps from 3,600 s ahead that were left over are not before a wrap",
			Data:   records(head, datCD, 3_600_000_000, 1, 3_600_000_002, 2, 1000, 3, 1001, 4),
			Events: []pipeline.Event{{T: 3_600_000_000, X: 1}, {T: 3_600_000_002, X: 2}, {T: 1000, X: 3}, {T: 1001, X: 4}},
		},
		{
			Name:   "a pause of nearly nine minutes over the wrap is one",
			Data:   records(head, datCD, 0xFFFF_FFFF, 1, 1<<29-1, 2),
			Events: []pipeline.Event{{T: 1<<32 - 1, X: 1}, {T: 1<<32 + 1<<29 - 1, X: 2}},
		},
		{
			Name:   "T0 is added to every time",
			Data:   records("% Version 2\n% T0 4294967296\n% end\n", datCD, 100, 1),
			Events: []pipeline.Event{{T: 1<<32 + 100, X: 1}},
		},
		{
			Name:   "addresses outside the sensor are delivered and counted",
			Data:   records(head, datCD, 1, 240, 2, 180<<14),
			Events: []pipeline.Event{{T: 1, X: 240}, {T: 2, Y: 180}},
			Damage: map[string]uint64{"out_of_range_x": 1, "out_of_range_y": 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) { tt.Check(t, kit) })
	}
}

// A file without a size is of the smallest sensor that has its addresses.
func TestDATWithoutASizeHasThatOfItsAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		data          []byte
		width, height int
	}{
		{records("% Version 2\n", datOld, 10, 300, 11, 239<<14), 304, 240},
		{records("% Version 2\n", datCD, 10, 600, 11, 1<<14), 640, 480},
		{records("% Version 2\n% Width 500\n", datCD, 10, 1279, 11, 700<<14), 1280, 720},
		{records("% Version 2\n", datCD, 10, 1999, 11, 999<<14), 2000, 1000},
		{records("% Version 1\n", datOld, 10, 1<<17|200<<9|119), 304, 240},
		{records("% Version 2\n", datTrigger, 10, 5), 0, 0},
	} {
		got := kit.MustDecode(t, c.data, "dat")
		if got.Info.Width != c.width || got.Info.Height != c.height || len(got.Damage) > 0 {
			t.Errorf("%.30q: sensor %dx%d, want %dx%d, damage %v", c.data, got.Info.Width, got.Info.Height, c.width, c.height, got.Damage)
		}
	}
}

func TestDATGapsThatCannotBeToldApartAreLostAndCounted(t *testing.T) {
	t.Parallel()
	w, err := kit.NewWriter(&strings.Builder{}, "buffer", "dat", formattest.Info)
	if err != nil {
		t.Fatal(err)
	}
	events := []pipeline.Event{{T: 1 << 33}, {T: 1<<33 + 1<<31}, {T: 1<<34 + 5}, {T: 1<<33 + 1<<31 + 1}}
	if err := w.Write(events); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]uint64{"time_range": 1}, formattest.DamageCounts(w.Lost())); diff != "" {
		t.Errorf("-want +lost:\n%s", diff)
	}
}

func TestDATRecordsOfAnotherSizeAreRefused(t *testing.T) {
	t.Parallel()
	_, err := kit.Decode(strings.NewReader("% Version 2\n% end\n\x0C\x10"), formattest.Options{Format: "dat"}, 64)
	if err == nil || !strings.Contains(err.Error(), "16 bytes") {
		t.Errorf("error %v", err)
	}
}

func TestADATOfTriggersAloneSaysSo(t *testing.T) {
	t.Parallel()
	data := append([]byte("% Data file containing EXT_TRIGGER events.\n% Version 2\n"), datTrigger, datRecord, 9, 0, 0, 0, 1, 0, 0, 4)
	got := kit.MustDecode(t, data, "")
	if len(got.Events) != 0 || len(got.Side) != 1 || len(got.Info.Notes) != 1 || !strings.Contains(got.Info.Notes[0], "--side") {
		t.Errorf("%d events, %d triggers, notes %q", len(got.Events), len(got.Side), got.Info.Notes)
	}
}
