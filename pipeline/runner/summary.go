package runner

import (
	"errors"
	"fmt"
	"time"

	"ganglion/pipeline"
)

// Summary is the account of a run, in the middle of it or at the end.
type Summary struct {
	Name       string     `json:"name"`
	ConfigHash string     `json:"config_hash"`
	Run        string     `json:"run"` // the run that the detections bear
	Stream     Stream     `json:"stream"`
	Stopped    bool       `json:"stopped"` // before the end of the input
	Input      Input      `json:"input"`
	Encoder    Encoder    `json:"encoder"`
	Layers     []Layer    `json:"layers"`
	Detections Detections `json:"detections"`
	Sinks      []SinkFlow `json:"sinks"`
	Keep       *KeepFlow  `json:"keep,omitempty"`   // nil where no clips are kept
	Errors     *SinkFlow  `json:"errors,omitempty"` // of dead letters; nil where none are written

	WallS          float64 `json:"wall_s"`
	SensorS        float64 `json:"sensor_s"`         // sensor time covered
	EventsPerS     float64 `json:"events_per_s"`     // per second of wall time
	RealTimeFactor float64 `json:"real_time_factor"` // sensor time over wall time

	SynOps      uint64  `json:"synops"` // effective synaptic operations (NeuroBench)
	SynOpsPerS  float64 `json:"synops_per_s"`
	DenseSynOps uint64  `json:"dense_synops"` // of a dense implementation; 0 when unknown
	Energy      Energy  `json:"energy_estimate"`
	Latency     Latency `json:"latency"`

	// Of the network as a whole, by NeuroBench's definitions.
	Footprint          uint64  `json:"footprint_bytes"`     // of weights, parameters and state; 0 when unknown
	ConnectionSparsity float64 `json:"connection_sparsity"` // share of weights that are 0
	ActivationSparsity float64 `json:"activation_sparsity"` // share of neurons and steps without a spike

	Learning []Learned `json:"learning,omitempty"`

	// Last is the last detection; nil for none. Records of a run are its sinks'
	// affair, so it is not in the JSON.
	Last *pipeline.Detection `json:"-"`

	Checkpoints Checkpoints `json:"checkpoints,omitzero"`

	Worker *Worker `json:"worker,omitempty"` // nil but for a worker of a cluster
}

// Worker is what a worker of a cluster has of a pipeline at this moment.
type Worker struct {
	Partitions int    `json:"partitions"`
	Streams    int    `json:"streams"`
	Aside      int    `json:"aside"`        // streams that are set aside
	Lost       uint64 `json:"lost_packets"` // of these streams, gone before they were processed
}

// Checkpoints is what a run with checkpoints did about them. All other counts
// of a summary are of this run alone, without what came before a checkpoint.
type Checkpoints struct {
	Saved     uint64 `json:"saved"`
	Failed    uint64 `json:"failed,omitempty"` // the next one may succeed
	Bytes     int    `json:"bytes"`            // of the last snapshot
	Resumed   bool   `json:"resumed"`
	ResumedUS int64  `json:"resumed_us,omitempty"` // where, sensor time, µs
	NextSeq   uint64 `json:"next_seq,omitempty"`   // Seq of the run's first detection

	AgeS *float64 `json:"age_s,omitempty"` // time since the last snapshot, or since the run began; nil where none are saved
}

// Stream is a [pipeline.StreamInfo].
type Stream struct {
	Modality   pipeline.Modality `json:"modality"`
	Format     string            `json:"format,omitempty"`
	Live       bool              `json:"live"`
	Waits      bool              `json:"waits,omitempty"`
	Holds      bool              `json:"holds,omitempty"`
	Width      int               `json:"width,omitempty"`
	Height     int               `json:"height,omitempty"`
	SampleRate int               `json:"sample_rate,omitempty"`
	Channels   int               `json:"channels,omitempty"`
	SizeBytes  int64             `json:"size_bytes,omitempty"`
	Content    string            `json:"content,omitempty"`
	UnixUS     int64             `json:"unix_us,omitempty"`
	Dated      bool              `json:"dated,omitempty"`
}

