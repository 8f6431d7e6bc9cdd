package audio

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"testing"
)

// TestWAVFromAPipeOfFFmpegAndSox has both write WAV in several encodings to a
// pipe, where they cannot go back to state sizes, and ffmpeg decode it again.
func TestWAVFromAPipeOfFFmpegAndSox(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed")
	}
	const n = 20_000
	source := writeFile(t, "a.wav", plainWAV(16000, 2, tones(n)))
	writers := map[string][]string{}
	codecs, encodings := []string{"s24le", "alaw", "mulaw"}, []string{"floating-point"}
	if os.Getenv("GANGLION_LONG") != "" {
		codecs = append(codecs, "u8", "s16le", "s32le", "f32le", "f64le")
		encodings = append(encodings, "signed-integer", "a-law", "u-law")
	}
	for _, codec := range codecs {
		writers["ffmpeg "+codec] = []string{ffmpeg, "-loglevel", "error", "-i", source, "-c:a", "pcm_" + codec, "-f", "wav", "-"}
	}
	if sox, err := exec.LookPath("sox"); err == nil {
		for _, encoding := range encodings {
			writers["sox "+encoding] = []string{sox, "-D", source, "-t", "wav", "-e", encoding, "-"}
		}
	}
	for name, command := range writers {
		wav, err := exec.Command(command[0], command[1:]...).Output()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		decode := exec.Command(ffmpeg, "-loglevel", "error", "-i", "-", "-f", "f64le", "-")
		decode.Stdin = bytes.NewReader(wav)
		raw, err := decode.Output()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, l, damage, err := decodeAll(wav, formatAuto)
		if err != nil || len(damage) > 0 || len(got) != n || len(raw) != 8*n || l.channels != 2 {
			t.Errorf("%s: %d samples, %d by ffmpeg, %v, %v", name, len(got), len(raw)/8, damage, err)
			continue
		}
		for i, x := range got {
			if want := math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:])); math.Abs(float64(x)-want) > 1e-7 {
				t.Errorf("%s: sample %d is %v, ffmpeg has %v", name, i, x, want)
				break
			}
		}
	}
}
