package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format/formattest"
)

// timedRecords are the layout events as records with times of a type.
func timedRecords(time string, per, since int64) []byte {
	var b []byte
	for _, e := range layoutEvents() {
		b = binary.LittleEndian.AppendUint64(b, uint64(since+e.T*per))
		b = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(b, e.X), e.Y)
		b = append(b, e.P)
	}
	fields := fmt.Sprintf("[('t', '%s'), ('x', '<u2'), ('y', '<u2'), ('p', '|u1')]", time)
	return npyFile(npyDict(fields, fmt.Sprintf("(%d,)", len(layoutEvents()))), b...)
}

func TestTimesOfNumPysOwnTypesHaveTheirUnit(t *testing.T) {
	t.Parallel()
	for kind, c := range map[string]struct{ per, since int64 }{
		"<m8[us]": {1, 0}, "<m8[ns]": {1000, 0}, "<M8[us]": {1, 1_683_158_400_000_000}, "<M8[ns]": {1000, 1_683_158_400_000_000_000},
	} {
		got := kit.MustDecode(t, timedRecords(kind, c.per, c.since), "")
		want := layoutEvents()
		for i := range want {
			want[i].T += c.since / c.per
		}
		if diff := formattest.DiffEvents(want, got.Events); diff != "" || len(got.Info.Notes) > 0 {
			t.Errorf("%s: notes %q, -want +got:\n%s", kind, got.Info.Notes, diff)
		}
	}
	data := timedRecords("<M8[us]", 1, 0)
	never := int64(math.MinInt64) // NaT
	binary.LittleEndian.PutUint64(data[len(data)-13:], uint64(never))
	got := kit.MustDecode(t, data, "")
	if len(got.Events) != len(layoutEvents())-1 || len(got.Damage) != 1 || got.Damage[0].Kind != "fractional_value" {
		t.Errorf("with a NaT: %d events, damage %v", len(got.Events), got.Damage)
	}
	for kind, want := range map[string]string{
		"<M8[D]": `times of type "<M8[D]", of which the units ns, us, ms and s are read`,
		"|O":     "Python objects",
	} {
		_, err := kit.NewReader(bytes.NewReader(timedRecords(kind, 1, 0)), "bytes", formattest.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", kind, err, want)
		}
	}
}

// rowsOf are events as rows of four bytes.
func rowsOf(events []pipeline.Event) []byte {
	var b []byte
	for _, e := range events {
		b = append(b, byte(e.T), byte(e.X), byte(e.Y), e.P)
	}
	return npyFile(npyDict("'|u1'", fmt.Sprintf("(%d, 4)", len(events))), b...)
}

func TestOfSeveralArraysOfEventsTheLongestIsReadAndTheOthersAreCounted(t *testing.T) {
	t.Parallel()
	left := []pipeline.Event{{T: 1, X: 2, Y: 3, P: 1}, {T: 5, X: 6, Y: 7}}
	right := append(left[:2:2], pipeline.Event{T: 9, X: 1, Y: 1, P: 1})
	data := npzFile(t, member{"pose.npy", npyFile(npyDict("'|u1'", "(3, 4)"), 9, 9, 9, 9, 1, 1, 1, 1, 9, 9, 9, 9)},
		member{"left.npy", rowsOf(left)}, member{"right.npy", rowsOf(right)})
	for stream, want := range map[string][]pipeline.Event{"": right, "left": left, "right": right} {
		got, err := kit.Decode(bytes.NewReader(data), formattest.Options{Stream: stream}, 64)
		if err != nil {
			t.Fatal(err)
		}
		if diff := formattest.DiffEvents(want, got.Events); diff != "" || len(got.Info.Streams) != 2 {
			t.Errorf("%q: streams %v, -want +got:\n%s", stream, got.Info.Streams, diff)
		}
		for _, s := range got.Info.Streams {
			if s.Read == (s.Unread > 0) {
				t.Errorf("%q: stream %+v", stream, s)
			}
		}
	}
	if _, err := kit.Decode(bytes.NewReader(data), formattest.Options{Stream: "pose"}, 64); err == nil {
		t.Error("an array that holds no events is read as a stream")
	}
}

func TestColumnsGoBeforeAMatrixThatIsNoEvents(t *testing.T) {
	t.Parallel()
	one := func(values ...byte) []byte {
		return npyFile(npyDict("'|u1'", fmt.Sprintf("(%d,)", len(values))), values...)
	}
	data := npzFile(t, member{"K.npy", npyFile(npyDict("'|u1'", "(4, 4)"), make([]byte, 16)...)}, member{"t.npy", one(1, 5)},
		member{"x.npy", one(2, 6)}, member{"y.npy", one(3, 7)}, member{"p.npy", one(1, 0)})
	want := []pipeline.Event{{T: 1, X: 2, Y: 3, P: 1}, {T: 5, X: 6, Y: 7}}
	if diff := formattest.DiffEvents(want, kit.MustDecode(t, data, "").Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAnArrayWithoutRowsIsARecordingWithoutEvents(t *testing.T) {
	t.Parallel()
	if got := kit.MustDecode(t, npyFile(npyDict("'<f8'", "(0, 4)")), ""); len(got.Events) != 0 || len(got.Damage) != 0 {
		t.Errorf("%d events, damage %v", len(got.Events), got.Damage)
	}
}
