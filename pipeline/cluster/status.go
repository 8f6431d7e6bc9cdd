package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"ganglion/internal/sleep"
)

// Status is how a cluster does.
type Status struct {
	Cluster     string            `json:"cluster"`
	Input       StreamSize        `json:"input"`
	Output      StreamSize        `json:"output"`
	Workers     []WorkerStatus    `json:"workers"`
	Partitions  []PartitionStatus `json:"partitions"` // those that hold a stream
	ItemsPerS   float64           `json:"items_per_s"`
	PacketsPerS float64           `json:"packets_per_s"`
	LagPackets  uint64            `json:"lag_packets"` // of all streams, those that are set aside included
}

// StreamSize is what a stream of the servers holds.
type StreamSize struct {
	Messages uint64 `json:"messages"`
	Bytes    uint64 `json:"bytes"`
}

// WorkerStatus is a worker that lives.
type WorkerStatus struct {
	ID         string    `json:"id"`
	Host       string    `json:"host"`
	Rollout    int       `json:"rollout"`
	Since      time.Time `json:"since"`
	Partitions []int     `json:"partitions"`
}

// PartitionStatus is a partition with its streams.
type PartitionStatus struct {
	Partition   int            `json:"partition"`
	Owner       string         `json:"owner"` // empty: nobody who lives
	CommittedMS int64          `json:"committed_ms"`
	Position    uint64         `json:"position"`
	Deaths      int            `json:"deaths,omitempty"`
	Streams     []StreamStatus `json:"streams"`
}

// StreamStatus is how far a stream has come in a pipeline.
type StreamStatus struct {
	Key        string  `json:"key"`
	Pipeline   string  `json:"pipeline"` // empty: none has taken it yet
	Run        string  `json:"run"`
	Model      string  `json:"model"` // digest of what decides the detections
	Rollout    int     `json:"rollout"`
	TimeUS     int64   `json:"time_us"`
	LagPackets uint64  `json:"lag_packets"`
	LagS       float64 `json:"lag_s"` // of sensor time
	Packets    uint64  `json:"packets"`
	Items      uint64  `json:"items"`
	ItemsPerS  float64 `json:"items_per_s"`
	Detections uint64  `json:"detections"`
	Lost       uint64  `json:"lost_packets,omitempty"`
	StateBytes int     `json:"state_bytes"`
	Ended      bool    `json:"ended,omitempty"`
	Aside      string  `json:"aside,omitempty"` // why it is set aside

	run    string
	packet uint64
}

// ReadStatus looks at a cluster twice, so far apart, for the rates. What it
// reads may be a little old.
func ReadStatus(ctx context.Context, js jetstream.JetStream, c Config, apart time.Duration) (*Status, error) {
	first, err := look(ctx, js, c)
	if err != nil || apart <= 0 {
		return first, err
	}
	began := time.Now()
	if err := sleep.For(ctx, apart); err != nil {
		return nil, err
	}
	s, err := look(ctx, js, c)
	if err != nil {
		return nil, err
	}
	seconds := time.Since(began).Seconds()
	before := map[laneKey]StreamStatus{}
	for _, p := range first.Partitions {
		for _, l := range p.Streams {
			before[laneKey{l.Pipeline, l.Key}] = l
		}
	}
	for _, p := range s.Partitions {
		for i := range p.Streams {
			l := &p.Streams[i]
			b := before[laneKey{l.Pipeline, l.Key}]
			l.ItemsPerS = float64(l.Items-b.Items) / seconds
			s.ItemsPerS += l.ItemsPerS
			s.PacketsPerS += float64(l.Packets-b.Packets) / seconds
		}
	}
	return s, nil
}

// head is the last packet of a stream.
type head struct {
	run    string
	number uint64
	timeUS int64
}