// Flow accounts for one stage: In = Out + Dropped + Queued.
type Flow struct {
	In      uint64 `json:"in"`
	Out     uint64 `json:"out"`
	Dropped uint64 `json:"dropped"`
	Queued  uint64 `json:"queued"`
}

// QueueInfo is a queue's capacity and its policy, never "auto".
type QueueInfo struct {
	Capacity int    `json:"capacity"`
	Policy   string `json:"policy"`
}

// Drop is how many were dropped for one cause: queue_full, write_failed,
// lost_after_write, output_gone, refused, drain_deadline or run_failed.
type Drop struct {
	Cause string `json:"cause"`
	Count uint64 `json:"count"`
}

// Input accounts for what the source read and the encoder took.
type Input struct {
	Unit    string            `json:"unit"`  // what Events counts: "events", or "frames" of audio
	Queue   QueueInfo         `json:"queue"` // capacity in batches
	Batches Flow              `json:"batches"`
	Events  Flow              `json:"events"`
	Drops   []Drop            `json:"drops,omitempty"` // of events
	Damage  []pipeline.Damage `json:"damage,omitempty"`
	// LeftOut is how many events or frames the source itself dropped because a
	// live stream was read too slowly (see [pipeline.Bounded]); they are not in
	// Events, but silence that took the place of sound is.
	LeftOut uint64 `json:"left_out,omitempty"`
}

// Overruns is how many datagrams the operating system dropped, as far as that is
// known; how much they held is not.
func (in *Input) Overruns() uint64 {
	for _, d := range in.Damage {
		if d.Kind == pipeline.SocketOverrun {
			return d.Count
		}
	}
	return 0
}

// Encoder counts events (or audio frames) in, those the configuration filters,
// and spikes out.
type Encoder struct {
	Events   uint64 `json:"events"`
	Filtered uint64 `json:"filtered"`
	Spikes   uint64 `json:"spikes"`
}

// Layer is what one layer of the network did.
type Layer struct {
	Name    string  `json:"name"`
	Neurons int     `json:"neurons"`
	Spikes  uint64  `json:"spikes"`
	RateHz  float64 `json:"rate_hz"` // spikes per neuron and second of sensor time
	SynOps  uint64  `json:"synops"`
	Updates uint64  `json:"updates"` // of membranes
	// DenseSynOps is what a dense implementation would do in the same steps;
	// 0 when unknown.
	DenseSynOps uint64 `json:"dense_synops"`
	// Sparsity is the share of neurons and steps without a spike.
	Sparsity float64 `json:"activation_sparsity"`
	// Weights, those that are 0, and the bytes that weights, parameters and
	// state take; 0 when unknown.
	Weights            uint64  `json:"weights"`
	ConnectionSparsity float64 `json:"connection_sparsity"`
	Footprint          uint64  `json:"footprint_bytes"`
}

// Learned is how far a plastic connection has come, see [pipeline.Learned].
type Learned struct {
	Layer   string  `json:"layer"`
	From    string  `json:"from"`
	Version uint64  `json:"version"`
	Frozen  bool    `json:"frozen"`
	Drift   float64 `json:"drift"`
	Changes uint64  `json:"changes"`
}

// Detections counts what the readout found.
type Detections struct {
	Total uint64                   `json:"total"`
	Kinds map[pipeline.Kind]uint64 `json:"kinds"`
	// LeftOut is how much the readout left out because there was more than
	// its configuration allows (see [pipeline.Bounded]).
	LeftOut uint64 `json:"left_out,omitempty"`
}

// SinkFlow accounts for one sink.
type SinkFlow struct {
	Name       string    `json:"name"`
	Queue      QueueInfo `json:"queue"` // capacity in detections
	In         uint64    `json:"in"`
	Written    uint64    `json:"written"`
	Duplicates uint64    `json:"duplicates"` // that the sink holds from before
	Dropped    uint64    `json:"dropped"`
	Queued     uint64    `json:"queued"`
	Drops      []Drop    `json:"drops,omitempty"`
	Errors     uint64    `json:"errors"`

	Link       *pipeline.Link `json:"link,omitempty"` // of a sink with a connection
	FirstError string         `json:"first_error,omitempty"`
}

