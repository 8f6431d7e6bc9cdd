package jsonl

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// dash is the path that means standard output.
const dash = "-"

// config is the sink's configuration.
type config struct {
	Path    string `key:"path" file:"write" doc:"File to write, {name} being the pipeline's name; - is standard output." example:"out/{name}.jsonl"`
	OnExist string `key:"on_exist" doc:"What becomes of a file that holds another run's detections: rotate renames it by run and first number, append continues behind them, replace begins the file again, refuse does not begin the run." enum:"rotate,append,replace,refuse"`
}

// Validate refuses an empty path.
func (c config) Validate() error {
	if c.Path == "" {
		return errors.New("path is empty")
	}
	return nil
}

// Component declares the sink.
func Component() component.Spec {
	return component.Sink("jsonl", "detections as JSON lines, to a file or standard output", config{Path: dash, OnExist: outfile.OnRotate},
		func(c config, env component.Env) (pipeline.Sink, error) {
			return newSink(c, jsonLines, env, os.Stdout), nil
		})
}

// form is how a detection is a line.
type form struct {
	head   string // what a file begins with
	append func(b []byte, d *pipeline.Detection) []byte
	parse  func(line []byte) (run string, seq uint64, ok bool)
	torn   string // what a line begins with, if each does
}

var jsonLines = form{
	append: func(b []byte, d *pipeline.Detection) []byte { return d.AppendJSON(b) },
	parse: func(line []byte) (run string, seq uint64, ok bool) {
		var record struct {
			Run string  `json:"run"`
			Seq *uint64 `json:"seq"`
		}
		if err := json.Unmarshal(line, &record); err != nil || record.Seq == nil {
			return "", 0, false
		}
		return record.Run, *record.Seq, true
	},
	torn: `{"`,
}

// chunk is the size at which lines are handed on within one Write, bytes. It
// bounds the sink's memory whatever the length of a Write.
const chunk = 64 << 10

type sink struct {
	form   form
	path   string
	stdout *os.File
	log    *slog.Logger
	out    output
	buf    []byte

	onExist    string
	run        string // of the detections
	skip       uint64 // those before this number are in the file
	duplicates uint64 // and came again
}

// output is where lines go. write returns how many bytes are out for good.
type output interface {
	write(ctx context.Context, p []byte) (int, error)
	close(ctx context.Context) error
}

func newSink(cfg config, f form, env component.Env, stdout *os.File) *sink {
	return &sink{form: f, path: outfile.Path(cfg.Path, env.Name), stdout: stdout, log: cmp.Or(env.Log, slog.New(slog.DiscardHandler)),
		onExist: cmp.Or(cfg.OnExist, outfile.OnRotate)}
}

func (s *sink) Open(ctx context.Context, m pipeline.StreamMeta) error {
	if s.path == dash {
		s.out = newRelay(s.stdout, nil)
		return s.begin(ctx)
	}
	f, err := outfile.Open(s.path)
	if err != nil {
		return err
	}
	if !outfile.Regular(f) {
		s.out = newRelay(f, f.Close)
		return s.begin(ctx)
	}
	p, err := s.find(ctx, f, m)
	if err == nil && p.move {
		f, err = s.setAside(ctx, f, p)
		p = place{}
	}
	var out *file
	if err == nil {
		out, err = newFile(f, s.path, s.form.head, p.size, s.log)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", s.path, err), f.Close())
	}
	s.out, s.run, s.skip = out, m.Run, p.skip
	return nil
}

// begin writes the head to an output that is not a file.
func (s *sink) begin(ctx context.Context) error {
	if s.form.head == "" {
		return nil
	}
	_, err := s.out.write(ctx, []byte(s.form.head))
	return err
}

// setAside renames a file of another run and begins a new one.
func (s *sink) setAside(ctx context.Context, f *os.File, p place) (*os.File, error) {
	part, err := outfile.SetAside(s.path, p.run, p.first)
	if err != nil {
		return f, err
	}
	s.log.InfoContext(ctx, "the file holds another run's detections and was renamed", "path", s.path, "to", part)
	fresh, err := outfile.Open(s.path)
	if err != nil {
		return f, err
	}
	return fresh, f.Close()
}

func (s *sink) Write(ctx context.Context, d []pipeline.Detection) error {
	written := 0
	for i := range d {
		if d[i].Seq < s.skip && d[i].Run == s.run {
			s.duplicates++
		} else {
			s.buf = append(s.form.append(s.buf, &d[i]), '\n')
		}
		if len(s.buf) < chunk && i < len(d)-1 {
			continue
		}
		n, err := s.out.write(ctx, s.buf)
		if err != nil {
			written += bytes.Count(s.buf[:n], []byte{'\n'})
			s.buf = nil // a stalled relay may still read it
			return &pipeline.PartialWriteError{Written: written, Err: fmt.Errorf("%s: %w", s.path, err)}
		}
		written = i + 1
		s.buf = s.buf[:0]
	}
	return nil
}

// Duplicates implements [pipeline.Deduplicating].
func (s *sink) Duplicates() uint64 { return s.duplicates }

// Check implements [pipeline.Watched].
func (s *sink) Check(context.Context) error {
	if f, ok := s.out.(*file); ok {
		return f.check()
	}
	return nil
}

// Commit implements [pipeline.Committed]. What went to a pipe is beyond reach.
func (s *sink) Commit(context.Context) error {
	f, ok := s.out.(*file)
	if !ok {
		return nil
	}
	if err := f.f.Sync(); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	return nil
}

func (s *sink) Close(ctx context.Context) error {
	if s.out == nil {
		return nil
	}
	return s.out.close(ctx)
}

var (
	_ pipeline.Sink      = (*sink)(nil)
	_ pipeline.Committed = (*sink)(nil)
)
