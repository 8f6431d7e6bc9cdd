package aedat

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

// words8 makes an AEDAT 2 recording of a chip from addresses and times.
func words8(chip string, words ...uint32) []byte {
	b := []byte("#!AER-DAT2.0\r\n")
	if chip != "" {
		b = append(b, "# AEChip: "+chip+"\r\n"...)
	}
	for _, w := range words {
		b = binary.BigEndian.AppendUint32(b, w)
	}
	return b
}

const davis240 = "eu.seebetter.ini.chips.davis.DAVIS240C"

// imuWords2 are the words of an IMU sample at time t with values 1 to 7.
func imuWords2(t uint32) (words []uint32) {
	for i := range uint32(imuValues) {
		words = append(words, davisIMU|i<<28|(i+1)<<12, t)
	}
	return words
}

func TestAEDAT2Words(t *testing.T) {
	t.Parallel()
	wrap := []pipeline.Event{{T: math.MaxInt32, P: 1}, {T: 1 << 31, P: 1}, {T: 1<<32 - 1, P: 1}, {T: 1 << 32, P: 1}}
	imu := &format.IMU{Accel: [3]float32{1, 2, 3}, Temperature: 4, Gyro: [3]float32{5, 6, 7}, Counts: true}
	for _, c := range []formattest.Case{
		{
			Name:   "a DVS128 has OFF at bit 0 and no chip need be named",
			Data:   words8("", 5<<8|3<<1|1, 10, 127<<8|127<<1, 11),
			Events: []pipeline.Event{{T: 10, X: 3, Y: 5, P: 0}, {T: 11, X: 127, Y: 127, P: 1}},
		}, {
			Name:   "a DAVIS has ON at bit 11",
			Data:   words8(davis240, 179<<22|239<<12|1<<11, 10, 1<<22|2<<12, 11),
			Events: []pipeline.Event{{T: 10, X: 239, Y: 179, P: 1}, {T: 11, X: 2, Y: 1}},
		}, {
			Name:   "an address outside the sensor is delivered and counted",
			Data:   words8(davis240, 180<<22|240<<12, 10),
			Events: []pipeline.Event{{T: 10, X: 240, Y: 180}},
			Damage: map[string]uint64{"out_of_range_x": 1, "out_of_range_y": 1},
		}, {
			Name: "special events of a DVS128 are kept as they stand",
			Data: words8("", 0x8000, 7),
			Side: []format.Side{{Kind: format.Special, T: 7, Code: aedatWord, Value: 0x8000, Bits: 32}},
		}, {
			Name: "edges at the pin are triggers, its other events and image read-outs are special",
			Data: words8(davis240, davisPin|2, 1, davisPin|3, 2, davisPin|4, 3, davisOther|1<<10|77, 4),
			Side: []format.Side{
				{Kind: format.Trigger, T: 1},
				{Kind: format.Trigger, T: 2, Value: 1},
				{Kind: format.Special, T: 3, Code: aedatWord, Value: davisPin | 4, Bits: 32},
				{Kind: format.Special, T: 4, Code: aedatWord, Value: davisOther | 1<<10 | 77, Bits: 32},
			},
		}, {
			Name: "seven words are an IMU sample",
			Data: words8(davis240, imuWords2(9)...),
			Side: []format.Side{{Kind: format.IMUSample, T: 9, IMU: imu}},
		}, {
			Name:   "an IMU sample that begins again within another replaces it",
			Data:   words8(davis240, append(imuWords2(8)[:6], imuWords2(9)...)...),
			Side:   []format.Side{{Kind: format.IMUSample, T: 9, IMU: imu}},
			Damage: map[string]uint64{"partial_imu": 1},
		}, {
			Name:   "words without the beginning of their IMU sample are counted",
			Data:   words8(davis240, append(imuWords2(8)[4:], imuWords2(9)...)...),
			Side:   []format.Side{{Kind: format.IMUSample, T: 9, IMU: imu}},
			Damage: map[string]uint64{"partial_imu": 5},
		}, {
			Name:   "the time continues when its counter wraps around",
			Data:   words8("", 0, 0x7FFFFFFF, 0, 0x80000000, 0, 0xFFFFFFFF, 0, 0),
			Events: wrap,
		}, {
			Name:   "a glitch in the time does not last",
			Data:   words8("", 0, 1000, 0, 0x90000000, 0, 1001),
			Events: []pipeline.Event{{T: 1000, P: 1}, {T: -0x70000000, P: 1}, {T: 1001, P: 1}},
		}, {
			Name:   "a record that is cut off is counted",
			Data:   words8("", 0, 1, 0),
			Events: []pipeline.Event{{T: 1, P: 1}},
			Damage: map[string]uint64{"truncated": 1},
		},
	} {
		t.Run(c.Name, func(t *testing.T) { c.Check(t, kit) })
	}
}

