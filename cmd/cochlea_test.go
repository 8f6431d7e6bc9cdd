package cmd

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"ganglion/encoders/cochlea"
	"ganglion/pipeline"
	"ganglion/sources/audio"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// speechEvents is testdata/speech.wav as a CochleaAMS would send it, heard with
// two ears: the left one 4 samples or 250 µs late, which is 28 degrees to the
// right.
func speechEvents(t *testing.T) []pipeline.Event {
	t.Helper()
	x, rate, _, err := audio.Load(context.Background(), "../testdata/speech.wav", 0)
	if err != nil {
		t.Fatal(err)
	}
	const late = 4
	both := make([]float32, 2*len(x))
	for i := range x {
		both[2*i+1] = x[i]
		if i >= late {
			both[2*i] = x[i-late]
		}
	}
	c := cochlea.NewDefaultConfig()
	c.Front, c.Gammatone.Bands, c.Gammatone.Cells, c.Gammatone.High, c.Gammatone.Threshold = "gammatone", 64, 1, 7000, 0.1
	e, err := cochlea.New(c, pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: rate, Channels: 2})
	if err != nil {
		t.Fatal(err)
	}
	var s pipeline.Spikes
	if _, err := e.Encode(&pipeline.Batch{Window: pipeline.Window{End: 1_000_000}, PCM: both}, &s); err != nil {
		t.Fatal(err)
	}
	var events []pipeline.Event
	for i, at := range s.T {
		for _, id := range s.Run(i) {
			ear, band := id/64%2, id%64
			events = append(events, pipeline.Event{T: at, X: uint16(2*(63-band) + ear)})
		}
	}
	return events
}

// TestShippedCochleaIsWhatTheEncoderMakes holds testdata/speech.aedat, the
// input of configs/cochlea.yaml, to the cochlea encoder; -update writes it.
func TestShippedCochleaIsWhatTheEncoderMakes(t *testing.T) {
	const file = "../testdata/speech.aedat"
	target := filepath.Join(t.TempDir(), "speech.aedat")
	if *update {
		target = file
	}
	w, err := recording.Create(target, "aedat2", format.Info{
		Width: 128, Height: 4, Header: format.Header{{Key: "AEChip", Value: "ch.unizh.ini.jaer.chip.cochlea.CochleaAMS1c"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(speechEvents(t)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("testdata/speech.aedat is not what the encoder makes; go test ./cmd -update makes it (%v)", err)
	}
}
