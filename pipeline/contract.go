package pipeline

import "context"

// Source reads one stream of events or audio.
//
// The runner calls Open once, then Read from one goroutine until it returns an
// error, then Close once. Close is also called after a failed Open and must
// then do no harm.
type Source interface {
	// Open finds out what the stream is. The context bounds Open alone.
	Open(ctx context.Context) (StreamInfo, error)

	// Read fills the batch with the next window that holds something. The
	// batch comes empty (Reset) and belongs to the caller; its memory is
	// reused. io.EOF ends the stream and comes with an empty batch; any other
	// error ends the pipeline. Damaged input is not an error: it is skipped,
	// resynchronised and counted (see [Damaged]). Read returns soon after the
	// context ends, with its error.
	Read(ctx context.Context, b *Batch) error

	Close() error
}

// Encoder turns a window of a stream into spikes. It is built from the
// stream's [StreamInfo] and called from one goroutine, once per batch in the
// order of the stream.
type Encoder interface {
	// Shape is the layer of input neurons that the spikes address.
	Shape() Shape

	// Encode appends the window's spikes to out, which comes empty, in
	// canonical order, and returns how many of the batch's events gave no
	// spike because the configuration filters them (0 for audio). The batch
	// is read only.
	Encode(b *Batch, out *Spikes) (filtered int, err error)
}

// Network runs a window of input spikes through a spiking neural network. It
// is built from the encoder's [Shape] and driven from one goroutine; how it
// spreads the work over its shards is its own affair.
type Network interface {
	// Layers names what the network reports in its [Activity], in graph order.
	Layers() []Layer

	// Step advances the network through the window w. The spikes lie in w and
	// are read only. out comes with one LayerActivity per entry of Layers,
	// its spikes empty and its counts zero; Step fills both. Windows ascend
	// and may leave gaps: state decays over them exactly.
	Step(ctx context.Context, w Window, in *Spikes, out *Activity) error

	// Close ends the network's goroutines. It may be called twice.
	Close() error
}

// Stepped is implemented by networks that take only windows which begin and
// end at multiples of a step.
type Stepped interface {
	// WindowStep is that step, µs; 1 where any window will do.
	WindowStep() int64
}

// Layer describes one reported layer of a network.
type Layer struct {
	Name   string
	Shape  Shape
	Graded bool // its spikes carry Values
	// Synapses is the number of synapses onto the layer. A dense simulator
	// would cross all of them in every time step.
	Synapses uint64
	// Weights are the weights of these synapses, which a convolution shares;
	// ZeroWeights those that are 0 or, in a sparse matrix, absent.
	Weights, ZeroWeights uint64
	// Bytes is what weights, parameters and state take (NeuroBench's
	// footprint); 0 when unknown.
	Bytes uint64
	// StepUS is that time step, µs, for dense cost and activation sparsity;
	// 0 stands for 1000.
	StepUS int64
}

// Activity is what a network did in one window.
type Activity struct {
	Window
	Input  *Spikes       // the window's input spikes, read only
	Gyro   []AngularRate // what the window's batch holds of the camera's gyroscope, read only
	Layers []LayerActivity
}

// LayerActivity is what one layer did in one window. The counts follow
// NeuroBench (Yik et al. 2025).
type LayerActivity struct {
	Spikes Spikes
	// SynOps is the number of effective synaptic operations: one for each
	// spike and each synapse that it crossed.
	SynOps uint64
	// Updates is the number of membrane updates.
	Updates uint64
}

// Learner is implemented by networks that learn while they run.
type Learner interface {
	// Learned appends how far each plastic connection has come to dst and
	// returns it. Like Step, it is called from the network's goroutine.
	Learned(dst []Learned) []Learned
}

// Learned is how far a plastic connection has come.
type Learned struct {
	Layer, From string
	Version     uint64  // under which the weights were last kept, or to which they were rolled back
	Frozen      bool    // nothing is learned any more
	Drift       float64 // |w - w0| / |w0|, w0 being the weights of version 0
	Changes     uint64  // of single weights, in this run
}

// Readout turns a network's activity into detections. It is built from the
// network's layers and the stream's StreamInfo, and called from one goroutine.
type Readout interface {
	// Read appends the detections of one window to dst and returns it. What
	// it finds may not depend on how the stream is cut into windows: a readout
	// with periods of its own buffers until a period is complete. Stream,
	// Seq and ConfigHash are filled in later by the runner.
	Read(a *Activity, dst []Detection) []Detection

	// Flush appends what the end of the stream settles, such as the end of
	// open tracks. It is called once, after the last Read.
	Flush(dst []Detection) []Detection
}

// Sink takes detections away. The runner opens every sink before anything is
// read. Each sink then has a queue and a goroutine of its own, which calls
// Write in the order of the stream and Close once.
type Sink interface {
	// Open connects or creates. The context bounds Open alone. After an error
	// nothing is read or written, and Close is called, which must then do no
	// harm.
	Open(ctx context.Context, s StreamMeta) error

	// Write delivers the detections or says why it could not. After a nil
	// error they are safe as far as the sink's own guarantee goes. After an
	// error the runner counts them as dropped, unless the error is a
	// [PartialWriteError]. The slice is read only and reused. Write returns
	// soon after the context ends; the context carries the OpenTelemetry span
	// of this write, if there is one, for the headers of messages.
	Write(ctx context.Context, d []Detection) error

	// Close flushes and releases; the context bounds how long it may take.
	// Detections that it could not deliver after all come as a [LostError].
	Close(ctx context.Context) error
}

