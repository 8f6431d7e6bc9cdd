package pipeline

import "context"

// Clip is what was heard or seen around a detection: the sound as the source
// delivered it to the encoder, and the spikes that the encoder made of it; or the
// events as the source delivered them.
type Clip struct {
	Detection Detection // with all that the runner fills in
	Window              // of the stream, µs; of sound from the begin to behind the last sample
	// Same is how many detections of the same batch before this one have its
	// kind, label and time.
	Same int

	// PCM holds the samples in Window, channels interleaved; FrameIndex is the
	// number of the first frame in the stream.
	PCM        []float32
	FrameIndex int64
	// Missing is how many of its frames are silence in place of sound that
	// never reached the encoder.
	Missing int64

	Spikes Spikes // in Window

	// Events holds the events in Window, in the order of the stream. They are read
	// only: other clips hold them too.
	Events [][]Event
}

// Keeper stores clips.
//
// The runner calls Open once, before anything is read, and then Keep from one
// goroutine for one clip after another.
type Keeper interface {
	// Open prepares. layer is the shape of the encoder's layer. After an error
	// nothing is read. The context bounds Open alone.
	Open(ctx context.Context, s StreamMeta, layer Shape) error

	// Keep stores a clip whole or says why it could not, which the runner
	// counts. The clip may be kept. Keep returns soon after the context ends.
	Keep(ctx context.Context, c *Clip) error
}
