package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"ganglion/internal/sleep"
)

// The names of what a cluster keeps on its servers.
func (c Config) inputStream() string    { return c.Name + "-input" }
func (c Config) outputStream() string   { return c.Name + "-output" }
func (c Config) leaseBucket() string    { return c.Name + "-leases" }
func (c Config) snapshotBucket() string { return c.Name + "-snapshots" }

// inputSubject is where the packets of a stream go.
func (c Config) inputSubject(key string) string {
	return fmt.Sprintf("%s-in.%d.%s", c.Name, c.partitionOf(key), key)
}

func (c Config) partitionSubject(p int) string  { return fmt.Sprintf("%s-in.%d.*", c.Name, p) }
func (c Config) checkpointSubject(p int) string { return fmt.Sprintf("%s-ckpt.%d", c.Name, p) }

// stateSubject is where the state of a stream in a pipeline goes.
func (c Config) stateSubject(p int, pipeline, key string) string {
	return fmt.Sprintf("%s-state.%d.%s.%s", c.Name, p, pipeline, key)
}

// detectionSubject is where the detections of a stream go; the kind is to be
// appended.
func (c Config) detectionSubject(p int, pipeline, key string) string {
	return fmt.Sprintf("%s-det.%d.%s.%s.", c.Name, p, pipeline, key)
}

// partitionsKey is the metadata of the input stream that fixes their number.
const partitionsKey = "ganglion.partitions"

// duplicateWindow is how long the input remembers the identities of packets;
// beyond it the expected sequences hold.
const duplicateWindow = 2 * time.Minute

func (c Config) storage() jetstream.StorageType {
	if c.Storage == "memory" {
		return jetstream.MemoryStorage
	}
	return jetstream.FileStorage
}

func (c Config) inputConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: c.inputStream(), Description: "packets of streams, for ganglion work", Subjects: []string{c.Name + "-in.*.*"},
		Storage: c.storage(), Replicas: c.Replicas, MaxBytes: int64(c.Input.Bytes), MaxAge: c.Input.Age, Discard: jetstream.DiscardNew,
		AllowAtomicPublish: true,
		Duplicates:         within(duplicateWindow, c.Input.Age), Metadata: map[string]string{partitionsKey: strconv.Itoa(c.Partitions)},
	}
}

// outputConfig is of the stream with detections, checkpoints and states. Only
// detections get old: a checkpoint is kept for ever, however long a partition is
// idle, so that age is a matter of single messages.
func (c Config) outputConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: c.outputStream(), Description: "detections and checkpoints of ganglion work",
		Subjects: []string{c.Name + "-det.>", c.Name + "-ckpt.*", c.Name + "-state.*.*.*", c.Name + "-part.*.*.*"},
		Storage:  c.storage(), Replicas: c.Replicas, MaxBytes: int64(c.Detections.Bytes), Discard: jetstream.DiscardNew,
		AllowAtomicPublish: true, AllowMsgTTL: true,
	}
}

func within(d, most time.Duration) time.Duration {
	if most > 0 {
		return min(d, most)
	}
	return d
}

// Step is one change that a cluster needs on its servers.
type Step struct {
	Text string // such as "create stream ganglion-input: ..."
	do   func(context.Context) error
}

// Plan lists what is missing on the servers, or different there. An error says
// what cannot be changed.
func Plan(ctx context.Context, js jetstream.JetStream, c Config) (steps []Step, err error) {
	for _, want := range []struct {
		jetstream.StreamConfig
		age time.Duration
	}{{c.inputConfig(), c.Input.Age}, {c.outputConfig(), c.Detections.Age}} {
		step, err := planStream(ctx, js, want.StreamConfig, want.age)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step...)
	}
	leases := jetstream.KeyValueConfig{
		Bucket: c.leaseBucket(), Description: "workers of ganglion and their partitions", History: 1, LimitMarkerTTL: time.Second,
		Replicas: c.Replicas, Storage: c.storage(),
	}
	if _, err = js.KeyValue(ctx, leases.Bucket); errors.Is(err, jetstream.ErrBucketNotFound) {
		steps = append(steps, Step{fmt.Sprintf("create bucket %s: leases, %s, %d copies", leases.Bucket, c.Storage, c.Replicas),
			func(ctx context.Context) error { _, err := js.CreateKeyValue(ctx, leases); return err }})
	} else if err != nil {
		return nil, fmt.Errorf("bucket %q: %w", leases.Bucket, err)
	}
	snapshots := jetstream.ObjectStoreConfig{Bucket: c.snapshotBucket(), Description: "large states of ganglion", Replicas: c.Replicas,
		Storage: c.storage()}
	if _, err = js.ObjectStore(ctx, snapshots.Bucket); errors.Is(err, jetstream.ErrBucketNotFound) ||
		errors.Is(err, jetstream.ErrStreamNotFound) {
		steps = append(steps, Step{fmt.Sprintf("create object store %s: states too large for a message, %s, %d copies", snapshots.Bucket,
			c.Storage, c.Replicas),
			func(ctx context.Context) error { _, err := js.CreateObjectStore(ctx, snapshots); return err }})
	} else if err != nil {
		return nil, fmt.Errorf("object store %q: %w", snapshots.Bucket, err)
	}
	return steps, nil
}

