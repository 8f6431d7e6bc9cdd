package digits

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/network/nir"
	"ganglion/network/train/bptt"
	"ganglion/network/train/words"
)

// spoken are words of two kinds, by how many there are of each: "up" rises, "down"
// falls.
func spoken(n int) (all []Word) {
	for i := range n {
		for _, label := range []string{"up", "down"} {
			pcm := make([]float32, Rate/4)
			phase := 0.
			for k := range pcm {
				at := float64(k) / float64(len(pcm))
				if label == "down" {
					at = 1 - at
				}
				phase += 2 * math.Pi * (300 + 40*float64(i) + 2000*at) / Rate
				pcm[k] = float32(.3 * math.Sin(phase))
			}
			all = append(all, Word{Recording{fmt.Sprintf("%s_x_%d.wav", label, i), label, "x", i}, pcm})
		}
	}
	return all
}

// small is a recipe that learns two words in some seconds.
func small() Recipe {
	r := NewDefaultRecipe()
	r.Window = 300 * time.Millisecond
	r.Training.Hidden, r.Training.Epochs, r.Training.Batch, r.Training.Part = []int{12}, 6, 4, 4
	r.Vary.SNR = words.Range{Least: 30, Most: 45}
	return r
}

func TestWordsAreLearnedKeptAndRecognised(t *testing.T) {
	t.Parallel()
	r, all := small(), spoken(8)
	file := bptt.NewFile(filepath.Join(t.TempDir(), "up.checkpoint"), "train")
	m, result, err := r.Train(t.Context(), all, file, false, bptt.Watch{})
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(m.Labels, []string{"down", "up"}) || result.Examples != 16 || result.Epochs != 6 || result.Parameters == 0 {
		t.Errorf("labels %q, %+v", m.Labels, result)
	}
	if err := m.TestHeldOut(t.Context(), spoken(3), result); err != nil {
		t.Fatal(err)
	}
	if len(result.Test) != 3 || result.Test[0].SNR != 45 || result.Test[0].N != 6 || result.Test[0].Accuracy < .99 {
		t.Errorf("held out: %+v, loss %.3f", result.Test, result.Loss)
	}

	// The file says all that is needed to hear the same.
	path := filepath.Join(t.TempDir(), "up.nir")
	m.Graph.Metadata = m.Describe("ganglion train digits", "made here", result)
	if err := nir.WriteFile(path, &nir.Model{Graph: m.Graph}); err != nil {
		t.Fatal(err)
	}
	again, err := ReadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	md := again.Graph.Metadata
	if diff := cmp.Diff(m.Labels, again.Labels); diff != "" || again.Window != r.Window || again.Pool != r.Pool || again.Rate != Rate ||
		again.Step != m.Step || md.Text("command") != "ganglion train digits" || md.Text("data") != "made here" {
		t.Errorf("read %+v, want %+v", again, m)
	}
	for _, snr := range []float64{45, 0} {
		want, err := m.Test(t.Context(), spoken(3), snr, 5)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.Test(t.Context(), spoken(3), snr, 5); err != nil || !cmp.Equal(want, got) {
			t.Errorf("at %g dB the model that was read hears %+v, want %+v (%v)", snr, got, want, err)
		}
	}

	// A training that was stopped continues as if it had not been.
	stopped := bptt.NewFile(filepath.Join(t.TempDir(), "again.checkpoint"), "train")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if _, _, err := r.Train(ctx, all, stopped, false, bptt.Watch{Epoch: func(p bptt.Progress) {
		if p.Epoch == 3 {
			stop()
		}
	}}); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped with %v", err)
	}
	resumed, other, err := r.Train(t.Context(), all, stopped, true, bptt.Watch{})
	if err != nil {
		t.Fatal(err)
	}
	resumed.Graph.Metadata = m.Graph.Metadata
	var want, got bytes.Buffer
	if err := errors.Join(nir.Write(&want, &nir.Model{Graph: m.Graph}), nir.Write(&got, &nir.Model{Graph: resumed.Graph})); err != nil {
		t.Fatal(err)
	}
	if other.Loss != result.Loss || other.Accuracy != result.Accuracy || !bytes.Equal(want.Bytes(), got.Bytes()) {
		t.Errorf("resumed: loss %v and accuracy %v, want %v and %v", other.Loss, other.Accuracy, result.Loss, result.Accuracy)
	}
}

func TestAWordThatTheModelDoesNotKnowIsNamed(t *testing.T) {
	t.Parallel()
	r := small()
	r.Training.Epochs = 1
	m, _, err := r.Train(t.Context(), spoken(2), bptt.NewFile(filepath.Join(t.TempDir(), "x"), ""), false, bptt.Watch{})
	if err != nil {
		t.Fatal(err)
	}
	strange := []Word{{Recording{Path: "seven_x_0.wav", Label: "seven"}, make([]float32, Rate)}}
	if _, err := m.Test(t.Context(), strange, 20, 1); err == nil || err.Error() != `seven_x_0.wav: the model does not know the label "seven"` {
		t.Errorf("error %v", err)
	}
	if err := m.TestHeldOut(t.Context(), strange, new(Result)); err == nil {
		t.Error("a word that is not known is tested")
	}
	r.Encoder.Front = "none"
	if _, _, err := r.Train(t.Context(), spoken(1), bptt.NewFile("x", ""), false, bptt.Watch{}); err == nil {
		t.Error("an ear that there is not is trained with")
	}
}

func TestWhatIsNoModelOfWordsIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := ReadModel(filepath.Join(dir, "absent.nir")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	r := small()
	r.Training.Epochs = 1
	m, result, err := r.Train(t.Context(), spoken(2), bptt.NewFile(filepath.Join(dir, "x"), ""), false, bptt.Watch{})
	if err != nil {
		t.Fatal(err)
	}
	all := m.Describe("", "", result)
	for _, c := range []struct{ without, want string }{
		{"labels", "labels or window_s is missing: train digits did not write this"},
		{"window_s", "labels or window_s is missing: train digits did not write this"},
		{"rate_hz", "metadata: rate_hz, step_s or profile is missing"},
	} {
		m.Graph.Metadata = nil
		for _, e := range all {
			if e.Key != c.without {
				m.Graph.Metadata = append(m.Graph.Metadata, e)
			}
		}
		path := filepath.Join(dir, c.without+".nir")
		if err := nir.WriteFile(path, &nir.Model{Graph: m.Graph}); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadModel(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("without %s: error %v, want %q", c.without, err, c.want)
		}
	}
}

func TestRecordingsAreThoseOfTheName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"7_theo_12.wav", "7_lucas_3.wav", "0_theo_1.wav", "7_theo_2.wav", "7_theo_x.wav", "7_theo_-1.wav",
		"7_theo.wav", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, others, err := Recordings(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []Recording{
		{filepath.Join(dir, "0_theo_1.wav"), "0", "theo", 1}, {filepath.Join(dir, "7_lucas_3.wav"), "7", "lucas", 3},
		{filepath.Join(dir, "7_theo_2.wav"), "7", "theo", 2}, {filepath.Join(dir, "7_theo_12.wav"), "7", "theo", 12},
	}
	if diff := cmp.Diff(want, all); diff != "" || others != 4 {
		t.Errorf("%d others; %s", others, diff)
	}
	empty := t.TempDir()
	if _, _, err := Recordings(empty); err == nil || err.Error() != empty+": no recording is named LABEL_SPEAKER_N.wav" {
		t.Errorf("error %v", err)
	}
	if _, _, err := Recordings(filepath.Join(empty, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
