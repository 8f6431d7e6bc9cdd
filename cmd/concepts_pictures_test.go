package cmd

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"ganglion/network"
	"ganglion/pipeline"
	"ganglion/pipeline/runner"
	"ganglion/sinks/picture"
)

// TestPicturesOfConceptsAreCurrent holds pictures of docs/concepts.md to what the
// networks do; -update draws them.
func TestPicturesOfConceptsAreCurrent(t *testing.T) {
	for name, chart := range map[string]func(*testing.T) picture.Chart{
		"stdp": chartOfLearning, "energy": chartOfEnergy, "shards": chartOfShards,
	} {
		c := chart(t)
		sameAsStored(t, name+".png", c.Paint)
	}
}

// TestPictureOfReceptiveFieldsIsCurrent learns the features of docs/stdp.md again.
func TestPictureOfReceptiveFieldsIsCurrent(t *testing.T) {
	dir := t.TempDir()
	file, drawn := filepath.Join(dir, "features.nir"), filepath.Join(dir, "fields.png")
	runQuietly(t, "train", "stdp", "--input", "../testdata/crossing.raw", "--out", file)
	runQuietly(t, "view", file, "-o", drawn)
	stored := filepath.Join("..", "docs", "images", "fields.png")
	got := mustRead(t, drawn)
	if *update {
		if err := os.WriteFile(stored, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got, mustRead(t, stored)) {
		t.Errorf("%s is not what is painted; go test ./cmd -run PictureOf -update makes it", stored)
	}
}

// sameAsStored holds a picture of docs/images to what is painted now.
func sameAsStored(t *testing.T, name string, paint func() (*image.RGBA, error)) {
	t.Helper()
	img, err := paint()
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := picture.WritePNG(&got, img); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "docs", "images", name)
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s is not what is painted; go test ./cmd -run PicturesOf -update makes it", file)
	}
}

// chartOfLearning has a neuron with twenty inputs of 10 Hz, half of which fire
// together, learn by STDP for half a minute.
func chartOfLearning(t *testing.T) picture.Chart {
	const inputs, together, end = 20, 10, 30_000_000
	weights := make([]float32, inputs)
	for i := range weights {
		weights[i] = .5
	}
	e, err := network.New(network.Spec{Input: pipeline.Shape{inputs}, Step: time.Millisecond, Layers: []network.LayerSpec{{
		Name: "out",
		Inputs: []network.Connection{{
			From: network.InputName, Kernel: network.Dense{Weight: weights, Out: 1, In: inputs},
			Plastic: &network.STDP{APlus: .01, AMinus: -.013, TauPlus: 20 * time.Millisecond, TauMinus: 20 * time.Millisecond, Max: 1},
		}},
		Neuron: network.Clocked{Rule: network.ToReset, Decay: []float32{.9}, Threshold: []float32{2}},
	}}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	raster := &picture.Raster{Name: "input spikes, by synapse", Bands: inputs, Channels: 1}
	lines := &picture.Lines{Name: "mean weight", Curves: []picture.Line{{Name: "synapses 0 to 9, together"}, {Name: "10 to 19, each alone"}}}
	r := rand.New(rand.NewPCG(1, 2))
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
	for start := int64(0); start < end; start += 10_000 {
		var in pipeline.Spikes
		volley := r.Float64() < .1 // 10 Hz, in windows of 10 ms
		fires := make([]int, inputs)
		for i := range fires {
			switch {
			case i >= together:
				fires[i] = r.IntN(100) // ms: from 10 on, not in this window
			case volley:
				fires[i] = 5
			default:
				fires[i] = 10
			}
		}
		for ms := range int64(10) {
			for i, at := range fires {
				if int64(at) == ms {
					in.Append(start+ms*1000, uint32(i))
					raster.Marks = append(raster.Marks, picture.Mark{T: start + ms*1000, Band: i})
				}
			}
		}
		if err := e.Step(t.Context(), pipeline.Window{Start: start, End: start + 10_000}, &in, &act); err != nil {
			t.Fatal(err)
		}
		if start%250_000 == 0 {
			w := e.Learning().Connections[0].Weights
			lines.Times = append(lines.Times, start)
			for k := range lines.Curves {
				lines.Curves[k].Values = append(lines.Curves[k].Values, mean(w[k*together:(k+1)*together]))
			}
		}
	}
	return picture.Chart{Title: "STDP", Note: "one neuron learns which of its inputs fire together", To: end,
		Panels: []picture.Panel{lines, raster}}
}

func mean(values []float64) float32 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return float32(sum / float64(len(values)))
}

// chartOfEnergy counts events and synaptic operations of each tenth of a second in
// which a disk speeds up.
func chartOfEnergy(t *testing.T) picture.Chart {
	const step, steps = 100_000, 20
	dir := t.TempDir()
	input, summary := filepath.Join(dir, "disk.raw"), filepath.Join(dir, "summary.json")
	runQuietly(t, "simulate", "accelerate", "-o", input, "--width", "128", "--height", "128", "--duration", "2s", "--noise", "0.5")
	events := &picture.Lines{Name: "events in 100 ms", Curves: []picture.Line{{Name: "events"}}}
	energy := &picture.Lines{Name: "energy of synaptic operations in 100 ms, nJ", Curves: []picture.Line{{Name: "spiking"}}}
	dense := 0.0
	for i := range int64(steps) {
		runQuietly(t, "run", "../configs/motion.yaml", "--input", input, "--log-level", "error", "--summary", summary, "--set", "sinks=[]",
			"--set", fmt.Sprintf("source.start=%dms", i*step/1000), "--set", fmt.Sprintf("source.end=%dms", (i+1)*step/1000))
		text, err := os.ReadFile(summary)
		var s runner.Summary
		if err == nil {
			err = json.Unmarshal(text, &s)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []*picture.Lines{events, energy} {
			l.Times = append(l.Times, i*step)
		}
		events.Curves[0].Values = append(events.Curves[0].Values, float32(s.Input.Events.In))
		energy.Curves[0].Values = append(energy.Curves[0].Values, float32(float64(s.SynOps)*pipeline.AddPicojoules/1000))
		dense = math.Max(dense, float64(s.DenseSynOps)*pipeline.MACPicojoules*1e-6)
	}
	note := fmt.Sprintf("follows the events; a dense network of this size would take %.0f µJ in each 100 ms", dense)
	return picture.Chart{Title: "Energy", Note: note, To: (steps - 1) * step, Panels: []picture.Panel{events, energy}}
}

// chartOfShards colours events by the shard that owns their row.
func chartOfShards(t *testing.T) picture.Chart {
	const rows, stripe, shards = 128, 16, 2 // see owner of package network
	file := filepath.Join(t.TempDir(), "events.csv")
	runQuietly(t, "convert", "../testdata/crossing.raw", file, "--end", "600ms", "--filter", "stcf: {}")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	raster := &picture.Raster{Name: "row", Bands: rows, Channels: shards}
	for _, r := range records {
		at, err1 := strconv.ParseInt(r[0], 10, 64)
		y, err2 := strconv.Atoi(r[2])
		if err1 == nil && err2 == nil { // not the names of the columns
			raster.Marks = append(raster.Marks, picture.Mark{T: at, Band: y, Channel: y / stripe % shards})
		}
	}
	return picture.Chart{Title: "Shards", Note: "events by row, coloured by which of two shards owns the row's neurons", To: 600_000,
		Panels: []picture.Panel{raster}}
}
