package audio

import (
	"bytes"
	"encoding/binary"
	"math"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// le16 is 16-bit samples as bytes.
func le16(x []int16) (b []byte) {
	for _, v := range x {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return b
}

// arecord writes 24 bits in the lower three of four bytes, and whatever was in
// the highest.
func TestARecordersTwentyFourBitsInFourBytesAreTheLowerOnes(t *testing.T) {
	t.Parallel()
	w := wavFile{id: "RIFF", tag: tagPCM, channels: 1, rate: 8000, bits: 24, bytes: 4}
	got, _, damage, err := decodeAll(w.write([]byte{0, 0, 0x40, 0xe7, 0, 0, 0xc0, 0, 0, 0, 0x20, 0}), formatAuto)
	if diff := cmp.Diff([]float32{.5, -.5, .25}, got); diff != "" || err != nil || len(damage) > 0 {
		t.Error(diff, err, damage)
	}
}

func TestWhatFollowsSoundWithoutALengthIsNotHeard(t *testing.T) {
	t.Parallel()
	open := func(int) uint32 { return math.MaxUint32 }
	list := []byte("LIST\x0e\x00\x00\x00INFOINAM\x02\x00\x00\x00x\x00")
	for name, c := range map[string]struct {
		w    wavFile
		body []byte
		tail []byte
		want int
	}{
		"a list": {wavFile{channels: 1, bits: 16, bytes: 2}, le16(tones(1001)), list, 1001},
		"an ID3 chunk": {wavFile{channels: 1, bits: 16, bytes: 2}, le16(tones(1000)),
			[]byte("id3 \x0a\x00\x00\x00ID3\x04\x00\x00\x00\x00\x00\x00"), 1000},
		"a padded byte":                 {wavFile{channels: 1, bits: 8, bytes: 1}, bytes.Repeat([]byte{0x90}, 801), []byte{0}, 801},
		"no padding of an even number":  {wavFile{channels: 1, bits: 8, bytes: 1}, append(bytes.Repeat([]byte{0x90}, 800), 0), nil, 801},
		"a padded frame of three bytes": {wavFile{channels: 1, bits: 24, bytes: 3}, bytes.Repeat([]byte{1, 2, 3}, 333), []byte{0}, 333},
		"padding, then a list": {wavFile{channels: 1, bits: 24, bytes: 3}, bytes.Repeat([]byte{1, 2, 3}, 333),
			append([]byte{0}, list...), 333},
		"sound that begins like a list":     {wavFile{channels: 1, bits: 16, bytes: 2}, []byte("LIST\x0e\x00\x00\x00INFxLIST"), nil, 8},
		"sound that ends like one":          {wavFile{channels: 1, bits: 16, bytes: 2}, []byte("aaLIST\x0e\x00"), nil, 4},
		"sound that ends with its first id": {wavFile{channels: 1, bits: 16, bytes: 2}, []byte("aaaaLI"), nil, 3},
	} {
		c.w.id, c.w.tag, c.w.rate, c.w.riffSize, c.w.dataSize = "RIFF", tagPCM, 8000, open, open
		stream := append(c.w.write(c.body)[:44+len(c.body)], c.tail...)
		for way, in := range map[string]*input{
			"at once": newInput(bytes.NewReader(stream)), "byte by byte": newInput(iotest.OneByteReader(bytes.NewReader(stream))),
		} {
			conf := NewDefaultConfig()
			d, err := newDecoder(in, &conf)
			if err != nil {
				t.Fatal(err)
			}
			n, block := 0, make([]float32, 512)
			for err == nil {
				var k int
				k, err = d.decode(block)
				n += k
			}
			if n != c.want || len(in.report.List()) > 0 {
				t.Errorf("%s, %s: %d samples, want %d, damage %v", name, way, n, c.want, in.report.List())
			}
		}
	}
}

func TestSoundInTwoDataChunksPlaysAndIsReported(t *testing.T) {
	t.Parallel()
	x := tones(401)
	chunk := func(b []byte) []byte {
		return append(binary.LittleEndian.AppendUint32([]byte("data"), uint32(len(b))), b...)
	}
	for name, c := range map[string]struct{ first, between []byte }{
		"one behind the other": {le16(x[:200]), nil},
		"a list between":       {le16(x[:200]), []byte("LIST\x04\x00\x00\x00INFO")},
		"the first empty":      {nil, nil},
	} {
		w := wavFile{id: "RIFF", tag: tagPCM, channels: 1, rate: 8000, bits: 16, bytes: 2}
		w.riffSize = func(int) uint32 { return 2000 }
		b := append(w.write(c.first), c.between...)
		b = append(append(b, chunk(le16(x[len(c.first)/2:]))...), "LIST\x04\x00\x00\x00INFO"...)
		got, _, damage, err := decodeAll(b, formatAuto)
		if diff := cmp.Diff(asFloats(x), got); diff != "" || err != nil || !cmp.Equal([]string{"second_data"}, kinds(damage)) {
			t.Errorf("%s: %d samples, %v, %v", name, len(got), err, damage)
		}
	}
}

// The writer of a pipe can finish: what follows the sound is read as well.
func TestAStreamIsReadToItsEndBehindItsSound(t *testing.T) {
	t.Parallel()
	tail := strings.Repeat("x", 100_000)
	src := strings.NewReader(string(plainWAV(8000, 1, tones(100))) + "LIST\xa0\x86\x01\x00" + tail + "\xff\xffjunk")
	in, c := newInput(src), NewDefaultConfig()
	d, err := newDecoder(in, &c)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = d.decode(make([]float32, 64))
	}
	if src.Len() != 0 || len(in.report.List()) > 0 {
		t.Errorf("%d bytes are left, damage %v", src.Len(), in.report.List())
	}
}

func TestATagInFrontOfAnyFormatIsLeftOut(t *testing.T) {
	t.Parallel()
	x := tones(2048)
	long := append([]byte("ID3\x04\x00\x10\x00\x05\x00\x00"), make([]byte, 5<<14+10)...) // with a footer
	for name, b := range map[string][]byte{"flac": writeFLAC(t, 16000, 1, x), "wav": plainWAV(16000, 1, x)} {
		for _, tag := range [][]byte{[]byte("ID3\x03\x00\x00\x00\x00\x00\x04abcd"), long, append(bytes.Clone(long), long...)} {
			got, l, damage, err := decodeAll(append(bytes.Clone(tag), b...), formatAuto)
			if diff := cmp.Diff(asFloats(x), got); diff != "" || err != nil || len(damage) > 0 || l.format != name {
				t.Errorf("%s behind %d bytes: %d samples of %s, %v, %v", name, len(tag), len(got), l.format, damage, err)
			}
		}
	}
	if _, _, _, err := decodeAll([]byte("ID3\x03\x00\x00\x00\x00\x0f\x04abcd"), formatAuto); err == nil ||
		!strings.Contains(err.Error(), "in an ID3 tag") {
		t.Error(err)
	}
}

func TestOtherFormatsAreRefusedByNameWithAWayToHearThem(t *testing.T) {
	t.Parallel()
	adpcm := plainWAV(8000, 1, tones(10))
	adpcm[20] = 0x11
	flac32 := writeFLAC(t, 16000, 1, tones(100))
	flac32[20], flac32[21] = flac32[20]|1, flac32[21]|0xf0
	for want, head := range map[string]string{
		"Ogg": "OggS\x00\x02", "AIFF": "FORM\x00\x00\x00\x00AIFF", "AU": ".snd\x00\x00\x00\x18", "CAF": "caff\x00\x01\x00\x00",
		"Wave64": "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb", "MP4": "\x00\x00\x00\x20ftypM4A ", "WebM": "\x1aE\xdf\xa3\x01\x00\x00\x00",
		"AMR": "#!AMR\n",
		"AAC": "\xff\xf1\x50\x80", "IMA ADPCM": string(adpcm), "samples of 32 bits": string(flac32),
	} {
		_, _, _, err := decodeAll([]byte(head+strings.Repeat("\x00", 40)), formatAuto)
		if err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "ffmpeg -i FILE -f wav - | ganglion run CONFIG --input -") {
			t.Errorf("%s: %v", want, err)
		}
		// What may be a film, and what begins as sound that is read, is not told by its first bytes alone.
		if known := !slices.Contains([]string{"MP4", "WebM", "AAC", "IMA ADPCM", "samples of 32 bits"}, want); isForeign([]byte(head)) != known {
			t.Errorf("%s: foreign %t", want, !known)
		}
	}
}

