package spotting

import (
	"bytes"
	"errors"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ganglion/network/nir"
	"ganglion/network/train/bptt"
	"ganglion/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const step = 10_000 // µs

// thresholds is a front end: a spike of a band's neuron where it is loud.
type thresholds struct{ frames int64 }

func (f *thresholds) Encode(power []float64, out *pipeline.Spikes) {
	for ; len(power) >= bands; power = power[bands:] {
		for i, p := range power[:bands] {
			if p > 1e-3 {
				out.Append(f.frames*step, uint32(i))
			}
		}
		f.frames++
	}
}

func smallTask(t *testing.T) *task {
	t.Helper()
	p := plain
	p.Frames, p.PreRoll, p.Noisy, p.Parts = 100, 10, .2, 0
	task, err := newTask(newComposer(p, someMaterial(), ear(), 1), aim, func() front { return new(thresholds) }, step)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func small(epochs int) bptt.Config {
	c := bptt.NewDefaultConfig()
	c.Inputs, c.Steps, c.Classes, c.Step, c.Hidden = bands, 100, classes, 10*time.Millisecond, []int{12}
	c.Epochs, c.Batch, c.Part, c.Rate = epochs, 8, 4, .02
	return c
}

// trained is a small network that has learned for some epochs, as its file.
func trained(t *testing.T, epochs int) (net *bptt.Network, file []byte, last Round) {
	t.Helper()
	trainer, err := bptt.New(small(epochs))
	if err != nil {
		t.Fatal(err)
	}
	net, err = train(t.Context(), trainer, epochs, smallTask(t), func(r Round) { last = r }, func(...bptt.State) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := nir.Write(&b, &nir.Model{Graph: net.Graph()}); err != nil {
		t.Fatal(err)
	}
	return net, b.Bytes(), last
}

func TestANetworkLearnsTheWordAndNotTheSpeechAroundIt(t *testing.T) {
	t.Parallel()
	net, _, last := trained(t, 150)
	if last.Accuracy < .9 {
		t.Errorf("%.2f of the windows are right, loss %v", last.Accuracy, last.Loss)
	}
	alarms, err := smallTask(t).mine(net, false)
	if err != nil || alarms > 400 { // one in 9 s
		t.Errorf("%.0f false accepts per hour in the speech it learned from: %v", alarms, err)
	}
}

func TestTrainingIsTheSameOnAnyNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	_, one, _ := trained(t, 5)
	runtime.GOMAXPROCS(4)
	_, four, _ := trained(t, 5)
	if !bytes.Equal(one, four) {
		t.Error("four cores learn another network than one")
	}
}

func TestHardPlacesComeBack(t *testing.T) {
	t.Parallel()
	task := smallTask(t)
	task.Plan.Hard, task.Plan.Parts, task.hard = 1, 0, [2][]int{{500}, {500}}
	s := task.at(500)
	task.Speech[s].Power[(500-task.begins[s])*bands+2] = 1 // a mark
	for i := len(task.Clips); i < task.Len(); i++ {
		w := task.window(3, i)
		marks := 0
		for f := w.Pre; f < len(w.Power)/bands; f++ {
			if w.Power[f*bands+2] > .1 {
				marks++
			}
		}
		if marks != 1 {
			t.Errorf("window %d holds the hard place %d times", i, marks)
		}
	}
}

func TestANetworkThatKnowsNothingFindsHardPlaces(t *testing.T) {
	t.Parallel()
	task := smallTask(t)
	net, _, _ := trained(t, 1)
	if _, err := task.mine(net, false); err != nil || len(task.hard[0]) == 0 {
		t.Errorf("%d hard places: %v", len(task.hard[0]), err)
	}
}

func TestBothKindsOfRecordingsAreNeeded(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*material){
		"no clip":   func(m *material) { m.Clips = nil },
		"no speech": func(m *material) { m.Speech = nil },
	} {
		m := someMaterial()
		change(&m)
		if _, err := newTask(newComposer(plain, m, ear(), 1), aim, func() front { return new(thresholds) }, step); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestAStoppedTrainingResumesAsIfItHadNot stops between two epochs, after the
// network has listened both ways.
func TestAStoppedTrainingResumesAsIfItHadNot(t *testing.T) {
	t.Parallel()
	_, want, _ := trained(t, 9)
	c := small(9)
	file := bptt.NewFile(filepath.Join(t.TempDir(), "checkpoint"), "this command")
	stop := errors.New("stopped")
	train := func(task *task, trainer *bptt.Trainer, save func(...bptt.State) error) *bptt.Network {
		net, err := train(t.Context(), trainer, 9, task, func(Round) {}, save)
		if err != nil && !errors.Is(err, stop) {
			t.Fatal(err)
		}
		return net
	}
	trainer, err := bptt.New(c)
	if err != nil {
		t.Fatal(err)
	}
	train(smallTask(t), trainer, func(s ...bptt.State) error {
		if err := file.Save(s...); err != nil || trainer.Epochs() < 6 {
			return err
		}
		return stop
	})
	if trainer, err = bptt.New(c); err != nil {
		t.Fatal(err)
	}
	task := smallTask(t)
	if err := file.Restore(trainer, task); err != nil || trainer.Epochs() != 6 {
		t.Fatalf("%d epochs restored: %v", trainer.Epochs(), err)
	}
	net := train(task, trainer, file.Save)
	var got bytes.Buffer
	if err := nir.Write(&got, &nir.Model{Graph: net.Graph()}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("the resumed training gives another network")
	}
	for name, state := range map[string][]byte{"short": make([]byte, 20), "far": append(make([]byte, 8), 1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255,
		0, 0, 0, 0, 0)} {
		if smallTask(t).RestoreState(state) == nil {
			t.Errorf("%s: the state was taken", name)
		}
	}
}
