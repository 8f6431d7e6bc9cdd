package telemetry

import (
	"maps"
	"slices"

	"ganglion/pipeline"
	"ganglion/pipeline/runner"
)

// kind is how a figure behaves over time.
type kind string

const (
	counter kind = "counter"       // only grows
	level   kind = "updowncounter" // grows and shrinks
)

// put reports one value; pairs are attribute keys and values.
type put func(v float64, pairs ...string)

// definition is one metric that is read from a summary. Every series also has
// the attribute stream.
type definition struct {
	name  string
	kind  kind
	unit  string // UCUM
	attrs string
	doc   string
	read  func(s *runner.Summary, put put)
}

// definitions are all metrics but the latency histogram, in the order of the
// way of a value.
var definitions = []definition{
	{"ganglion.input.batches", counter, "{batch}", "", "Batches that the source read.", func(s *runner.Summary, put put) {
		put(float64(s.Input.Batches.In))
	}},
	{"ganglion.input.events", counter, "{event}", "", "Events (or audio frames) that the source read.", func(s *runner.Summary, put put) {
		put(float64(s.Input.Events.In))
	}},
	{"ganglion.input.dropped", counter, "{event}", "cause", "Events (or audio frames) dropped between the source and the encoder.",
		func(s *runner.Summary, put put) {
			byCause(s.Input.Drops, put)
		}},
	{"ganglion.input.left_out", counter, "{event}", "", "Events (or audio frames) that a live source dropped before they were read.",
		func(s *runner.Summary, put put) {
			put(float64(s.Input.LeftOut))
		}},
	{"ganglion.input.queued", level, "{event}", "", "Events (or audio frames) between the source and the encoder.",
		func(s *runner.Summary, put put) {
			put(float64(s.Input.Events.Queued))
		}},
	{"ganglion.input.damage", counter, "{defect}", "kind", "Defects met in the input.", func(s *runner.Summary, put put) {
		for _, d := range s.Input.Damage {
			put(float64(d.Count), "kind", d.Kind)
		}
	}},
	{"ganglion.sensor.time", counter, "s", "", "Sensor time that the encoder has covered.", func(s *runner.Summary, put put) {
		put(s.SensorS)
	}},
	{"ganglion.encoder.events", counter, "{event}", "", "Events (or audio frames) that went through encoder, network and readout.",
		func(s *runner.Summary, put put) {
			put(float64(s.Input.Events.Out))
		}},
	{"ganglion.encoder.filtered", counter, "{event}", "", "Events (or audio frames) that the encoder's configuration filters.",
		func(s *runner.Summary, put put) {
			put(float64(s.Encoder.Filtered))
		}},
	{"ganglion.encoder.spikes", counter, "{spike}", "", "Spikes that the encoder made.", func(s *runner.Summary, put put) {
		put(float64(s.Encoder.Spikes))
	}},
	{"ganglion.layer.spikes", counter, "{spike}", "layer", "Spikes of a layer.", func(s *runner.Summary, put put) {
		for _, l := range s.Layers {
			put(float64(l.Spikes), "layer", l.Name)
		}
	}},
	{"ganglion.layer.synops", counter, "{operation}", "layer", "Effective synaptic operations of a layer.", func(s *runner.Summary, put put) {
		for _, l := range s.Layers {
			put(float64(l.SynOps), "layer", l.Name)
		}
	}},
	{"ganglion.layer.updates", counter, "{update}", "layer", "Membrane updates of a layer.", func(s *runner.Summary, put put) {
		for _, l := range s.Layers {
			put(float64(l.Updates), "layer", l.Name)
		}
	}},
	{"ganglion.layer.sparsity", level, "1", "layer", "Share of a layer's neurons and steps without a spike.",
		perLayer(func(l runner.Layer) float64 { return l.Sparsity })},
	{"ganglion.layer.connection_sparsity", level, "1", "layer", "Share of the weights onto a layer that are 0.",
		perLayer(func(l runner.Layer) float64 { return l.ConnectionSparsity })},
	{"ganglion.layer.footprint", level, "By", "layer", "Memory of a layer's weights, parameters and state.",
		perLayer(func(l runner.Layer) float64 { return float64(l.Footprint) })},
	{"ganglion.layer.dense_synops", counter, "{operation}", "layer", "Synaptic operations of a dense implementation of a layer.",
		perLayer(func(l runner.Layer) float64 { return float64(l.DenseSynOps) })},
	{"ganglion.learning.drift", level, "1", "layer, from",
		"How far the weights of a plastic connection have gone from where they began, relative.",
		perLearned(func(l runner.Learned) float64 { return l.Drift })},
	{"ganglion.learning.changes", counter, "{change}", "layer, from", "Changes of single weights of a plastic connection.",
		perLearned(func(l runner.Learned) float64 { return float64(l.Changes) })},
	{"ganglion.learning.version", level, "1", "layer, from",
		"Version under which the weights were last kept, or to which they were rolled back.",
		perLearned(func(l runner.Learned) float64 { return float64(l.Version) })},
	{"ganglion.learning.frozen", level, "1", "layer, from", "1 when nothing is learned any more.", perLearned(func(l runner.Learned) float64 {
		if l.Frozen {
			return 1
		}
		return 0
	})},
	{"ganglion.detections", counter, "{detection}", "kind", "Detections that the readout made.", func(s *runner.Summary, put put) {
		for _, k := range slices.Sorted(maps.Keys(s.Detections.Kinds)) {
			put(float64(s.Detections.Kinds[k]), "kind", string(k))
		}
	}},
	{"ganglion.sink.received", counter, "{detection}", "sink", "Detections handed to a sink's queue.",
		perSink(func(k runner.SinkFlow) uint64 { return k.In })},
	{"ganglion.sink.written", counter, "{detection}", "sink", "Detections that a sink delivered.",
		perSink(func(k runner.SinkFlow) uint64 { return k.Written })},
	{"ganglion.sink.duplicates", counter, "{detection}", "sink", "Detections that a sink held already.",
		perSink(func(k runner.SinkFlow) uint64 { return k.Duplicates })},
	{"ganglion.checkpoint.saved", counter, "{snapshot}", "", "Snapshots that were saved.",
		func(s *runner.Summary, put put) { put(float64(s.Checkpoints.Saved)) }},
	{"ganglion.checkpoint.failed", counter, "{snapshot}", "", "Snapshots that could not be saved.",
		func(s *runner.Summary, put put) { put(float64(s.Checkpoints.Failed)) }},
	{"ganglion.checkpoint.age", level, "s", "", "Time since the last snapshot was saved, or since the run began.",
		func(s *runner.Summary, put put) {
			if s.Checkpoints.AgeS != nil {
				put(*s.Checkpoints.AgeS)
			}
		}},
	{"ganglion.sink.connected", level, "1", "sink", "1 while the sink's connection stands.", perLink(func(l pipeline.Link) float64 {
		if l.Connected {
			return 1
		}
		return 0
	})},
	{"ganglion.sink.reconnects", counter, "{reconnect}", "sink", "Connections of a sink that were made again.",
		perLink(func(l pipeline.Link) float64 { return float64(l.Reconnects) })},
	{"ganglion.sink.dropped", counter, "{detection}", "sink, cause", "Detections that a sink or its queue dropped.",
		func(s *runner.Summary, put put) {
			for _, k := range s.Sinks {
				byCause(k.Drops, func(v float64, pairs ...string) { put(v, append(pairs, "sink", k.Name)...) })
			}
		}},
	{"ganglion.sink.queued", level, "{detection}", "sink", "Detections in a sink's queue or in its hands.",
		perSink(func(k runner.SinkFlow) uint64 { return k.Queued })},
	{"ganglion.sink.errors", counter, "{error}", "sink", "Failed writes of a sink.",
		perSink(func(k runner.SinkFlow) uint64 { return k.Errors })},
	{"ganglion.errors.records", counter, "{record}", "", "Dead letters about what was lost for good.",
		ofLetters(func(k *runner.SinkFlow) uint64 { return k.In })},
	{"ganglion.errors.written", counter, "{record}", "", "Dead letters that were written.",
		ofLetters(func(k *runner.SinkFlow) uint64 { return k.Written })},
	{"ganglion.errors.dropped", counter, "{record}", "cause", "Dead letters that were only counted.", func(s *runner.Summary, put put) {
		if s.Errors != nil {
			byCause(s.Errors.Drops, put)
		}
	}},
	{"ganglion.keep.sought", counter, "{detection}", "", "Detections whose sound and spikes are to be kept.",
		ofClips(func(k *runner.KeepFlow) uint64 { return k.Sought })},
	{"ganglion.keep.waiting", level, "{detection}", "", "Those of them whose clip is not complete yet.",
		ofClips(func(k *runner.KeepFlow) uint64 { return k.Waiting })},
	{"ganglion.keep.clips", counter, "{clip}", "", "Clips that were complete.", ofClips(func(k *runner.KeepFlow) uint64 { return k.In })},
	{"ganglion.keep.written", counter, "{clip}", "", "Clips that were written.",
		ofClips(func(k *runner.KeepFlow) uint64 { return k.Written })},
	{"ganglion.keep.dropped", counter, "{clip}", "cause", "Clips that were dropped or could not be written.",
		func(s *runner.Summary, put put) {
			if s.Keep != nil {
				byCause(s.Keep.Drops, put)
			}
		}},
	{"ganglion.keep.queued", level, "{clip}", "", "Clips that wait to be written.",
		ofClips(func(k *runner.KeepFlow) uint64 { return k.Queued })},
	{"ganglion.worker.partitions", level, "{partition}", "", "Partitions that a worker of a cluster serves.",
		ofWorker(func(w *runner.Worker) float64 { return float64(w.Partitions) })},
	{"ganglion.worker.streams", level, "{stream}", "", "Streams of a pipeline in these partitions.",
		ofWorker(func(w *runner.Worker) float64 { return float64(w.Streams) })},
	{"ganglion.worker.aside", level, "{stream}", "", "Those of them that are set aside.",
		ofWorker(func(w *runner.Worker) float64 { return float64(w.Aside) })},
	{"ganglion.worker.lost", level, "{packet}", "", "Packets of these streams that were gone before they were processed.",
		ofWorker(func(w *runner.Worker) float64 { return float64(w.Lost) })},
}