// KeepFlow accounts for clips. Sought = In + Waiting at the end of a run.
type KeepFlow struct {
	SinkFlow
	// Sought is how many detections wanted a clip, among them those that
	// waited in the checkpoint that the run resumes from.
	Sought uint64 `json:"sought"`
	// Waiting is how many of them wait for the stream to reach their end.
	Waiting uint64 `json:"waiting"`
}

// Energy is an estimate from operation counts alone, J.
type Energy struct {
	EventDrivenJ float64 `json:"event_driven_j"`    // 0.9 pJ per synaptic operation
	DenseJ       float64 `json:"dense_j,omitempty"` // 4.6 pJ per dense operation
	Source       string  `json:"source"`
}

// Latency is how long batches took from the end of their read until their last
// detection was written or dropped. Quantiles are exact to 3 %.
type Latency struct {
	Batches uint64  `json:"batches"`
	P50MS   float64 `json:"p50_ms"`
	P90MS   float64 `json:"p90_ms"`
	P99MS   float64 `json:"p99_ms"`
	MaxMS   float64 `json:"max_ms"`
}

// Lost is how many events and detections were dropped or left queued. It is 0
// for a run that lost nothing.
func (s *Summary) Lost() (events, detections uint64) {
	events = s.Input.Events.Dropped + s.Input.Events.Queued + s.Input.LeftOut
	for _, k := range s.Sinks {
		detections += k.Dropped + k.Queued
	}
	return events, detections
}

// LostClips is how many clips were dropped or left.
func (s *Summary) LostClips() uint64 {
	if s.Keep == nil {
		return 0
	}
	return s.Keep.Dropped + s.Keep.Queued + s.Keep.Waiting
}

// Verify checks the account of a finished run: at every stage in = out +
// dropped + queued, and each stage took exactly what the one before gave.
func (s *Summary) Verify() error {
	var errs []error
	equal := func(what string, a, b uint64) {
		if a != b {
			errs = append(errs, fmt.Errorf("%s: %d is not %d", what, a, b))
		}
	}
	b, e := s.Input.Batches, s.Input.Events
	equal("batches in = out + dropped + queued", b.In, b.Out+b.Dropped+b.Queued)
	equal("events in = out + dropped + queued", e.In, e.Out+e.Dropped+e.Queued)
	equal("events dropped = sum of causes", e.Dropped, sum(s.Input.Drops))
	equal("events out of the queue = events into the encoder", e.Out, s.Encoder.Events)
	if s.Encoder.Filtered > s.Encoder.Events {
		errs = append(errs, fmt.Errorf("encoder: %d filtered of %d events", s.Encoder.Filtered, s.Encoder.Events))
	}
	var kinds uint64
	for _, n := range s.Detections.Kinds {
		kinds += n
	}
	equal("detections = sum of kinds", s.Detections.Total, kinds)
	for _, k := range s.Sinks {
		equal("sink "+k.Name+": in = detections", k.In, s.Detections.Total)
		equal("sink "+k.Name+": in = written + duplicates + dropped + queued", k.In, k.Written+k.Duplicates+k.Dropped+k.Queued)
		equal("sink "+k.Name+": dropped = sum of causes", k.Dropped, sum(k.Drops))
	}
	if k := s.Keep; k != nil {
		equal("clips: sought = in + waiting", k.Sought, k.In+k.Waiting)
		equal("clips: in = written + dropped + queued", k.In, k.Written+k.Dropped+k.Queued)
		equal("clips: dropped = sum of causes", k.Dropped, sum(k.Drops))
	}
	if k := s.Errors; k != nil {
		equal("dead letters: in = written + dropped + queued", k.In, k.Written+k.Dropped+k.Queued)
		equal("dead letters: dropped = sum of causes", k.Dropped, sum(k.Drops))
	}
	return errors.Join(errs...)
}

func sum(drops []Drop) (n uint64) {
	for _, d := range drops {
		n += d.Count
	}
	return n
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
