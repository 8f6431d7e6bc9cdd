package flow

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"

	"ganglion/internal/outfile"
	"ganglion/network/motion"
	"ganglion/network/motion/track"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/runner"
)

// config configures the sink.
type config struct {
	Path string `key:"path" file:"write" doc:"The Arrow file to write, {name} being the pipeline's name; one that is there is replaced." required:"true" example:"out/{name}-flow.arrow"`
}

// Component declares the sink.
func Component() component.Spec {
	return component.Sink("flow", "optical flow of the motion network as an Arrow file", config{},
		func(c config, env component.Env) (pipeline.Sink, error) { return newSink(c, env.Name), nil })
}

// sink writes what it sees of a run, from the goroutine that computes. It implements
// [pipeline.Sink] and [runner.Watcher].
type sink struct {
	path string
	meta pipeline.StreamMeta

	mu    sync.Mutex // guards all below, which Look and Close use
	flows *motion.Flows
	file  *os.File
	table *table
	bytes []byte
	err   error // the first that occurred, until it is reported
}

func newSink(c config, name string) *sink { return &sink{path: outfile.Path(c.Path, name)} }

// Open implements [pipeline.Sink].
func (s *sink) Open(_ context.Context, m pipeline.StreamMeta) (err error) {
	if m.Resumed {
		return fmt.Errorf("%s: a run that resumes cannot continue a file of flow", s.path)
	}
	s.meta = m
	if s.file, err = outfile.Create(s.path); err != nil {
		return err
	}
	if !outfile.Regular(s.file) {
		return fmt.Errorf("%s is not a regular file", s.path)
	}
	return s.file.Truncate(0)
}

// Watch implements [runner.Watcher].
func (s *sink) Watch(r *runner.Runner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begin(r.Layers())
}

// begin starts the table once the layers are known.
func (s *sink) begin(layers []pipeline.Layer) {
	if s.flows, s.err = motion.NewFlows(layers); s.err != nil {
		return
	}
	w, h := s.flows.Size()
	s.table = newTable(map[string]string{
		"stream": s.meta.Name, "config_hash": s.meta.ConfigHash, "run": s.meta.Run,
		"width": strconv.Itoa(w), "height": strconv.Itoa(h),
	})
}

// Look implements [runner.Watcher].
func (s *sink) Look(_ context.Context, a *pipeline.Activity, _ []pipeline.Detection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.table == nil || len(a.Layers) == 0 || s.err != nil {
		return
	}
	s.bytes = s.bytes[:0]
	s.flows.Each(a, func(t int64, x, y int, on bool, v track.Vec) { s.bytes = s.table.add(s.bytes, t, x, y, on, v) })
	s.write()
}

func (s *sink) write() {
	if len(s.bytes) > 0 {
		_, s.err = s.file.Write(s.bytes)
	}
}

// Write implements [pipeline.Sink]: detections tell that the run continues, and their
// count is what an error costs.
func (s *sink) Write(context.Context, []pipeline.Detection) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close ends the file.
func (s *sink) Close(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	if s.table != nil && s.err == nil {
		s.bytes = s.table.finish(s.bytes[:0])
		s.write()
	}
	f := s.file
	s.file, s.table = nil, nil
	return errors.Join(s.err, f.Sync(), f.Close())
}

var (
	_ pipeline.Sink  = (*sink)(nil)
	_ runner.Watcher = (*sink)(nil)
)
