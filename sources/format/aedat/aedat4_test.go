package aedat

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"ganglion/internal/compression"
	"ganglion/internal/flatbuf"
	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

// infoWith is the sample's info with a compression.
func infoWith(name string) format.Info {
	info := formattest.Info
	info.Header = format.Header{{Key: aedat4Compression, Value: name}}
	return info
}

// uncompressedAEDAT4 makes a recording of n events.
func uncompressedAEDAT4(tb testing.TB, n int) []byte {
	return kit.Encode(tb, "aedat4", infoWith("NONE"), &format.Block{Events: formattest.Events(n)})
}

// aedat4Block is a bit of everything that the format holds.
func aedat4Block() *format.Block {
	const t = 1_600_000_000_000_000
	e := formattest.Events(5000)
	for i := range e {
		e[i].T += t
	}
	frame := &format.Frame{
		Start: t - 5, End: t + 5, ExposureStart: t - 3, ExposureEnd: t + 3,
		X: 1, Y: 2, Width: 3, Height: 2, PixelFormat: 0, Pixels: []byte("pixels"),
	}
	imu := &format.IMU{
		Accel: [3]float32{1, 2, 3}, Gyro: [3]float32{4, 5, 6}, Mag: [3]float32{7, 8, 9}, Temperature: 36.6,
	}
	return &format.Block{Events: e, Side: []format.Side{
		{Kind: format.Trigger, T: t, Code: aedat4Source, Reset: true},
		{Kind: format.Trigger, T: t + 1, Value: 1},
		{Kind: format.Trigger, T: t + 2, Before: 10},
		{Kind: format.Trigger, T: t + 3, Code: aedat4Source + 9, Before: 10},
		{Kind: format.IMUSample, T: t + 4, IMU: imu, Before: 10},
		{Kind: format.IMUSample, T: t + 50_000, IMU: &format.IMU{}, Before: 10},
		{Kind: format.FrameImage, T: t + 5, Frame: frame, Before: 20},
		{Kind: format.FrameImage, T: t + 6, Frame: &format.Frame{PixelFormat: 26}, Before: 5000},
	}}
}

func TestAEDAT4KeepsEverythingInEachCompression(t *testing.T) {
	t.Parallel()
	want := aedat4Block()
	for _, c := range aedat4Codecs {
		data := kit.Encode(t, "aedat4", infoWith(c.name), want)
		got := kit.MustDecode(t, data, "")
		if diff := cmp.Diff(want.Events, got.Events); diff != "" {
			t.Errorf("%s: events: -written +read:\n%s", c.name, diff)
		}
		if diff := cmp.Diff(want.Side, got.Side); diff != "" {
			t.Errorf("%s: side data: -written +read:\n%s", c.name, diff)
		}
		if len(got.Damage) > 0 {
			t.Errorf("%s: damage %v", c.name, got.Damage)
		}
		if v := got.Info.Header.Get(aedat4Compression); v != c.name {
			t.Errorf("written with %s, read as %s", c.name, v)
		}
		again := kit.Encode(t, "aedat4", got.Info, &format.Block{Events: got.Events, Side: got.Side})
		if !bytes.Equal(again, data) {
			t.Errorf("%s: written again it differs", c.name)
		}
	}
}

