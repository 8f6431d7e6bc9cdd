package cluster

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/natsconn"
)

// Config is the section "cluster" of a pipeline. All pipelines of one cluster
// have the same, but for Streams.
type Config struct {
	URL string `key:"url" doc:"Servers of the cluster, separated by commas." example:"nats://10.0.0.7:4222,nats://10.0.0.8:4222"`

	natsconn.Access `key:",squash"`

	Name       string   `key:"name" doc:"Name of the cluster: its streams, buckets and subjects begin with it."`
	Partitions int      `key:"partitions" doc:"Number of partitions that streams are spread over; fixed once the streams exist." min:"1" max:"4096"`
	Streams    []string `key:"streams" doc:"Keys of the streams that this pipeline takes, with * for any run of characters; empty is the pipeline's own name." example:"[cam-*]"`
	Rollout    int      `key:"rollout" doc:"Number of the roll-out: raise it with a new model or configuration; a partition never returns to a lower one." min:"0"`

	Packet   time.Duration `key:"packet" doc:"Sensor time of one packet." min:"1ms" max:"10s"`
	Commit   time.Duration `key:"commit" doc:"Longest time from a detection until it is committed." min:"1ms" max:"1m"`
	Snapshot time.Duration `key:"snapshot" doc:"Time between two snapshots of a stream's state; after a failure so much is computed again." min:"10ms" max:"1h"`
	Lease    time.Duration `key:"lease" doc:"Time after which the partitions of a silent worker are taken over; whole seconds." min:"1s" max:"10m"`

	Stuck time.Duration `key:"stuck" doc:"Longest time that one packet may take; a worker that needs longer ends, and a stream that ends workers is set aside." min:"100ms" max:"1h"`

	Replicas   int    `key:"replicas" doc:"Servers that keep a copy of everything." min:"1" max:"5"`
	Storage    string `key:"storage" doc:"Where servers keep it." enum:"file,memory"`
	Input      Limits `key:"input" doc:"How much of the input is kept; a full stream holds feeders back."`
	Detections Limits `key:"detections" doc:"How much of the detections is kept; a full stream holds workers back."`
	Parts      string `key:"parts" doc:"Folder for Arrow files of detections, one for each snapshot of a stream that detected something; empty writes none."`
	Spool      Spool  `key:"spool" doc:"Packets of a live stream that wait on disk while servers are away."`
}

// Limits bound a stream.
type Limits struct {
	Bytes component.Bytes `key:"bytes" doc:"Size of the stream, for which JetStream must have room; 0 is without limit."`
	Age   time.Duration   `key:"age" doc:"How long a message is kept at most; 0 is for ever." min:"0s"`
}

// Spool configures the disk that a feeder of a live stream may use.
type Spool struct {
	Dir   string          `key:"dir" file:"folder" doc:"Folder for packets that wait; empty keeps them in memory."`
	Bytes component.Bytes `key:"bytes" doc:"Most that may wait; beyond it the newest packets are dropped and counted." min:"64KiB"`
}

// NewDefaultConfig is the configuration of a pipeline that configures none.
func NewDefaultConfig() Config {
	return Config{
		URL: "nats://127.0.0.1:4222", Name: "ganglion", Partitions: 16,
		Packet: 20 * time.Millisecond, Commit: 100 * time.Millisecond, Snapshot: 5 * time.Second, Lease: 5 * time.Second, Stuck: time.Minute,
		Replicas: 1, Storage: "file", Input: Limits{Bytes: 8 << 30}, Detections: Limits{Age: 24 * time.Hour},
		Spool: Spool{Bytes: 1 << 30},
	}
}

// CheckKey reports what is wrong with the key of a stream.
func CheckKey(key string) error {
	if !pipeline.IsName(key) {
		return fmt.Errorf("stream key %q: want letters, digits, _ and - (subjects and file names use it), at most 64", key)
	}
	return nil
}

// Validate finds what the bounds of single fields cannot say.
func (c Config) Validate() error {
	var errs []error
	for s := range strings.SplitSeq(c.URL, ",") {
		if _, err := natsconn.ParseURL(s); err != nil {
			errs = append(errs, fmt.Errorf("url: %w", err))
		}
	}
	if !pipeline.IsName(c.Name) {
		errs = append(errs, fmt.Errorf("name %q: want letters, digits, _ and -, at most 64", c.Name))
	}
	for _, pattern := range c.Streams {
		if !pipeline.IsName(strings.ReplaceAll(pattern, "*", "x")) {
			errs = append(errs, fmt.Errorf("streams: %q: want letters, digits, _, - and *", pattern))
		}
	}
	if c.Lease%time.Second != 0 {
		errs = append(errs, fmt.Errorf("lease: %v is not a number of whole seconds", c.Lease))
	}
	return errors.Join(append(errs, c.Access.Validate())...)
}

// Precheck reports folders that could not be made, without making them.
func (c Config) Precheck() error {
	var errs []error
	for _, folder := range []struct{ key, dir string }{{"parts", c.Parts}, {"spool.dir", c.Spool.Dir}} {
		if folder.dir == "" {
			continue
		}
		if err := outfile.CheckFolder(folder.dir); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", folder.key, err))
		}
	}
	return errors.Join(errs...)
}

// Shared is the part of the configuration that all pipelines of a cluster have
// in common.
func (c Config) Shared() Config {
	c.Streams = nil
	return c
}

// Takes reports whether a pipeline of that name and configuration takes the
// stream of a key.
func (c Config) Takes(name, key string) bool {
	if len(c.Streams) == 0 {
		return key == name
	}
	for _, pattern := range c.Streams {
		if ok, _ := path.Match(pattern, key); ok { // the only special character is *
			return true
		}
	}
	return false
}

// partitionOf is the partition of a stream.
func (c Config) partitionOf(key string) int { return int(hash(key) % uint64(c.Partitions)) }

// hash is FNV-1a of 64 bits, mixed so that similar texts differ in all bits.
func hash(texts ...string) uint64 {
	h := uint64(14695981039346656037)
	for _, s := range texts {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
