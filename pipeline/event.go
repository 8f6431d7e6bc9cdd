package pipeline

// Polarities of an [Event].
const (
	Off uint8 = 0 // the pixel became darker
	On  uint8 = 1 // the pixel became brighter
)

// Event is one address event (AER) of an event camera. It is 16 bytes wide;
// docs/decisions.md records why this layout and not struct-of-arrays.
type Event struct {
	T int64  // sensor time, µs
	X uint16 // column, px, 0 at the left
	Y uint16 // row, px, 0 at the top
	P uint8  // polarity: [On] or [Off]
}

// AngularRate is how fast a camera turned, by its gyroscope, rad/s: by the
// right-hand rule about the axes of its picture as the events address it, X to the
// right, Y down and Z away from the lens.
type AngularRate struct {
	T  int64 // sensor time of the sample, µs
	At int64 // sensor time that the stream had reached when it brought the sample, µs: never before T
	X  float32
	Y  float32
	Z  float32
}

// Window is the half-open interval [Start, End) of sensor time, µs.
type Window struct{ Start, End int64 }

// Contains reports whether the window holds time t.
func (w Window) Contains(t int64) bool { return w.Start <= t && t < w.End }

// Batch is everything that one stream holds in one window of sensor time.
// A stream carries either events or audio, as its [StreamInfo] says.
//
// Its memory belongs to the runner, which hands it from stage to stage and fills
// it again: who receives a batch reads it until its call returns, and copies what
// it wants to keep.
//
// Successive batches of a stream do not overlap and their windows ascend.
// A window in which nothing happened may be left out, so End of one batch and
// Start of the next can lie apart.
type Batch struct {
	Seq    uint64 // number of the batch in its stream, from 0, gap-free
	Window        // what part of the stream this is
	Events []Event
	// Gyro holds the samples of the camera's gyroscope that the stream brought
	// before End and after the batch before, in order of At; none from most cameras.
	Gyro []AngularRate
	// PCM holds audio samples in [-1, 1], channels interleaved. The first
	// frame is at sensor time Window.Start rounded up to a sample instant;
	// FrameIndex is its number in the stream. All frames of the window are
	// there, but in the last batch of a stream.
	PCM        []float32
	FrameIndex int64
}

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() {
	b.Seq, b.Window, b.FrameIndex = 0, Window{}, 0
	b.Events, b.Gyro, b.PCM = b.Events[:0], b.Gyro[:0], b.PCM[:0]
}

// Modality is what kind of signal a stream carries.
type Modality string

// The modalities.
const (
	EventStream Modality = "events"
	AudioStream Modality = "audio"
)

// StreamInfo is what a source knows about its stream once it is open.
type StreamInfo struct {
	Modality Modality
	Format   string // the recording's format, such as "evt3"; empty when there is none
	Live     bool   // the stream happens now: emit delay means something
	Waits    bool   // what has not been read yet waits at the source, so that a full queue may hold a live stream back
	// Holds reports that a live source, or its sender, holds what is not read at
	// once, for a bounded time beyond which it drops and counts: the queue
	// between source and encoder may block it, sinks may not.
	Holds bool

	Width, Height int // sensor size, px (events)

	SampleRate int // frames/s (audio)
	Channels   int // (audio)

	// SizeBytes is the length of the input for progress, 0 when unknown.
	SizeBytes int64

	// Content identifies what the stream holds, so that a run that reads the
	// same again is known: a digest of a file, or a word for what the source's
	// configuration decides alone. It is empty where nobody can know, such as
	// of a pipe or of what happens now.
	Content string

	// UnixUS is the Unix time of sensor time 0, µs, where Dated says that the
	// recording states it.
	UnixUS int64
	Dated  bool
}

// FrameTime is the time of an audio frame, µs, rounded down. Frame f of a
// stream of rate r is at f/r seconds.
func (s StreamInfo) FrameTime(frame int64) int64 {
	rate := int64(s.SampleRate)
	return frame/rate*1_000_000 + frame%rate*1_000_000/rate
}

// FrameAt is the number of the first audio frame at or after t µs, t not being
// negative.
func (s StreamInfo) FrameAt(t int64) int64 {
	rate := int64(s.SampleRate)
	return t/1_000_000*rate + (t%1_000_000*rate+999_999)/1_000_000
}
