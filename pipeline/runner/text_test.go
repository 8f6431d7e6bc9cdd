package runner_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/runner"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// example has something in every field.
var example = runner.Summary{
	Name: "motion", ConfigHash: "0123456789abcdef", Stopped: true,
	Stream: runner.Stream{Modality: pipeline.EventStream, Format: "evt3", Live: true, Width: 1280, Height: 720, SizeBytes: 1 << 20},
	Input: runner.Input{
		Unit: "events", Queue: runner.QueueInfo{Capacity: 8, Policy: runner.DropOldest},
		Batches: runner.Flow{In: 1000, Out: 990, Dropped: 10},
		Events:  runner.Flow{In: 12345678, Out: 12222222, Dropped: 123456},
		Drops:   []runner.Drop{{Cause: "queue_full", Count: 123456}},
		Damage:  []pipeline.Damage{{Offset: 1024, Kind: "out_of_range_x", Count: 3, FirstUS: 11718656, LastUS: 11727457}},
	},
	Encoder: runner.Encoder{Events: 12222222, Filtered: 222222, Spikes: 12000000},
	Layers: []runner.Layer{
		{Name: "coincidence", Neurons: 921600, Spikes: 654321, RateHz: 0.71, SynOps: 108000000, Updates: 98000000, DenseSynOps: 8294400000,
			Sparsity: .9993,
			Weights:  20000, ConnectionSparsity: .25, Footprint: 7372800},
		{Name: "pool", Neurons: 57600, Spikes: 20000, RateHz: 0.347, SynOps: 654321, Updates: 650000, DenseSynOps: 921600000, Sparsity: .9997},
	},
	Detections: runner.Detections{Total: 1234, Kinds: map[pipeline.Kind]uint64{
		pipeline.MotionUpdate: 1200, pipeline.MotionStart: 17, pipeline.MotionEnd: 17,
	}, LeftOut: 56},
	Sinks: []runner.SinkFlow{
		{Name: "arrow", Queue: runner.QueueInfo{Capacity: 4096, Policy: runner.Block}, In: 1234, Written: 1234},
		{Name: "nats", Queue: runner.QueueInfo{Capacity: 64, Policy: runner.DropNewest}, In: 1234, Written: 1200, Dropped: 30, Queued: 4,
			Drops:  []runner.Drop{{Cause: "queue_full", Count: 20}, {Cause: "write_failed", Count: 10}},
			Errors: 2, FirstError: "nats: no responders"},
	},
	WallS: 0.75, SensorS: 10, EventsPerS: 16296296, RealTimeFactor: 13.33,
	SynOps: 108654321, SynOpsPerS: 144872428, DenseSynOps: 9216000000,
	Energy:    runner.Energy{EventDrivenJ: 9.78e-5, DenseJ: 0.0424, Source: "estimate: ..."},
	Footprint: 8000000, ConnectionSparsity: .25, ActivationSparsity: .9994,
	Learning: []runner.Learned{{Layer: "pool", From: "coincidence", Version: 3, Frozen: true, Drift: .125, Changes: 98765}},
	Latency:  runner.Latency{Batches: 990, P50MS: .912, P90MS: 1.5, P99MS: 12.25, MaxMS: 118},
}

func TestTheSummaryReadsAsTheGoldenFilesDo(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	if err := example.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.txt", text.Bytes())
	b, err := json.MarshalIndent(example, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.json", append(b, '\n'))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s: %s", name, d)
	}
}
