package bptt

import (
	"math"
	"slices"
	"testing"
	"time"

	"ganglion/network/nir"
	"ganglion/pipeline"
)

// TestTheTrainersForwardPassIsTheFoldedNetwork takes a part through the trainer,
// gives the network the statistics that batch norm saw there, and wants the
// logits of both to be the same but for rounding.
func TestTheTrainersForwardPassIsTheFoldedNetwork(t *testing.T) {
	t.Parallel()
	for name, delay := range map[string]time.Duration{"no delays": 0, "delays": 60 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			c := chirpConfig()
			c.Delay, c.Settle, c.Dropout = delay, 0, 0
			task := chirps{c: c, n: 32}
			tr := trained(t, c, task, 2)
			s, examples := newPass(c, tr.p), make([]pipeline.Spikes, c.Part)
			s.in.reset()
			for b := range examples {
				if err := task.Sample(5, b, &examples[b]); err != nil {
					t.Fatal(err)
				}
				if err := s.in.append(&examples[b], c.Steps, c.Step.Microseconds()); err != nil {
					t.Fatal(err)
				}
			}
			s.prepare()
			s.forward()
			tr.norms[0] = norm[float32]{mean: s.layers[0].norm.mean, variance: s.layers[0].norm.variance, weight: 1}
			n := tr.Network()
			if far := furthest(t, n, examples, s.read.logits); far > 1e-4 {
				t.Errorf("logits differ by up to %v", far)
			}
			if delay == 0 {
				return
			}
			if longest := slices.Max(n.layers[0].delay); longest < 4 || longest > 6 {
				t.Errorf("the longest delay has %d steps", longest)
			}
			clear(n.layers[0].delay) // without them it is another network
			if far := furthest(t, n, examples, s.read.logits); far < .01 {
				t.Errorf("without delays logits differ by %v only", far)
			}
		})
	}
}

// furthest is how far the logits of a network are from those of the trainer.
func furthest(t *testing.T, n *Network, examples []pipeline.Spikes, want []float32) (far float64) {
	t.Helper()
	size := len(want) / len(examples)
	got := make([]float32, size)
	for b := range examples {
		if err := runnerOf(t, n).Run(&examples[b], n.c.Steps, got); err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			far = max(far, math.Abs(float64(v-want[b*size+i])))
		}
	}
	return far
}

// TestDelaysAreLearnedUntilTheySettle follows the delays through the epochs.
func TestDelaysAreLearnedUntilTheySettle(t *testing.T) {
	t.Parallel()
	c := chirpConfig()
	c.Epochs, c.Settle, c.Delay = 4, .5, 80*time.Millisecond
	task := chirps{c: c, n: 48}
	tr := trained(t, c, task, 0)
	var seen [][]float32
	for range c.Epochs {
		learn(t, tr, task, 1)
		seen = append(seen, slices.Clone(tr.p.layers[0].delay))
	}
	if slices.Equal(seen[0], seen[1]) {
		t.Error("delays are not learned")
	}
	if !slices.Equal(seen[1], seen[2]) || !slices.Equal(seen[1], seen[3]) {
		t.Error("settled delays move on")
	}
	s := newPass(c, tr.p)
	s.prepare()
	loop := s.layers[0].loop
	if loop.between || slices.ContainsFunc(loop.f, func(f float32) bool { return f != 0 }) {
		t.Errorf("settled delays are between steps: %v", loop.f)
	}
	nodes := tr.Network().Graph().Nodes
	at := slices.IndexFunc(nodes, func(n nir.Node) bool { return n.Op.Type() == "Delay" })
	if at < 0 {
		t.Fatal("the graph has no delays")
	}
	for j, whole := range loop.axons.whole {
		if got := nodes[at].Op.(*nir.Delay).Delay.At(j); math.Abs(got-float64(whole)*.01) > 1e-8 {
			t.Errorf("neuron %d: %v s in the file, %d steps in the trainer", j, got, whole)
		}
	}
}