// tableOf finds the file table of a recording and the rows in it.
func tableOf(t *testing.T, data []byte, c compression.Codec) (end int, rows []aedat4Row) {
	t.Helper()
	end = int(binary.LittleEndian.Uint64(data[aedat4Position:]))
	var d compression.Decoder
	content, err := d.Append(nil, data[end:], c, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	f := flatbuf.New(content[4:])
	if id := f.Identifier(); string(id[:]) != aedat4Table || int(binary.LittleEndian.Uint32(content)) != len(content)-4 {
		t.Fatalf("type %q, length %d", id, len(content))
	}
	pos, n := f.Root().Vector(0, 4)
	for i := range n {
		row := f.Table(f.Follow(pos + 4*i))
		place, _ := row.Field(1)
		rows = append(rows, aedat4Row{
			offset: row.I64(0), stream: int32(f.U32(place)), size: int32(f.U32(place + 4)),
			n: row.I64(2), first: row.I64(3), last: row.I64(4),
		})
	}
	if f.Bad() {
		t.Fatal("the table is damaged")
	}
	return end, rows
}

func TestTheFileTableNamesEveryPacket(t *testing.T) {
	t.Parallel()
	for _, c := range aedat4Codecs {
		data := kit.Encode(t, "aedat4", infoWith(c.name), aedat4Block())
		end, rows := tableOf(t, data, c.codec)
		at := len(aedat4Magic) + 4 + int(binary.LittleEndian.Uint32(data[len(aedat4Magic):]))
		elements := map[int32]int64{}
		for _, r := range rows {
			id, size := int32(binary.LittleEndian.Uint32(data[at:])), int32(binary.LittleEndian.Uint32(data[at+4:]))
			if r.offset != int64(at+aedat4Head) || r.stream != id || r.size != size || r.first > r.last {
				t.Fatalf("%s: row %+v, but packet of stream %d and %d bytes at %d", c.name, r, id, size, at)
			}
			elements[id] += r.n
			at += aedat4Head + int(size)
		}
		if at != end {
			t.Errorf("%s: packets to byte %d, table at %d", c.name, at, end)
		}
		if diff := cmp.Diff(map[int32]int64{0: 5000, 1: 2, 2: 2, 3: 4}, elements); diff != "" {
			t.Errorf("%s: elements: -want +got:\n%s", c.name, diff)
		}
	}
}

func TestAStreamHasNoFileTableAndIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer // no io.WriterAt
	w, err := kit.NewWriter(&buf, "pipe", "aedat4", formattest.Info)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteBlock(aedat4Block()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data := buf.Bytes()
	if at := int64(binary.LittleEndian.Uint64(data[aedat4Position:])); at != -1 {
		t.Errorf("the table is said to be at %d", at)
	}
	got := kit.MustDecode(t, data, "")
	if diff := cmp.Diff(aedat4Block().Events, got.Events); diff != "" || len(got.Damage) > 0 {
		t.Errorf("damage %v, -written +read:\n%s", got.Damage, diff)
	}
}

func TestTheDescriptionOfTheStreamsSurvives(t *testing.T) {
	t.Parallel()
	info := formattest.Info
	info.Header = format.Header{
		{Key: "7.typeIdentifier", Value: "EVTS"}, {Key: "7.source", Value: `A "<camera>" & more`}, {Key: "7.tsOffset", Value: "1600000000000000"},
		{Key: "3.typeIdentifier", Value: "IMUS"}, {Key: "3.source", Value: "other"}, {Key: "system_ID", Value: "48"},
	}
	got := kit.MustDecode(t, kit.Encode(t, "aedat4", info, &format.Block{Events: formattest.Events(3)}), "")
	for key, want := range map[string]string{
		"compression": "LZ4", "0.typeIdentifier": "EVTS", "0.source": `A "<camera>" & more`, "0.tsOffset": "1600000000000000",
		"0.sizeX": "240", "0.sizeY": "180", "0.originalOutputName": "events", "1.source": `A "<camera>" & more`, "1.sizeX": "240",
		"2.source": "other", "2.originalOutputName": "imu", "3.typeIdentifier": "TRIG", "2.sizeX": "",
	} {
		if v := got.Info.Header.Get(key); v != want {
			t.Errorf("%s is %q, want %q", key, v, want)
		}
	}
	if got.Info.Width != 240 || got.Info.Height != 180 {
		t.Errorf("size %dx%d", got.Info.Width, got.Info.Height)
	}
}

func TestForeignHeadersAreRefusedWithAReason(t *testing.T) {
	t.Parallel()
	whole := kit.Encode(t, "aedat4", formattest.Info, &format.Block{})
	head := whole[:len(aedat4Magic)]
	codec9 := bytes.Clone(whole)
	codec9[len(head)+4+28] = 9
	next := bytes.Clone(whole)
	next[len(head)+4+28] = byte(len(aedat4Codecs))
	id := bytes.Clone(whole)
	id[len(head)+4+4] = 'X'
	for want, data := range map[string][]byte{
		"and a length":            head,
		"claims 4294967295 bytes": append(bytes.Clone(head), 255, 255, 255, 255),
		"ends at byte 118":        whole[:118],
		"is damaged":              id,
		"unknown compression 9":   codec9,
		"unknown compression 5":   next, // the first without a name
	} {
		_, err := kit.NewReader(bytes.NewReader(data), "bytes", formattest.Options{Format: "aedat4"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestADamagedDescriptionCostsNoEvents(t *testing.T) {
	t.Parallel()
	whole := kit.Encode(t, "aedat4", infoWith("NONE"), aedat4Block())
	n := len(aedat4Magic) + 4 + int(binary.LittleEndian.Uint32(whole[len(aedat4Magic):]))
	for _, xml := range []string{`<dv><node name="outInfo"><node name="7">`, strings.Repeat("<node>", 100), `<dv><a<>`} {
		data := append(appendAEDAT4Header([]byte(aedat4Magic), 0, []byte(xml)), whole[n:]...)
		binary.LittleEndian.PutUint64(data[aedat4Position:], math.MaxUint64)
		got, err := kit.Decode(bytes.NewReader(data), formattest.Options{Width: 240, Height: 180}, 4096)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(aedat4Block().Side, got.Side); diff != "" || len(got.Events) != 5000 {
			t.Errorf("%.20q: %d events, side data: -written +read:\n%s", xml, len(got.Events), diff)
		}
		if formattest.DamageCounts(got.Damage)["bad_description"] != 1 {
			t.Errorf("%.20q: damage %v", xml, got.Damage)
		}
	}
}

func TestWhatAEDAT4CannotHoldIsCounted(t *testing.T) {
	t.Parallel()
	var file formattest.MemFile
	w, err := kit.NewWriter(&file, "memory", "aedat4", formattest.Info)
	if err != nil {
		t.Fatal(err)
	}
	err = w.WriteBlock(&format.Block{Events: []pipeline.Event{{X: 1 << 15}, {Y: 1 << 15}}, Side: []format.Side{
		{Kind: format.Special}, {Kind: format.IMUSample, IMU: &format.IMU{Counts: true}}, {Kind: format.Trigger, Code: 3},
		{Kind: format.FrameImage, Frame: &format.Frame{Width: 1 << 15}}, {Kind: format.FrameImage, Frame: &format.Frame{PixelFormat: 1 << 7}},
	}})
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	want := map[string]uint64{"address_range": 2, "special": 1, "imu": 1, "trigger": 1, "frame": 2}
	if diff := cmp.Diff(want, formattest.DamageCounts(w.Lost())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestReadingAEDAT4AllocatesNothingInAnyCompression(t *testing.T) {
	for _, c := range aedat4Codecs {
		data := kit.Encode(t, "aedat4", infoWith(c.name), &format.Block{Events: formattest.Events(200_000)})
		r, err := kit.NewReader(bytes.NewReader(data), "bytes", formattest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := format.NewBlock(1000)
		read := func() {
			if err := r.Read(b); err != nil {
				t.Fatal(err)
			}
		}
		for range 30 {
			read()
		}
		if n := testing.AllocsPerRun(100, read); n != 0 {
			t.Errorf("%s: %v allocations per block", c.name, n)
		}
	}
}

// TestNumbersAreAligned holds the FlatBuffers to what FlatBuffers' own verifier
// demands: a number of n bytes stands at a multiple of n.
func TestNumbersAreAligned(t *testing.T) {
	t.Parallel()
	samples := []aedat4Sample{{t: 1}, {t: 2}, {t: 3}}
	for name, content := range map[string][]byte{
		"IMU":      appendAEDAT4IMU(nil, samples),
		"triggers": appendAEDAT4Triggers(nil, samples),
		"table":    appendAEDAT4Table(nil, make([]aedat4Row, 3)),
	} {
		f := flatbuf.New(content[4:])
		pos, n := f.Root().Vector(0, 4)
		for i := range n {
			e := f.Table(f.Follow(pos + 4*i))
			if at, _ := e.Field(0); (at+4)%8 != 0 || (e.Pos()+4)%4 != 0 {
				t.Errorf("%s: table %d at %d with its first field at %d", name, i, e.Pos()+4, at+4)
			}
		}
		if n != 3 || f.Bad() {
			t.Errorf("%s: %d tables, bad %v", name, n, f.Bad())
		}
	}
	frame := flatbuf.New(appendAEDAT4Frame(nil, 1, &format.Frame{Pixels: make([]byte, 5)})[4:])
	for i, size := range []int{8, 8, 8, 8, 8, 1, 2, 2, 2, 2, 4} {
		if at, ok := frame.Root().Field(i); !ok || (at+4)%size != 0 {
			t.Errorf("frame: field %d at %d", i, at+4)
		}
	}
	header := appendAEDAT4Header(nil, 1, nil)
	if at, _ := flatbuf.New(header[4:]).Root().Field(1); (at+4)%8 != 0 || int64(len(aedat4Magic)+4+at) != aedat4Position {
		t.Errorf("position of the table at %d", at)
	}
	if pos, _ := flatbuf.New(appendAEDAT4Vector(nil, aedat4Events)[4:]).Root().Vector(0, aedat4Record); (pos+4)%8 != 0 {
		t.Errorf("events at %d", pos+4)
	}
}