func TestAEDATChips(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		chip          string
		words         []uint32
		width, height int
	}{
		{"", nil, 128, 128},
		{"", bytesOfCochlea(64), 128, 4},
		{"", bytesOfCochlea(63), 128, 128},
		{"", []uint32{200 << 22, 1}, 346, 260},
		{"ch.unizh.ini.jaer.chip.retina.DVS128", bytesOfCochlea(64), 128, 128},
		{"ch.unizh.ini.jaer.chip.cochlea.CochleaAMS1b", nil, 128, 4},
		{davis240, nil, 240, 180},
		{"eu.seebetter.ini.chips.davis.Davis346red", nil, 346, 260},
		{"eu.seebetter.ini.chips.davis.Davis640Color", nil, 640, 480},
		{"ch.unizh.ini.jaer.chip.retina.DVS640", nil, 640, 480},
		{"ch.unizh.ini.jaer.chip.retina.DVS1280x720SD", nil, 1280, 720},
		{"prophesee.chip.PropheseeIMX636HD", nil, 1280, 720},
		{"nrv.chip.NRVS5KRC1S", nil, 0, 0},
		{"eu.seebetter.ini.chips.davis.Davis128", nil, 128, 128},
		{"eu.seebetter.ini.chips.davis.Davis208PixelParade", nil, 208, 192},
		{"eu.seebetter.ini.chips.davis.DVS240", nil, 240, 180},
		{"eu.seebetter.ini.chips.davis.DVXplorer", nil, 640, 480},
		{"eu.seebetter.ini.chips.davis.DavisFuture", nil, 0, 0},
		{"", []uint32{639<<1 | 479<<11 | 1, 1, 1<<1 | 3<<11, 2}, 640, 480},
		{"", []uint32{1279<<1 | 719<<12 | 1, 1, 1<<1 | 3<<12, 2}, 1280, 720},
	} {
		got := kit.MustDecode(t, words8(c.chip, c.words...), "")
		if got.Info.Width != c.width || got.Info.Height != c.height {
			t.Errorf("%q with %d words: %dx%d, want %dx%d", c.chip, len(c.words), got.Info.Width, got.Info.Height, c.width, c.height)
		}
	}
}

func TestAChipThatIsNotKnownIsRefusedByName(t *testing.T) {
	t.Parallel()
	data := words8("no.such.Chip77", 1<<22|5<<12, 1)
	_, err := kit.NewReader(bytes.NewReader(data), "a.aedat", formattest.Options{})
	if err == nil || !strings.Contains(err.Error(), "no.such.Chip77") || !strings.Contains(err.Error(), "--chip") || len(err.Error()) > 300 {
		t.Errorf("error %v", err)
	}
	got, err := kit.Decode(bytes.NewReader(data), formattest.Options{Chip: "DAVIS240C"}, 64)
	if err != nil || len(got.Events) != 1 || got.Events[0] != (pipeline.Event{T: 1, X: 5, Y: 1}) || got.Info.Width != 240 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := kit.NewReader(bytes.NewReader(words8("", 0x7FFFFFFF, 1)), "a.aedat", formattest.Options{}); err == nil {
		t.Error("addresses of no chip are read")
	}
}

// TestAddressesOfEveryChip writes addresses as jAER's classes lay them out.
func TestAddressesOfEveryChip(t *testing.T) {
	t.Parallel()
	for chip, address := range map[string]func(x, y, p uint32) uint32{
		"ch.unizh.ini.jaer.chip.retina.DVS128":        func(x, y, p uint32) uint32 { return y<<8 | x<<1 | (1 - p) },
		"eu.seebetter.ini.chips.davis.DAVIS240C":      func(x, y, p uint32) uint32 { return y<<22 | x<<12 | p<<11 },
		"eu.seebetter.ini.chips.davis.DVXplorer":      func(x, y, p uint32) uint32 { return y<<22 | x<<12 | p<<11 },
		"ch.unizh.ini.jaer.chip.retina.DVS640":        func(x, y, p uint32) uint32 { return x<<1 | y<<11 | p },
		"ch.unizh.ini.jaer.chip.retina.DVS1280x720SD": func(x, y, p uint32) uint32 { return x<<1 | y<<12 | p },
		"prophesee.chip.PropheseeIMX636HD":            func(x, y, p uint32) uint32 { return x | y<<11 | p<<22 },
		"nrv.chip.NRVS5KRC1S":                         func(x, y, p uint32) uint32 { return x | y<<10 | p<<20 },
	} {
		var words []uint32
		var want []pipeline.Event
		for i := range uint32(120) {
			words = append(words, address(i, 120-i, i%2), 10*i)
			want = append(want, pipeline.Event{T: int64(10 * i), X: uint16(i), Y: uint16(120 - i), P: uint8(i % 2)})
		}
		got := kit.MustDecode(t, words8(chip, words...), "")
		if diff := formattest.DiffEvents(want, got.Events); diff != "" {
			t.Errorf("%s: -want +got:\n%s", chip, diff)
		}
		info := got.Info
		info.Width, info.Height = 128, 128
		again := kit.MustDecode(t, kit.Encode(t, "aedat2", info, &format.Block{Events: want}), "")
		if diff := formattest.DiffEvents(want, again.Events); diff != "" {
			t.Errorf("%s: -written +read:\n%s", chip, diff)
		}
	}
}

