package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
)

// recordVersion is the version of the form of a checkpoint.
const recordVersion = 1

// record is the checkpoint of a partition: the last message on its subject. It
// is committed together with the detections that come before it.
type record struct {
	Version int    `json:"version"`
	Worker  string `json:"worker"` // who committed it; empty where it was handed over
	Rollout int    `json:"rollout"`
	AtMS    int64  `json:"at_ms"` // Unix time, for status alone

	// Position is the sequence in the input stream up to which all packets of
	// the partition are processed by every stream that is not set aside.
	Position  uint64   `json:"position"`
	Input     int64    `json:"input,omitempty"` // when the input stream was made, Unix time, ns: positions are of that one
	Pipelines []string `json:"pipelines"`       // that took part

	Deaths int      `json:"deaths,omitempty"` // of workers on the partition since it last made progress
	Trying *trying  `json:"trying,omitempty"`
	Lanes  []*track `json:"streams"`
}

// trying is the packet that a worker was about to process after several workers
// had died without progress.
type trying struct {
	Seq      uint64 `json:"seq"`
	Pipeline string `json:"pipeline"`
	Key      string `json:"key"`
	Deaths   int    `json:"deaths"`            // while it was processed
	Waiting  bool   `json:"waiting,omitempty"` // the last worker died at it, and its turn has not come again
}

// track is how far one stream has come in one pipeline.
type track struct {
	Pipeline string `json:"pipeline"`
	Key      string `json:"key"`

	Info    pipeline.StreamInfo `json:"info"`
	FeedRun string              `json:"feed_run"` // of the packets
	Run     string              `json:"run"`      // of the detections
	Config  string              `json:"config"`   // digest of all that decides the detections
	Rollout int                 `json:"rollout"`  // that it came with
	Begins  uint64              `json:"begins"`   // number of the packet that the run begins with here
	Packet  uint64              `json:"packet"`   // number of the next packet
	Seq     uint64              `json:"seq"`      // of the last packet, in the input stream
	TimeUS  int64               `json:"time_us"`  // sensor time up to which the stream is processed
	Next    uint64              `json:"next"`     // Seq of the next detection
	Ended   bool                `json:"ended,omitempty"`

	State stateRef `json:"state"`

	Aside string `json:"aside,omitempty"` // why the stream is set aside

	Changes []change `json:"changes,omitempty"` // of the model, the last few

	Packets    uint64 `json:"packets"`
	Items      uint64 `json:"items"` // events or samples
	Detections uint64 `json:"detections"`
	Lost       uint64 `json:"lost,omitempty"` // packets that were gone before they were processed
}

// change is a packet boundary at which another model took over.
type change struct {
	Packet  uint64 `json:"packet"` // the first of the new one
	Rollout int    `json:"rollout"`
	From    string `json:"from"` // digests
	To      string `json:"to"`
}

// stateRef says where a state is kept: in the last message on the stream's
// subject, in an object, or nowhere, for a stream that begins behind Seq.
type stateRef struct {
	Seq    uint64 `json:"seq"`    // of the last packet in it
	Packet uint64 `json:"packet"` // number of the packet behind it
	SHA256 string `json:"sha256,omitempty"`
	Bytes  int    `json:"bytes,omitempty"`
	Object string `json:"object,omitempty"`
}

func decodeRecord(b []byte) (*record, error) {
	r := new(record)
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if r.Version != recordVersion {
		return nil, fmt.Errorf("checkpoint of version %d, this program reads version %d", r.Version, recordVersion)
	}
	return r, nil
}

// restart lets a stream begin with its next packet in another input stream.
func (t *track) restart() {
	t.Seq, t.State = 0, stateRef{Packet: t.Packet}
	if !t.Ended {
		t.Begins, t.Next = t.Packet, 0
	}
}

// needs is the sequence of the first packet that the stream still needs.
func (t *track) needs() uint64 { return t.State.Seq + 1 }

// digest identifies what decides the detections of a run.
func digest(id checkpoint.Identity) string {
	h := sha256.New()
	for _, v := range id {
		fmt.Fprintf(h, "%q=%q\n", v.Key, v.Text)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// runFrom is the identity of a run that begins in the middle of another: with
// another model, or because what came before is gone.
func runFrom(run string, packet uint64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s from packet %d", run, packet))
	return hex.EncodeToString(sum[:8])
}

// items counts what a batch holds.
func items(b *pipeline.Batch) uint64 { return uint64(len(b.Events) + len(b.PCM)) }