// Times of damage are those of the frame, whatever blocks it is decoded in.
func TestDamageIsDatedToTheFrame(t *testing.T) {
	t.Parallel()
	var sound []byte
	for i := range 9000 {
		v := float32(.25)
		switch i {
		case 4100:
			v = float32(math.NaN())
		case 8001:
			v = 2
		}
		sound = binary.LittleEndian.AppendUint32(sound, math.Float32bits(v))
		sound = binary.LittleEndian.AppendUint32(sound, math.Float32bits(.5))
	}
	w := wavFile{id: "RIFF", tag: tagFloat, channels: 2, rate: 8000, bits: 32, bytes: 4}
	_, _, damage, err := decodeAll(append(w.write(sound)[:44+8*8500], 1), formatAuto)
	want := []pipeline.Damage{
		{Kind: "not_a_number", Offset: 44 + 8*4100, Count: 1, FirstUS: 512_500, LastUS: 512_500},
		{Kind: "over_range", Offset: 44 + 8*8001, Count: 1, FirstUS: 1_000_125, LastUS: 1_000_125},
		{Kind: "truncated", Offset: 44 + 8*8500 + 1, Count: 1, FirstUS: 1_062_500, LastUS: 1_062_500},
		{Kind: "partial_frame", Offset: 44 + 8*8500, Count: 1, FirstUS: 1_062_500, LastUS: 1_062_500},
	}
	if diff := cmp.Diff(want, damage); diff != "" || err != nil {
		t.Error(diff, err)
	}
	lines := strings.Repeat(".5\n", 1500) + "word\n" + strings.Repeat(".5\n", 500) + "7\n"
	if _, _, damage, err = decodeAll([]byte(lines), "csv"); err != nil || len(damage) != 2 || damage[0].FirstUS != 93_750 ||
		damage[1].FirstUS != 125_062 {
		t.Error(damage, err)
	}
}

