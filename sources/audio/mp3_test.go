package audio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestMP3IsReadAndGoesOnBehindGarbage(t *testing.T) {
	t.Parallel()
	b := silentMP3(6)
	got, l, damage, err := decodeAll(b, formatAuto)
	if err != nil || len(got) != 6*1152*2 || len(damage) > 0 || l != (layout{"mp3", 44100, 2}) {
		t.Errorf("%d samples, %v, %v, %v", len(got), l, damage, err)
	}
	broken := bytes.Clone(b)
	broken[3*417+2] = 0x9c // a reserved sample rate: no frame
	got, _, _, err = decodeAll(broken, "mp3")
	if err != nil || len(got) < 4*1152*2 {
		t.Errorf("%d samples, %v", len(got), err)
	}
}

func TestMP3OfOneChannelHasOne(t *testing.T) {
	t.Parallel()
	b := silentMP3(6)
	for at := 0; at < len(b); at += 417 {
		b[at+3] = 0xc0
	}
	got, l, damage, err := decodeAll(b, formatAuto)
	if err != nil || len(got) != 6*1152 || len(damage) > 0 || l != (layout{"mp3", 44100, 1}) {
		t.Errorf("%d samples, %v, %v, %v", len(got), l, damage, err)
	}
	joined := append(b[:2*417:2*417], silentMP3(3)...) // two channels join it: still one
	got, l, _, err = decodeAll(joined, formatAuto)
	if err != nil || len(got) != 5*1152 || l.channels != 1 {
		t.Errorf("%d samples, %v, %v", len(got), l, err)
	}
}

// TestMP3AgreesWithFFmpeg compares the decoders on a file that ffmpeg encodes
// from tones.
func TestMP3AgreesWithFFmpeg(t *testing.T) {
	t.Parallel()
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed")
	}
	for _, channels := range []int{1, 2} {
		t.Run(fmt.Sprintf("%d channels", channels), func(t *testing.T) { agreesWithFFmpeg(t, ffmpeg, channels) })
	}
}

func agreesWithFFmpeg(t *testing.T, ffmpeg string, channels int) {
	wav, file := writeFile(t, "a.wav", plainWAV(44100, channels, tones(channels*44100))), filepath.Join(t.TempDir(), "a.mp3")
	if err := exec.Command(ffmpeg, "-loglevel", "error", "-i", wav, "-b:a", "192k", file).Run(); err != nil {
		t.Skip("ffmpeg does not encode MP3 here:", err)
	}
	raw, err := exec.Command(ffmpeg, "-loglevel", "error", "-flags2", "-skip_manual", "-i", file, "-f", "s16le", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	c := defaults(file)
	c.Channels = "all"
	s, _ := open(t, c)
	got := play(t, s)
	want := make([]float32, len(raw)/2)
	for i := range want {
		want[i] = float32(int16(binary.LittleEndian.Uint16(raw[2*i:]))) / (1 << 15)
	}
	// The one may give the encoder's delay and the information frame, the
	// other not: find the shift.
	best := math.Inf(1)
	for shift := 0; shift < 3000; shift++ {
		at := channels * shift
		if at+40_000 > len(got) {
			break
		}
		best = min(best, worst(got[at+20_000:at+40_000], want[20_000:40_000]))
	}
	if best > 3.0/(1<<15) {
		t.Errorf("the nearest shift of %d to %d samples differs by %g", len(got), len(want), best)
	}
}

func FuzzMP3(f *testing.F) {
	f.Add(silentMP3(3))
	f.Add(append([]byte("ID3\x04\x00\x00\x00\x00\x00\x02ab"), silentMP3(2)[:700]...))
	f.Fuzz(func(t *testing.T, b []byte) { fuzzDecode(t, b, "mp3") })
}