// bytesOfCochlea are n addresses that a CochleaAMS could send, and times.
func bytesOfCochlea(n int) (words []uint32) {
	for i := range uint32(n) {
		words = append(words, i%1024, i)
	}
	return words
}

func TestAEDATHeadersSurvive(t *testing.T) {
	t.Parallel()
	lines := []string{
		"#!AER-DAT2.0",
		"# This is a raw AE data file - do not edit",
		"# created Mi M\xe4r 07",
		"# User name: someone",
		"#  Two blanks: no field",
		"# Start of Preferences for this AEChip (search for \"End of Preferences\" to find end of this block)",
		`#<?xml version="1.0"?>`,
		`#<map><entry key="a: b" value="1"/>`,
		"#End of Preferences for this AEChip",
		"# HardwareInterface: DAVIS240",
		"# AEChip: " + davis240,
		"# t0: 4294967296",
		"# End of ASCII Header",
	}
	data := append([]byte(strings.Join(lines, "\r\n")+"\r\n"), 0x23, 0, 0, 0, 0, 0, 0, 9)
	got := kit.MustDecode(t, data, "")
	if n := strings.Count(got.Info.Header.Get(aedatPreferences), "\n"); n != 3 {
		t.Errorf("the preferences have %d line ends", n)
	}
	if v := got.Info.Header.Get("HardwareInterface"); v != "DAVIS240" {
		t.Errorf("HardwareInterface is %q", v)
	}
	want := []pipeline.Event{{T: 1<<32 + 9, X: 0, Y: 0x23000000 >> 22}}
	if diff := cmp.Diff(want, got.Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if again := kit.Encode(t, "aedat2", got.Info, &format.Block{Events: got.Events}); !bytes.Equal(again, data) {
		t.Errorf("written again:\n%q\n%q", again, data)
	}
}

func TestAnOldHeaderEndsWhereNoTextFollows(t *testing.T) {
	t.Parallel()
	data := words8("", 0x2300_0000>>16, 5)
	data = append(data[:14], append([]byte("# created\n"), data[14:]...)...)
	got := kit.MustDecode(t, data, "")
	if len(got.Events) != 1 || len(got.Info.Header) != 1 {
		t.Errorf("%d events, header %v", len(got.Events), got.Info.Header)
	}
}

func TestAEDATHeadersAreBounded(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"many lines":  []byte("#!AER-DAT2.0\n" + strings.Repeat("#\n", 1<<17)),
		"a long line": []byte("#!AER-DAT2.0\n#" + strings.Repeat("x", 2<<20) + "\n"),
		"many bytes":  []byte("#!AER-DAT2.0\n" + strings.Repeat("#"+strings.Repeat("x", 999)+"\n", 2000)),
	} {
		if _, err := kit.NewReader(bytes.NewReader(data), "bytes", formattest.Options{}); err == nil || !strings.Contains(err.Error(), "header") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAEDAT2SideDataSurvives(t *testing.T) {
	t.Parallel()
	data := words8(davis240, imuWords2(9)...)
	data = append(data, words8("", davisPin|3, 10, 5<<22|6<<12|1<<11, 11, davisPin|4, 12, davisOther|99, 13)[14:]...)
	want := kit.MustDecode(t, data, "")
	got := kit.MustDecode(t, kit.Encode(t, "aedat2", want.Info, &format.Block{Events: want.Events, Side: want.Side}), "")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatAEDAT2CannotHoldIsCounted(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	w, err := kit.NewWriter(&buf, "buffer", "aedat2", format.Info{Width: 100, Height: 100})
	if err != nil {
		t.Fatal(err)
	}
	events := []pipeline.Event{{T: 0}, {T: 1, X: 128}, {T: 1 << 40}, {T: 2}}
	side := []format.Side{{Kind: format.Trigger, T: 3, Before: 4}, {Kind: format.FrameImage, T: 3, Before: 4},
		{Kind: format.Special, Code: aedatWord, T: 3, Before: 4}}
	if err := w.WriteBlock(&format.Block{Events: events, Side: side}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := map[string]uint64{"address_range": 1, "time_range": 1, "trigger": 1, "frame": 1, "special": 1}
	if diff := cmp.Diff(want, formattest.DamageCounts(w.Lost())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	got := kit.MustDecode(t, buf.Bytes(), "")
	if diff := cmp.Diff([]pipeline.Event{events[0], events[3]}, got.Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if size := fmt.Sprint(got.Info.Width, got.Info.Height); size != "100 100" {
		t.Errorf("size %s", size)
	}
}

func TestAEDAT2NeedsASize(t *testing.T) {
	t.Parallel()
	if _, err := kit.NewWriter(&bytes.Buffer{}, "buffer", "aedat2", format.Info{}); err == nil {
		t.Error("a writer without a size")
	}
}

func TestWhatAChipsAddressesAreIsSaid(t *testing.T) {
	t.Parallel()
	record := func(address, at uint32) []byte {
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, address), at)
	}
	file := func(chip string, records ...byte) []byte {
		head := "#!AER-DAT2.0\r\n"
		if chip != "" {
			head += "# AEChip: " + chip + "\r\n"
		}
		return append([]byte(head), records...)
	}
	const chip = "ch.unizh.ini.jaer.chip.retina.Tmpdiff128"
	got := kit.MustDecode(t, file(chip, record(1<<15|3<<8|5<<1, 7)...), "")
	want := []pipeline.Event{{T: 7, X: 5, Y: 3, P: 1}}
	if diff := formattest.DiffEvents(want, got.Events); diff != "" || len(got.Side)+len(got.Info.Notes) > 0 {
		t.Errorf("bit 15 is nothing special to a Tmpdiff128: side %v, notes %q, -want +got:\n%s", got.Side, got.Info.Notes, diff)
	}
	for _, pair := range []string{"Tmpdiff128StereoPair", "DVS128StereoPair", "Tmpdiff128AndCochleaAERb"} {
		if _, err := kit.Decode(bytes.NewReader(file("jaer."+pair, record(2, 7)...)), formattest.Options{}, 64); err == nil {
			t.Errorf("%s: a pair of chips is read as one", pair)
		}
	}
	got = kit.MustDecode(t, file("", record(3<<8|5<<1, 7)...), "")
	if len(got.Info.Notes) != 1 || !strings.Contains(got.Info.Notes[0], "DVS128") || !strings.Contains(got.Info.Notes[0], "--chip") {
		t.Errorf("a chip that is not named: notes %q", got.Info.Notes)
	}
	old := append([]byte("#!AER-DAT1.0\r\n# AEChip: "+davis240+"\r\n"), 0, 2, 0, 0, 0, 7)
	if _, err := kit.Decode(bytes.NewReader(old), formattest.Options{}, 64); err == nil || !strings.Contains(err.Error(), "16 bits") {
		t.Errorf("addresses of 16 bits of a DAVIS: error %v", err)
	}
}

// Without a header the addresses tell the chip: 10 bits are a cochlea's, if there are
// some, 16 a DVS128's, and one more is of a larger sensor.
func TestAddressesTellTheirChipByTheirBits(t *testing.T) {
	t.Parallel()
	head := func(n int, address uint32) (b []byte) {
		for i := range n {
			b = binary.BigEndian.AppendUint32(b, address)
			b = binary.BigEndian.AppendUint32(b, uint32(i))
		}
		return b
	}
	for _, c := range []struct {
		n       int
		address uint32
		want    int // -1 for none of the two
	}{{64, 1<<10 - 1, cochleaChip}, {63, 1<<10 - 1, dvs128Chip}, {64, 1 << 10, dvs128Chip}, {64, 1<<16 - 1, dvs128Chip}, {64, 1 << 16, -1}} {
		chip, err := aedatChipByAddresses(head(c.n, c.address), 8)
		if c.want < 0 {
			if err == nil && chip.aedatLayout == aedatChips[dvs128Chip].aedatLayout {
				t.Errorf("%#x is read as of a DVS128", c.address)
			}
			continue
		}
		if want := aedatChips[c.want]; err != nil || chip.aedatLayout != want.aedatLayout {
			t.Errorf("%d of %#x: %+v, %v", c.n, c.address, chip, err)
		}
	}
}