// StreamMeta is what a sink knows about the stream it serves.
type StreamMeta struct {
	Name       string // the pipeline's name
	ConfigHash string // identifies the configuration, 16 hexadecimal digits
	Run        string // identifies the run, see [Detection].Run
	Info       StreamInfo
	// NextSeq is the Seq of the first detection that will come: 0, unless the
	// run resumes from a checkpoint. A sink that keeps a file then keeps what
	// the file holds before that detection, and removes the rest.
	NextSeq uint64
	Resumed bool // the run resumes from a checkpoint
}

// Committed is implemented by sinks that hold detections, or leave them in
// memory of the operating system, after Write has returned.
type Committed interface {
	// Commit makes everything written so far survive the death of the process
	// and of the machine. It is called before a checkpoint is saved, never
	// together with Write or Check.
	Commit(ctx context.Context) error
}

// Watched is implemented by sinks whose output can go away behind their back.
type Watched interface {
	// Check looks after the output, at least twice a second, and begins it
	// again where it went away or was renamed. Detections that went with it
	// come as a [LostError]. It is called from Write's goroutine, and never
	// together with Commit.
	Check(ctx context.Context) error
}

// Healthy is implemented by sources and sinks that know if they work
// between two calls, such as whether a connection stands.
type Healthy interface {
	// Health is what is wrong at this moment, or nil. Any goroutine may call
	// it at any time once the part is open.
	Health() error
}

// Link is the state of a connection.
type Link struct {
	Connected  bool   `json:"connected"`
	Reconnects uint64 `json:"reconnects"`
}

// Linked is implemented by sinks that have a connection. Any goroutine may call
// Link at any time once the sink is open.
type Linked interface{ Link() Link }

// Messenger is implemented by sinks that send messages, for the names and
// attributes of their spans.
type Messenger interface {
	// Destination is the messaging system, "nats", and where messages go, with
	// marks for what differs from one to the next.
	Destination() (system, template string)
}

// Prechecked is implemented by sources and sinks that can find faults of their
// configuration without connecting to anything or changing anything, such as
// files that are not there. It is called before Open, by validate too.
type Prechecked interface{ Precheck() error }

// Peeked is implemented by sources that can tell what their stream will be
// without connecting to anything.
type Peeked interface {
	// Peek is what Open would return; ok is false where only opening tells.
	Peek(ctx context.Context) (info StreamInfo, ok bool, err error)
}

// Deduplicating is implemented by sinks that recognise detections which they
// hold already, by Run and Seq.
type Deduplicating interface {
	// Duplicates is how many of the detections that Write accepted so far
	// were there before and stayed as they were. It is called from Write's
	// goroutine.
	Duplicates() uint64
}

// Stateful is implemented by every encoder, network and readout whose next
// result depends on what it has seen. A component restored from a snapshot
// continues as if it had never stopped.
type Stateful interface {
	// AppendState appends the whole state to b in a fixed byte order.
	AppendState(b []byte) ([]byte, error)
	// RestoreState replaces the state by one that AppendState wrote for the
	// same configuration. Malformed bytes give an error and leave the
	// component unusable, never a panic.
	RestoreState(b []byte) error
}

// Tailed is implemented by readouts of sound that decide some time after they
// have heard what they decide about.
type Tailed interface {
	// Tail is how long the runner plays silence behind a stream that ends at
	// end, so that what it ends with is decided as well: until that time. Both
	// are sensor times, µs; what is not after end asks for no silence.
	// Detections that come of it have times after the end of the stream.
	Tail(end int64) int64
}

// Bounded is implemented by sources and readouts that leave something out when
// there is more of it than their configuration allows: a source of a live
// stream that is read too slowly, say.
type Bounded interface {
	// Dropped is how much was left out so far: events or audio frames of a
	// source. Like Read, it is called from the component's goroutine.
	Dropped() uint64
}

// Damaged is implemented by sources that can meet damaged input.
type Damaged interface {
	// Damage is what has been met so far, in order of first offset. It may be
	// called while Read runs only from Read's goroutine.
	Damage() []Damage
}

// Positioned is implemented by sources that know how far into the input of
// [StreamInfo].SizeBytes they have come.
type Positioned interface {
	// Position is the number of bytes consumed. It is called only from Read's
	// goroutine.
	Position() int64
}

// Resumable is implemented by sources that can resume where an earlier run of
// the same stream stopped. A live stream cannot: what went by is gone.
type Resumable interface {
	// Resume is called at most once, after Open and before the first Read. t
	// is the end of the last window that was processed, sensor time, µs: what
	// lies before it is left out, and no batch starts before it. An error says
	// why this stream cannot continue there. The context bounds Resume alone.
	Resume(ctx context.Context, t int64) error
}

// Probed is implemented by networks whose membranes can be looked at.
type Probed interface {
	// Membrane is the potential of a neuron of a reported layer at the end of
	// the last window; ok is false where the layer has none. It is called from
	// the network's goroutine between two calls of Step.
	Membrane(layer, neuron int) (v float64, ok bool)
}

// Score is what a readout holds against a threshold.
type Score struct {
	Label            string
	Value, Threshold float32
}

// Scored is implemented by readouts that decide by thresholds.
type Scored interface {
	// Scores appends the scores as they stand after the last Read. It is called
	// from the readout's goroutine.
	Scores(dst []Score) []Score
}

// Adjustable is implemented by readouts that can take another configuration
// between two windows.
type Adjustable interface {
	// Adjust takes a pointer to the component's configuration, which has been
	// checked, and counts from the next Read on. An error names the value that only
	// a new run can take, and changes nothing. Like Read, it is called from the
	// readout's goroutine.
	Adjust(cfg any) error
}
