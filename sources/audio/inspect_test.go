package audio

import (
	"bytes"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInspectSaysWhatAFileHolds(t *testing.T) {
	t.Parallel()
	x := []int16{0, 16384, -32768, 0, 8192, 0}
	path := writeFile(t, "a.wav", plainWAV(8000, 2, x))
	r, err := Inspect(t.Context(), defaults(path), nil, true)
	if err != nil {
		t.Fatal(err)
	}
	if r.Format != "wav" || r.Encoding != "s16le" || r.Rate != 8000 || r.Channels != 2 || r.Frames != 3 || r.Duration != 3.0/8000 {
		t.Errorf("%+v", r)
	}
	if r.Peak != 1 || math.Abs(r.RMS-math.Sqrt((.25+1+.0625)/6)) > 1e-7 || r.Size != 44+12 || r.Damage == nil || len(r.Damage) > 0 {
		t.Errorf("%+v", r)
	}
	fl, err := Inspect(t.Context(), defaults(writeFile(t, "a.flac", writeFLAC(t, 8000, 2, x))), nil, true)
	if err != nil || fl.Digest != r.Digest || fl.Encoding != "s16" || len(r.Digest) != 56 {
		t.Errorf("the same sound as FLAC: %+v, %v", fl, err)
	}
}

func TestInspectReportsDamage(t *testing.T) {
	t.Parallel()
	b := plainWAV(8000, 1, tones(1000))
	r, err := Inspect(t.Context(), defaults(writeFile(t, "a.wav", b[:len(b)-501])), nil, false)
	if err != nil || r.Frames != 749 || len(r.Damage) != 2 || r.Digest != "" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestWhatCannotBeReadTwiceIsInspectedAsItComes(t *testing.T) {
	t.Parallel()
	b := plainWAV(8000, 1, tones(1000))
	want, err := Inspect(t.Context(), defaults(writeFile(t, "a.wav", b)), nil, true)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Inspect(t.Context(), defaults("standard input"), bytes.NewReader(b), true)
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("%+v, %v", got, err)
	}
	raw := defaults("standard input")
	raw.Format, raw.Raw.Rate = formatRaw, 8000
	got, err = Inspect(t.Context(), raw, bytes.NewReader(b[44:]), true)
	if err != nil || got.Digest != want.Digest || got.Format != "raw s16le" || got.Duration != .125 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnMP3FrameIsNoSureMark(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]string{"\xff\xfb\x90\x64": "mp3", "\xff\xff\xff\xff\x00\x01": "", "\xff\xeb\x90\x64": "",
		"RIFF\x00\x00\x00\x00AVI ": "", "fL": ""} {
		if format, sure := Sniff([]byte(head)); format != want || sure {
			t.Errorf("%q: %q, %v", head, format, sure)
		}
	}
}

func TestOnlySoundIsRecognised(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"a": "RIFF\x00\x00\x00\x00WAVEfmt ", "b": "RF64\xff\xff\xff\xffWAVEds64", "c": "fLaC\x00\x00\x00\x22", "d": "ID3\x04\x00",
		"e.MP3": "\xff\xfb\x90\x64",
	} {
		if !Recognise(writeFile(t, name, []byte(head))) {
			t.Errorf("%q is not recognised", head)
		}
	}
	for name, head := range map[string]string{"a": "RIFF\x00\x00\x00\x00AVI LIST", "e.raw": "\xff\xfb\x90\x64", "f": "% evt 3.0\n", "g": "",
		"h": "RIFF"} {
		if Recognise(writeFile(t, name, []byte(head))) {
			t.Errorf("%q is recognised", head)
		}
	}
	if Recognise("absent") {
		t.Error("an absent file is recognised")
	}
}
