package audio

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ganglion/pipeline"
)

// encode writes a value in [-1, 1) in a sample form.
func encode(b []byte, f sampleForm, v float64) []byte {
	var w uint64
	switch f.coding {
	case codingFloat:
		if w = uint64(math.Float32bits(float32(v))) << 32; f.size == 8 {
			w = math.Float64bits(v)
		}
	case codingUnsigned:
		w = uint64(int64(v*(1<<63))) ^ 1<<63
	default:
		w = uint64(int64(v * (1 << 63)))
	}
	if f.low {
		w >>= 8
	}
	for i := range f.size {
		shift := 64 - 8*(f.size-i)
		if f.big {
			shift = 56 - 8*i
		}
		b = append(b, byte(w>>shift))
	}
	return b
}

func TestEveryWidthAndByteOrderIsRead(t *testing.T) {
	t.Parallel()
	want := []float32{0, .5, -.5, .25, -1, .75} // exact in 8 bits
	for _, id := range []string{"RIFF", "RIFX", "RF64"} {
		for _, extensible := range []bool{false, true} {
			for _, bits := range []int{8, 12, 16, 20, 24, 32, 36, 45, 53, 64, -32, -64} {
				w := wavFile{id: id, tag: tagPCM, channels: 2, rate: 44100, bits: max(bits, -bits), extensible: extensible}
				w.bytes = (w.bits + 7) / 8
				f := sampleForm{coding: codingSigned, size: w.bytes, big: id == "RIFX"}
				switch {
				case bits == 8:
					f.coding = codingUnsigned
				case bits < 0:
					f.coding, w.tag = codingFloat, tagFloat
				}
				var sound []byte
				for _, v := range want {
					sound = encode(sound, f, float64(v))
				}
				got, l, damage, err := decodeAll(w.write(sound), formatAuto)
				name := fmt.Sprintf("%s, extensible %t, %d bits", id, extensible, bits)
				if err != nil || len(damage) > 0 {
					t.Errorf("%s: %v, %v", name, err, damage)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
				if want := (layout{"wav", 44100, 2}); l != want {
					t.Errorf("%s: %v", name, l)
				}
			}
		}
	}
}

func TestG711FollowsItsTables(t *testing.T) {
	t.Parallel()
	// The ends and the smallest steps of ITU-T G.711, tables 1 and 2.
	for code, want := range map[byte]float32{0xff: 0, 0x7f: 0, 0x80: 32124, 0x00: -32124, 0xfe: 8, 0x7e: -8, 0xef: 132} {
		if got := muLaw[code] * (1 << 15); got != want {
			t.Errorf("mu-law %02x: %v, want %v", code, got, want)
		}
	}
	for code, want := range map[byte]float32{0xd5: 8, 0x55: -8, 0xaa: 32256, 0x2a: -32256, 0xd4: 24, 0xc5: 264} {
		if got := aLaw[code] * (1 << 15); got != want {
			t.Errorf("A-law %02x: %v, want %v", code, got, want)
		}
	}
	w := wavFile{id: "RIFF", tag: tagMuLaw, channels: 1, rate: 8000, bits: 8, bytes: 1}
	got, _, _, err := decodeAll(w.write([]byte{0xff, 0x80}), formatAuto)
	if diff := cmp.Diff([]float32{0, 32124. / 32768}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestUnknownSizesReadToTheEnd(t *testing.T) {
	t.Parallel()
	x := tones(1001)
	var sound []byte
	for _, v := range x {
		sound = binary.LittleEndian.AppendUint16(sound, uint16(v))
	}
	constant := func(v uint32) func(int) uint32 { return func(int) uint32 { return v } }
	for name, sizes := range map[string][2]func(int) uint32{
		"ffmpeg to a pipe": {constant(math.MaxUint32), constant(math.MaxUint32)},
		"sox to a pipe":    {constant(0x7ffff024), constant(0x7ffff000)},
		"never patched":    {constant(0), constant(0)},
		"only a header":    {constant(36), constant(0)},
		"arecord":          {constant(0x80000024), constant(0x80000000)},
		"GStreamer":        {constant(0x7fff0024), constant(0x7fff0000)},
		"size 0 alone":     {nil, constant(0)},
	} {
		w := wavFile{id: "RIFF", tag: tagPCM, channels: 1, rate: 8000, bits: 16, bytes: 2, riffSize: sizes[0], dataSize: sizes[1]}
		got, _, damage, err := decodeAll(w.write(sound), formatAuto)
		if diff := cmp.Diff(asFloats(x), got); diff != "" || err != nil || len(damage) > 0 {
			t.Errorf("%s: %v %v %d samples", name, err, damage, len(got))
		}
	}
	w := wavFile{id: "RIFF", tag: tagPCM, channels: 1, rate: 8000, bits: 16, bytes: 2, dataSize: constant(0)}
	if got, _, _, err := decodeAll(w.write([]byte("LIST\x04\x00\x00\x00INFO")), formatAuto); err != nil || len(got) > 0 {
		t.Errorf("an empty sound with chunks behind it: %d samples, %v", len(got), err)
	}
}

// An RF64 stream has four samples behind its header. Its data chunk says how long
// the sound is; 0xFFFFFFFF there stands for what ds64 says, if that is a length.
func TestTheLengthOfAnRF64SoundIsThatOfItsChunkOrElseOfItsDS64(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		chunk  uint32
		ds64   uint64
		want   int
		damage []string
	}{
		{math.MaxUint32, 4, 2, nil}, {math.MaxUint32, 8, 4, nil}, {math.MaxUint32, 10, 4, []string{"truncated"}},
		{4, 8, 2, nil}, {4, 0, 2, nil}, {8, 4, 4, nil}, {8, 0, 4, nil}, {10, 8, 4, []string{"truncated"}},
		{math.MaxUint32, 0, 4, nil}, {math.MaxUint32, 1 << 63, 4, nil}, {math.MaxUint32, math.MaxInt64, 4, []string{"truncated"}},
	} {
		w := wavFile{id: "RF64", tag: tagPCM, channels: 1, rate: 8000, bits: 16, bytes: 2, dataSize: func(int) uint32 { return c.chunk }}
		b := w.write(le16([]int16{1, 2, 3, 4}))
		binary.LittleEndian.PutUint64(b[28:], c.ds64)
		got, _, damage, err := decodeAll(b, formatAuto)
		if err != nil || len(got) != c.want || !cmp.Equal(c.damage, kinds(damage), cmpopts.EquateEmpty()) {
			t.Errorf("a chunk of %d bytes, ds64 of %d: %d samples, want %d, damage %v, %v", c.chunk, c.ds64, len(got), c.want, damage, err)
		}
	}
}

func TestWAVDamageIsReportedAndSoundSamplesStay(t *testing.T) {
	t.Parallel()
	nan := math.Float32bits(float32(math.NaN()))
	floats := binary.LittleEndian.AppendUint32(nil, nan)
	floats = binary.LittleEndian.AppendUint32(floats, math.Float32bits(-1.5))
	floats = binary.LittleEndian.AppendUint32(floats, math.Float32bits(.5))
	float := wavFile{id: "RIFF", tag: tagFloat, channels: 1, rate: 8000, bits: 32, bytes: 4}
	plain := plainWAV(8000, 2, []int16{1 << 14, -1 << 14, 1 << 13, 1 << 13})
	odd := wavFile{id: "RIFF", tag: tagPCM, channels: 1, rate: 8000, bits: 16, bytes: 2, before: []byte("inst\x07\x00\x00\x00abcdefg")}
	wrong := plainWAV(8000, 2, []int16{1 << 14, -1 << 14})
	wrong[32] = 3 // frame bytes
	for _, c := range []struct {
		name  string
		bytes []byte
		want  []float32
		kinds []string
	}{
		{"floats that are not sound", float.write(floats), []float32{0, -1, .5}, []string{"not_a_number", "over_range"}},
		{"cut within a frame", plain[:len(plain)-1], []float32{.5, -.5}, []string{"truncated", "partial_frame"}},
		{"cut between frames", plain[:len(plain)-4], []float32{.5, -.5}, []string{"truncated"}},
		{"an odd chunk without padding", odd.write([]byte{0, 0x40}), []float32{.5}, nil},
		{"an alignment that does not fit", wrong, []float32{.5, -.5}, []string{"inconsistent_header"}},
	} {
		got, _, damage, err := decodeAll(c.bytes, formatAuto)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if diff := cmp.Diff(c.kinds, kinds(damage), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func kinds(damage []pipeline.Damage) (names []string) {
	for _, d := range damage {
		names = append(names, d.Kind)
	}
	return names
}

func TestHeadersThatNobodyCanReadAreErrors(t *testing.T) {
	t.Parallel()
	ok := plainWAV(8000, 1, []int16{1})
	edit := func(at int, v byte) []byte {
		b := append([]byte(nil), ok...)
		b[at] = v
		return b
	}
	for want, b := range map[string][]byte{
		"neither WAV nor FLAC nor MP3": edit(0, 'X'),
		`of type "XAVE"`:               edit(8, 'X'),
		"encoding 0x0002":              edit(20, 2),
		"0 channels":                   edit(22, 0),
		"a sample rate of 0 Hz":        append(append([]byte(nil), ok[:24]...), make([]byte, 20)...),
		"samples of 72 bits":           edit(34, 72),
		"no sound before the end":      ok[:40],
		"before its format":            append(append([]byte(nil), ok[:12]...), ok[36:]...),
	} {
		if _, _, _, err := decodeAll(b, formatAuto); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestAFormatOfAnyLengthIsReadOrRefused(t *testing.T) {
	t.Parallel()
	whole := wavFile{id: "RIFF", tag: tagPCM, channels: 1, rate: 8000, bits: 16, bytes: 2, extensible: true}.write(make([]byte, 8))
	const begin, size = 20, 40 // of the body of the fmt chunk
	for n := range size + 1 {
		b := slices.Concat(whole[:begin], whole[begin:begin+n], whole[begin+size:])
		if n%2 == 1 {
			b = slices.Insert(b, begin+n, 0)
		}
		binary.LittleEndian.PutUint32(b[begin-4:], uint32(n))
		x, _, _, err := decodeAll(b, "wav")
		if known := n >= 28; known != (err == nil) || known && len(x) != 4 { // the tag ends at byte 28
			t.Errorf("%d bytes: %d samples, %v", n, len(x), err)
		}
	}
}

func TestAWAVCutAnywhereGivesAPrefix(t *testing.T) {
	t.Parallel()
	x := tones(300)
	whole := plainWAV(8000, 1, x)
	want := asFloats(x)
	for n := range whole {
		got, _, damage, err := decodeAll(whole[:n], formatAuto)
		if err != nil {
			if n >= 44 {
				t.Fatalf("%d bytes: %v", n, err)
			}
			continue
		}
		if len(got) != (n-44)/2 || !cmp.Equal(got, want[:len(got)], cmpopts.EquateEmpty()) || len(damage) == 0 {
			t.Fatalf("%d bytes: %d samples, damage %v", n, len(got), damage)
		}
	}
}

func TestRawFormsMatchTheirNames(t *testing.T) {
	t.Parallel()
	for name, f := range rawForms {
		if f.coding == codingALaw || f.coding == codingMuLaw {
			continue
		}
		in := newInput(strings.NewReader(string(encode(encode(nil, f, .5), f, -.25))))
		d := newRaw(in, RawConfig{Rate: 8000, Channels: 1, Encoding: name})
		x := make([]float32, 8)
		if n, err := d.decode(x); err != nil || n != 2 || x[0] != .5 || x[1] != -.25 {
			t.Errorf("%s: %v %v %v", name, x[:n], n, err)
		}
	}
}

func FuzzWAV(f *testing.F) {
	f.Add(plainWAV(8000, 2, tones(20)))
	f.Add(wavFile{id: "RF64", tag: tagFloat, channels: 1, rate: 8000, bits: 64, bytes: 8, extensible: true}.write(make([]byte, 32)))
	f.Add(wavFile{id: "RIFX", tag: tagALaw, channels: 1, rate: 8000, bits: 8, bytes: 1,
		before: []byte("x\x00\x00\x00\x00\x01y")}.write(make([]byte, 32)))
	f.Fuzz(func(t *testing.T, b []byte) { fuzzDecode(t, b, "wav") })
}

// fuzzDecode demands that decoding ends, with samples in range.
func fuzzDecode(t *testing.T, b []byte, format string) {
	x, l, _, err := decodeAll(b, format)
	if err != nil {
		return
	}
	if len(x)%l.channels != 0 {
		t.Fatalf("%d samples of %d channels", len(x), l.channels)
	}
	for i, v := range x {
		if !(v >= -1 && v <= 1) {
			t.Fatalf("sample %d is %v", i, v)
		}
	}
}

func TestLayoutsAreTakenUpToTheirBounds(t *testing.T) {
	t.Parallel()
	for _, l := range []layout{{"x", 1, 1}, {"x", maxRate, maxChannels}} {
		if err := l.check(); err != nil {
			t.Error(err)
		}
	}
	for _, l := range []layout{{"x", 0, 1}, {"x", maxRate + 1, 1}, {"x", 1, 0}, {"x", 1, maxChannels + 1}} {
		if err := l.check(); err == nil || !strings.HasPrefix(err.Error(), "x: ") {
			t.Errorf("%+v: %v", l, err)
		}
	}
}
