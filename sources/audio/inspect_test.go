package audio

import (
	"math"
	"testing"
)

func TestInspectSaysWhatAFileHolds(t *testing.T) {
	x := []int16{0, 16384, -32768, 0, 8192, 0}
	path := writeFile(t, "a.wav", plainWAV(8000, 2, x))
	r, err := Inspect(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if r.Format != "wav" || r.Encoding != "s16le" || r.Rate != 8000 || r.Channels != 2 || r.Frames != 3 || r.Duration != 3.0/8000 {
		t.Errorf("%+v", r)
	}
	if r.Peak != 1 || math.Abs(r.RMS-math.Sqrt((.25+1+.0625)/6)) > 1e-7 || r.Size != 44+12 || r.Damage == nil || len(r.Damage) > 0 {
		t.Errorf("%+v", r)
	}
	fl, err := Inspect(writeFile(t, "a.flac", writeFLAC(t, 8000, 2, x)), true)
	if err != nil || fl.Digest != r.Digest || fl.Encoding != "s16" || len(r.Digest) != 56 {
		t.Errorf("the same sound as FLAC: %+v, %v", fl, err)
	}
}

func TestInspectReportsDamage(t *testing.T) {
	b := plainWAV(8000, 1, tones(1000))
	r, err := Inspect(writeFile(t, "a.wav", b[:len(b)-501]), false)
	if err != nil || r.Frames != 749 || len(r.Damage) != 2 || r.Digest != "" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestOnlySoundIsRecognised(t *testing.T) {
	for name, head := range map[string]string{
		"a": "RIFF\x00\x00\x00\x00WAVEfmt ", "b": "RF64\xff\xff\xff\xffWAVEds64", "c": "fLaC\x00\x00\x00\x22", "d": "ID3\x04\x00", "e.MP3": "\xff\xfb\x90\x64",
	} {
		if !Recognise(writeFile(t, name, []byte(head))) {
			t.Errorf("%q is not recognised", head)
		}
	}
	for name, head := range map[string]string{"a": "RIFF\x00\x00\x00\x00AVI LIST", "e.raw": "\xff\xfb\x90\x64", "f": "% evt 3.0\n", "g": "", "h": "RIFF"} {
		if Recognise(writeFile(t, name, []byte(head))) {
			t.Errorf("%q is recognised", head)
		}
	}
	if Recognise("absent") {
		t.Error("an absent file is recognised")
	}
}
