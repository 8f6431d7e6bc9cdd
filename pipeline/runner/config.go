package runner

import "fmt"

// The policies of a queue for when it is full.
const (
	// Auto is Block for a recording, also one that grows, and for a live stream
	// whose source waits or holds what comes ([pipeline.StreamInfo]); it is
	// DropOldest for any other live stream.
	Auto = "auto"
	// Block makes the producer wait: nothing is lost, the source slows down.
	Block = "block"
	// DropOldest makes room by dropping the oldest entry.
	DropOldest = "drop-oldest"
	// DropNewest drops the entry that does not fit.
	DropNewest = "drop-newest"
)

// Queue configures the queue between the source and the encoder: the
// top-level config key "queue".
type Queue struct {
	Batches int    `key:"batches" doc:"How many batches may wait between the source and the encoder." min:"1" max:"65536"`
	Policy  string `key:"policy" doc:"What happens when the queue is full; auto blocks a recording, also one that is followed, and live sound, whose source has a queue of its own, and drops the oldest batch of other live streams." enum:"auto,block,drop-oldest,drop-newest"`
}

// NewDefaultQueue is the queue of a pipeline that configures none.
func NewDefaultQueue() Queue { return Queue{Batches: 8, Policy: Auto} }

// SinkQueue configures the queue of one sink: the key "queue" of its section.
type SinkQueue struct {
	Detections int    `key:"detections" doc:"How many detections may wait for the sink." min:"1" max:"16777216"`
	Policy     string `key:"policy" doc:"What happens when the queue is full; auto blocks a recording, also one that is followed, and drops the oldest detection of a live stream." enum:"auto,block,drop-oldest,drop-newest"`
}

// NewDefaultSinkQueue is the queue of a sink that configures none.
func NewDefaultSinkQueue() SinkQueue { return SinkQueue{Detections: 4096, Policy: Auto} }

// drops reports whether a full queue drops by default.
func (r *lane) drops() bool { return r.info.Live && !r.info.Waits }

// resolve turns a configured policy into one of the three real ones.
func resolve(policy string, drops bool) (string, error) {
	switch policy {
	case Block, DropOldest, DropNewest:
		return policy, nil
	case Auto, "":
		if drops {
			return DropOldest, nil
		}
		return Block, nil
	}
	return "", fmt.Errorf("queue policy %q is none of auto, block, drop-oldest, drop-newest", policy)
}