// noRoom is JetStream's code for a stream larger than what the servers offer
// (JSStorageResourcesExceededErr).
const noRoom jetstream.ErrorCode = 10047

// create makes a stream; where there is no room for it, the error says what to do.
func create(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) error {
	_, err := js.CreateStream(ctx, want)
	if api, ok := errors.AsType[*jetstream.APIError](err); ok && api.ErrorCode == noRoom {
		return fmt.Errorf("%w: the servers offer less than %d MiB: lower bytes of the stream in section cluster", err, want.MaxBytes>>20)
	}
	return err
}

func planStream(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig, age time.Duration) ([]Step, error) {
	limits := fmt.Sprintf("%s, %d copies, %s, kept %s", storageName(want.Storage), max(1, want.Replicas), bytesText(want.MaxBytes),
		ageText(age))
	s, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return []Step{{fmt.Sprintf("create stream %s: %v, %s", want.Name, want.Subjects, limits),
			func(ctx context.Context) error { return create(ctx, js, want) }}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("stream %q: %w", want.Name, err)
	}
	have := s.CachedInfo().Config
	if n, ok := have.Metadata[partitionsKey]; ok && n != want.Metadata[partitionsKey] {
		return nil, fmt.Errorf("stream %q has %s partitions, the configuration has %s: their number is fixed", want.Name, n,
			want.Metadata[partitionsKey])
	}
	if have.Storage != want.Storage {
		return nil, fmt.Errorf("stream %q is kept in %s, the configuration wants %s: that cannot be changed", want.Name,
			storageName(have.Storage), storageName(want.Storage))
	}
	if !slices.Equal(have.Subjects, want.Subjects) && have.Description != want.Description {
		return nil, fmt.Errorf("stream %q holds %v, which no cluster of ganglion does: it is somebody else's, choose another cluster.name",
			want.Name, have.Subjects)
	}
	bytes := want.MaxBytes
	if bytes == 0 {
		bytes = -1 // the server's word for without limit
	}
	if have.AllowAtomicPublish == want.AllowAtomicPublish && have.Replicas == max(1, want.Replicas) && have.MaxBytes == bytes &&
		have.MaxAge == want.MaxAge && slices.Equal(have.Subjects, want.Subjects) {
		return nil, nil
	}
	have.Replicas, have.MaxBytes, have.MaxAge, have.Duplicates = want.Replicas, want.MaxBytes, want.MaxAge, want.Duplicates
	have.Subjects, have.AllowAtomicPublish = want.Subjects, want.AllowAtomicPublish
	return []Step{{fmt.Sprintf("change stream %s: %s", want.Name, limits),
		func(ctx context.Context) error { _, err := js.UpdateStream(ctx, have); return err }}}, nil
}

func storageName(s jetstream.StorageType) string {
	if s == jetstream.MemoryStorage {
		return "memory"
	}
	return "file"
}

func bytesText(n int64) string {
	if n <= 0 {
		return "any size"
	}
	return fmt.Sprintf("at most %d MiB", n>>20)
}

func ageText(d time.Duration) string {
	if d == 0 {
		return "for ever"
	}
	return d.String()
}

// Apply makes what [Plan] listed. Several processes may do so at once.
func Apply(ctx context.Context, steps []Step) error {
	for _, s := range steps {
		err := s.do(ctx)
		for range 3 { // creating right after the account's last stream was deleted fails now and then
			if err == nil || ctx.Err() != nil {
				break
			}
			if err = sleep.For(ctx, 100*time.Millisecond); err == nil {
				err = s.do(ctx)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.Text, err)
		}
	}
	return nil
}