func look(ctx context.Context, js jetstream.JetStream, c Config) (*Status, error) {
	input, err := js.Stream(ctx, c.inputStream())
	if err != nil {
		return nil, fmt.Errorf("stream %q: %w", c.inputStream(), err)
	}
	output, err := js.Stream(ctx, c.outputStream())
	if err != nil {
		return nil, fmt.Errorf("stream %q: %w", c.outputStream(), err)
	}
	kv, err := js.KeyValue(ctx, c.leaseBucket())
	if err != nil {
		return nil, fmt.Errorf("bucket %q: %w", c.leaseBucket(), err)
	}
	m := newMembers(js, kv, c)
	if err := m.once(ctx); err != nil {
		return nil, fmt.Errorf("bucket %q: %w", c.leaseBucket(), err)
	}
	heads, err := readHeads(ctx, input, c.Name+"-in.>")
	if err != nil {
		return nil, fmt.Errorf("stream %q: %w", c.inputStream(), err)
	}
	s := &Status{Cluster: c.Name, Input: size(input), Output: size(output)}
	places := m.places()
	for id, a := range m.workers {
		w := WorkerStatus{ID: id, Host: a.Host, Rollout: a.Rollout, Since: a.Since}
		for n, p := range places {
			if p.owner == id {
				w.Partitions = append(w.Partitions, n)
			}
		}
		s.Workers = append(s.Workers, w)
	}
	slices.SortFunc(s.Workers, func(a, b WorkerStatus) int { return strings.Compare(a.ID, b.ID) })
	for n := range c.Partitions {
		p, err := lookAt(ctx, output, c, n, heads)
		if err != nil {
			return nil, err
		}
		p.Owner = places[n].owner
		if len(p.Streams) == 0 {
			continue
		}
		for _, l := range p.Streams {
			s.LagPackets += l.LagPackets
		}
		s.Partitions = append(s.Partitions, p)
	}
	return s, nil
}

func size(s jetstream.Stream) StreamSize {
	state := s.CachedInfo().State
	return StreamSize{state.Msgs, state.Bytes}
}

// lookAt is one partition, with the streams of its checkpoint and those that
// nobody has taken yet.
func lookAt(ctx context.Context, output jetstream.Stream, c Config, n int, heads map[string]head) (p PartitionStatus, err error) {
	p.Partition = n
	r := &record{}
	m, err := output.GetLastMsgForSubject(ctx, c.checkpointSubject(n))
	if err == nil {
		r, err = decodeRecord(m.Data)
	}
	if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		return p, fmt.Errorf("partition %d: %w", n, err)
	}
	p.CommittedMS, p.Position, p.Deaths = r.AtMS, r.Position, r.Deaths
	taken := map[string]bool{}
	for _, t := range r.Lanes {
		taken[t.Key] = true
		l := StreamStatus{
			Key: t.Key, Pipeline: t.Pipeline, Run: t.Run, Model: t.Config, Rollout: t.Rollout, TimeUS: t.TimeUS, Packets: t.Packets,
			Items:      t.Items,
			Detections: t.Detections, Lost: t.Lost, StateBytes: t.State.Bytes, Ended: t.Ended, Aside: t.Aside, run: t.FeedRun, packet: t.Packet,
		}
		l.behind(heads[t.Key])
		p.Streams = append(p.Streams, l)
	}
	for key, h := range heads {
		if c.partitionOf(key) == n && !taken[key] {
			l := StreamStatus{Key: key}
			l.behind(h)
			p.Streams = append(p.Streams, l)
		}
	}
	slices.SortFunc(p.Streams, func(a, b StreamStatus) int { return strings.Compare(a.Key+" "+a.Pipeline, b.Key+" "+b.Pipeline) })
	return p, nil
}

// behind fills in how far the stream is behind its last packet. A run that has
// not been begun is counted from its beginning.
func (l *StreamStatus) behind(h head) {
	if h.run == "" {
		return
	}
	if h.run != l.run {
		l.LagPackets = h.number + 1
		return
	}
	if h.number+1 > l.packet {
		l.LagPackets, l.LagS = h.number+1-l.packet, float64(h.timeUS-l.TimeUS)/1e6
	}
}

// readHeads reads the headers of the last packet of every stream.
func readHeads(ctx context.Context, input jetstream.Stream, subject string) (map[string]head, error) {
	c, err := input.CreateConsumer(ctx, jetstream.ConsumerConfig{
		DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy, FilterSubject: subject, HeadersOnly: true,
		AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true,
		Replicas: 1, InactiveThreshold: time.Minute,
	})
	if err != nil {
		return nil, err
	}
	defer func() { _ = input.DeleteConsumer(ctx, c.CachedInfo().Name) }() // it ends by itself otherwise
	heads := map[string]head{}
	for left := c.CachedInfo().NumPending; left > 0; {
		batch, err := c.Fetch(int(min(left, 1000)), jetstream.FetchMaxWait(2*time.Second))
		if err != nil {
			return nil, err
		}
		came := uint64(0)
		for m := range batch.Messages() {
			came++
			h := head{run: m.Headers().Get(runHeader)}
			if h.number, err = strconv.ParseUint(m.Headers().Get(numberHeader), 10, 64); err != nil {
				continue // not a packet
			}
			if h.timeUS, err = strconv.ParseInt(m.Headers().Get(timeHeader), 10, 64); err == nil {
				heads[lastToken(m.Subject())] = h
			}
		}
		if came == 0 {
			break // trimmed meanwhile
		}
		left -= min(left, came)
	}
	return heads, nil
}
