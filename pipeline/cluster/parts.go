package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
)

// PartWriter writes detections to a new file.
type PartWriter func(ctx context.Context, path string, m pipeline.StreamMeta, rows []pipeline.Detection) error

// A part is a file with the detections of one stream between two of its states.
// It is written with the later state, before that is committed, and its name is
// committed with it: what a worker computes again it writes again, and a file
// whose name was not committed is removed by the next owner that finds it. Its
// name tells the positions in the input, part-PARTITION-PIPELINE-KEY-FIRST-LAST.

const (
	partForm  = ".arrow"
	partsMark = ".ganglion-parts-"
)

// partName is the name of a part or of its draft: partition, first, last.
var partName = regexp.MustCompile(`^part-(\d+)-.+-(\d+)-(\d+)` + regexp.QuoteMeta(partForm) + `(\.[^.]+\.tmp)?$`)

func (c Config) partSubject(p int, pipeline, key string) string {
	return fmt.Sprintf("%s-part.%d.%s.%s", c.Name, p, pipeline, key)
}

// part writes what a lane has detected since its last part, its first rows up to
// the packet at a sequence, and returns the message that is to be committed, nil
// where there is nothing.
func (p *partition) part(ctx context.Context, l *lane, rows int, at uint64) (*nats.Msg, error) {
	if p.cfg.Parts == "" || rows == 0 {
		return nil, nil
	}
	t := &l.track
	name := fmt.Sprintf("part-%d-%s-%s-%d-%d%s", p.n, t.Pipeline, t.Key, l.partFrom, at, partForm)
	if err := os.MkdirAll(p.cfg.Parts, 0o755); err != nil {
		return nil, fmt.Errorf("part: %w", err)
	}
	// Two workers may write the same part into one folder.
	draft := filepath.Join(p.cfg.Parts, name+"."+p.id+".tmp")
	meta := pipeline.StreamMeta{Name: t.Key, ConfigHash: l.pipeline.ConfigHash, Run: l.rows[0].Run, Info: t.Info, NextSeq: l.rows[0].Seq}
	err := p.parts(ctx, draft, meta, l.rows[:rows])
	if err == nil {
		err = outfile.Settle(draft, filepath.Join(p.cfg.Parts, name))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("part %s: %w", name, err), outfile.Remove(draft))
	}
	l.rows = append(l.rows[:0], l.rows[rows:]...)
	l.whole, l.must, l.partFrom = l.whole-rows, false, at+1
	return message(p.cfg.partSubject(p.n, t.Pipeline, t.Key), []byte(name)), nil
}

// sweep removes the partition's parts that are there now and were not committed:
// the partition has just been claimed, so they never will be.
func (p *partition) sweep(ctx context.Context) error {
	if p.cfg.Parts == "" {
		return nil
	}
	entries, err := os.ReadDir(p.cfg.Parts)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return !e.Type().IsRegular() || !p.isPart(e.Name()) })
	if len(entries) == 0 {
		return nil
	}
	committed, err := p.committedParts(ctx)
	if err != nil {
		return fmt.Errorf("parts: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		if committed[name] || strings.HasSuffix(name, ".tmp") && strings.Contains(name, "."+p.id+".") {
			continue
		}
		path := filepath.Join(p.cfg.Parts, name)
		p.log.Info("a file that was not committed is removed", "file", path)
		if err := outfile.Remove(path); err != nil {
			return fmt.Errorf("parts: %w", err)
		}
	}
	return nil
}

// isPart reports whether a file's name is that of a part of this partition, or of its
// draft.
func (p *partition) isPart(name string) bool {
	of := partName.FindStringSubmatch(name)
	if of == nil || of[1] != strconv.Itoa(p.n) {
		return false
	}
	first, err := strconv.ParseUint(of[2], 10, 64)
	last, err2 := strconv.ParseUint(of[3], 10, 64)
	return err == nil && err2 == nil && first > 0 && first <= last
}

// mark makes a folder of parts that of this cluster, by an empty file whose name
// tells the cluster and when its output was made, or refuses the folder of another:
// what is in there was never committed here, and would be removed.
func mark(c Config, output jetstream.Stream) error {
	if c.Parts == "" {
		return nil
	}
	if err := os.MkdirAll(c.Parts, 0o755); err != nil {
		return fmt.Errorf("parts: %w", err)
	}
	own := fmt.Sprintf("%s%s-%d", partsMark, c.Name, output.CachedInfo().Created.UnixNano())
	f, err := os.OpenFile(filepath.Join(c.Parts, own), os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("parts: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("parts: %w", err)
	}
	entries, err := os.ReadDir(c.Parts)
	if err != nil {
		return fmt.Errorf("parts: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), partsMark) && e.Name() != own {
			return errors.Join(fmt.Errorf("parts: %s holds files of another cluster, or of one whose output stream is gone: name another folder; "+
				"without its file %s they are removed", c.Parts, e.Name()), outfile.Remove(filepath.Join(c.Parts, own)))
		}
	}
	return nil
}

func (p *partition) committedParts(ctx context.Context) (map[string]bool, error) {
	c, err := p.output.CreateConsumer(ctx, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, FilterSubject: fmt.Sprintf("%s-part.%d.>", p.cfg.Name, p.n), MemoryStorage: true, Replicas: 1,
		InactiveThreshold: inactive,
	})
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.output.DeleteConsumer(ctx, c.CachedInfo().Name) }() // it ends by itself otherwise
	names := map[string]bool{}
	for left := c.CachedInfo().NumPending; left > 0; {
		batch, err := c.Fetch(int(min(left, 1000)), jetstream.FetchMaxWait(p.commits.timeout))
		if err != nil {
			return nil, err
		}
		came := uint64(0)
		for m := range batch.Messages() {
			names[string(m.Data())] = true
			came++
		}
		if err := batch.Error(); err != nil || came == 0 {
			return nil, errors.Join(err, fmt.Errorf("%d names of parts did not come", left))
		}
		left -= min(left, came)
	}
	return names, nil
}