func TestOppositeStereoIsNoticed(t *testing.T) {
	t.Parallel()
	x := make([]int16, 0, 80_000)
	for i, v := range tones(40_000) {
		right := v
		if i >= 20_000 {
			right = -v
		}
		x = append(x, v, right)
	}
	for channels, want := range map[string]int{"mix": 1, "left": 0, "all": 0} {
		c := defaults(writeFile(t, "a.wav", plainWAV(16000, 2, x)))
		c.Channels = channels
		s, _ := open(t, c)
		play(t, s)
		d := s.Damage()
		if len(d) != want || want == 1 && (d[0].Kind != "opposite_phase" || d[0].Count < 12_000 || d[0].FirstUS < 1_250_000 ||
			d[0].FirstUS > 1_600_000) {
			t.Errorf("%s: %v", channels, d)
		}
	}
}

// An encoder's delay and padding are not heard: times are those of the sound.
func TestMP3TimesAreThoseOfTheSound(t *testing.T) {
	t.Parallel()
	const n = 30_000
	x := make([]int16, n)
	for _, at := range []int{3000, 20_000} {
		for i := range 400 {
			x[at+i] = int16(20_000 * math.Sin(float64(i)*.4))
		}
	}
	wav := writeFile(t, "a.wav", plainWAV(16000, 1, x))
	for name, command := range map[string][]string{
		"lame": {"lame", "--quiet", "-b", "64", wav}, "ffmpeg": {"ffmpeg", "-loglevel", "error", "-i", wav, "-b:a", "64k"},
	} {
		file := filepath.Join(t.TempDir(), "a.mp3")
		if out, err := exec.Command(command[0], append(command[1:], file)...).CombinedOutput(); err != nil {
			t.Logf("%s is not here: %v %s", name, err, out)
			continue
		}
		s, _ := open(t, defaults(file))
		got := play(t, s)
		if len(got) != n {
			t.Errorf("%s: %d samples of %d", name, len(got), n)
			continue
		}
		best, shift := 0., 0
		for k := -200; k <= 200; k++ {
			sum := 0.
			for i := 2900; i < 20_500; i++ {
				sum += float64(x[i]) * float64(got[i+k])
			}
			if sum > best {
				best, shift = sum, k
			}
		}
		if shift != 0 {
			t.Errorf("%s: the sound comes %d samples late", name, shift)
		}
	}
}

func TestTheQueueOfLiveSoundIsToldAndChecked(t *testing.T) {
	t.Parallel()
	if c := NewDefaultConfig(); c.Queue != 2*time.Second {
		t.Error(c.Queue)
	}
}
