package filter

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"ganglion/pipeline"
)

// TestAnotherImplementationKeepsTheSame compares the filters with plain Python
// that was written from their description (.ci/filters.py).
func TestAnotherImplementationKeepsTheSame(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	r := rand.New(rand.NewPCG(41, 1))
	events := make([]pipeline.Event, 20_000)
	now := int64(1_000_000)
	for i := range events {
		now += int64(r.IntN(120))
		events[i] = pipeline.Event{T: now, X: uint16(r.IntN(testWidth)), Y: uint16(r.IntN(testHeight)), P: uint8(r.IntN(2))}
	}
	rows := func(events []pipeline.Event) [][4]int64 {
		out := make([][4]int64, len(events))
		for i, e := range events {
			out[i] = [4]int64{e.T, int64(e.X), int64(e.Y), int64(e.P)}
		}
		return out
	}
	input, err := json.Marshal(map[string]any{"width": testWidth, "height": testHeight, "events": rows(events)})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, filepath.Join("..", "..", ".ci", "filters.py"))
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][][4]int64{}
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	const ms = time.Millisecond
	configs := map[string]Config{
		"baf":                {Type: "baf", DT: ms},
		"stcf":               {Type: "stcf", DT: 2 * ms, K: 2},
		"stcf_polarity":      {Type: "stcf", DT: 3 * ms, K: 2, MatchPolarity: true},
		"stcf_self":          {Type: "stcf", DT: 2 * ms, K: 3, CountSelf: true},
		"neighbor_lif":       {Type: "neighbor_lif", Tau: 2 * ms, Threshold: 2},
		"neighbor_lif_match": {Type: "neighbor_lif", Tau: 2 * ms, Threshold: 1, MatchPolarity: true},
		"refractory":         {Type: "refractory", DT: 5 * ms},
		"downsample":         {Type: "downsample", Factor: 2},
		"flip_x":             {Type: "flip_x"},
		"flip_y":             {Type: "flip_y"},
		"transpose":          {Type: "transpose"},
		"rotate_90":          {Type: "rotate", Degrees: 90},
		"rotate_180":         {Type: "rotate", Degrees: 180},
		"rotate_270":         {Type: "rotate", Degrees: 270},
		"crop":               {Type: "crop", X: 1, Y: 2, Width: 3, Height: 2},
		"on":                 {Type: "polarity", Polarity: "on"},
		"invert":             {Type: "polarity", Polarity: "invert"},
	}
	if len(want) != len(configs) {
		t.Errorf("%d filters there, %d here", len(want), len(configs))
	}
	for name, config := range configs {
		chain, err := New([]Config{config}, testWidth, testHeight)
		if err != nil {
			t.Fatal(err)
		}
		got := rows(chain.Filter(append([]pipeline.Event(nil), events...)))
		if len(got) == 0 || len(got) != len(want[name]) {
			t.Errorf("%s: %d events, there %d", name, len(got), len(want[name]))
			continue
		}
		for i := range got {
			if got[i] != want[name][i] {
				t.Errorf("%s: event %d is %v, there %v", name, i, got[i], want[name][i])
				break
			}
		}
	}
}