func ofWorker(value func(*runner.Worker) float64) func(*runner.Summary, put) {
	return func(s *runner.Summary, put put) {
		if s.Worker != nil {
			put(value(s.Worker))
		}
	}
}

// byCause reports every cause, those that never occurred as 0, so that a first
// drop shows as a rise.
func byCause(drops []runner.Drop, put put) {
	for _, cause := range runner.Causes() {
		var n uint64
		for _, d := range drops {
			if d.Cause == cause {
				n = d.Count
			}
		}
		put(float64(n), "cause", cause)
	}
}

func perLayer(value func(runner.Layer) float64) func(*runner.Summary, put) {
	return func(s *runner.Summary, put put) {
		for _, l := range s.Layers {
			put(value(l), "layer", l.Name)
		}
	}
}

func perLearned(value func(runner.Learned) float64) func(*runner.Summary, put) {
	return func(s *runner.Summary, put put) {
		for _, l := range s.Learning {
			put(value(l), "layer", l.Layer, "from", l.From)
		}
	}
}

func ofClips(value func(*runner.KeepFlow) uint64) func(*runner.Summary, put) {
	return func(s *runner.Summary, put put) {
		if s.Keep != nil {
			put(float64(value(s.Keep)))
		}
	}
}

func ofLetters(value func(*runner.SinkFlow) uint64) func(*runner.Summary, put) {
	return func(s *runner.Summary, put put) {
		if s.Errors != nil {
			put(float64(value(s.Errors)))
		}
	}
}

func perLink(value func(pipeline.Link) float64) func(*runner.Summary, put) {
	return func(s *runner.Summary, put put) {
		for _, k := range s.Sinks {
			if k.Link != nil {
				put(value(*k.Link), "sink", k.Name)
			}
		}
	}
}

func perSink(value func(runner.SinkFlow) uint64) func(*runner.Summary, put) {
	return func(s *runner.Summary, put put) {
		for _, k := range s.Sinks {
			put(float64(value(k)), "sink", k.Name)
		}
	}
}
