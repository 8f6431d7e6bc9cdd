package cmd

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/cmd/service"
	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
	"ganglion/sinks/arrow"
)

// resumable is a pipeline of real components in the folder DIR.
const resumable = `
name: left
source:  SOURCE
encoder: {type: events, filters: [{type: stcf}, {type: refractory}]}
network: {model: motion, shards: 1, step: 1ms}
readout: {type: motion}
sinks:
  - {type: jsonl, path: DIR/d.jsonl}
  - {type: arrow, path: DIR/d.arrow, batch_rows: 64}
`

// simulated is a recording of the simulator in a folder of the test.
func simulated(t *testing.T, scene, duration string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "input.raw")
	runQuietly(t, "simulate", scene, "--width", "64", "--height", "48", "--noise", "2", "--seed", "3", "--duration", duration, "-o", path)
	return path
}

// prepared assembles the pipeline with its outputs in dir.
func prepared(t *testing.T, source, dir string, shards int) (*config.Pipeline, runner.Pipeline) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "c.yaml")
	text := strings.NewReplacer("DIR", dir, "SOURCE", source).Replace(resumable)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	all, err := ganglion.loadPipelines([]string{file}, []string{fmt.Sprintf("network.shards=%d", shards)})
	if err != nil {
		t.Fatal(err)
	}
	p, err := service.Assemble(all[0], false, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return all[0], p
}

// runSaving runs the pipeline with snapshots in dir.
func runSaving(t *testing.T, c *config.Pipeline, p runner.Pipeline, dir string, every time.Duration, resume bool,
	progress func(runner.Progress)) {
	t.Helper()
	f := checkpointFlags{dir: dir, every: every, resume: resume}
	id, err := identity(c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := runner.Run(t.Context(), p, runner.Options{Identity: id, Checkpoint: f.of(), Progress: progress})
	if err == nil {
		err = s.Verify()
	}
	if err != nil {
		t.Fatal(err)
	}
	if resume != s.Checkpoints.Resumed {
		t.Fatalf("%+v", s.Checkpoints)
	}
}

// history is a run without a stop and the snapshot that it took after each of
// its batches, by the name of the snapshot's file.
type history struct {
	source, dir string
	snapshots   map[string][]byte
	names       []string
	jsonl       []byte
	rows        []pipeline.Detection
}

func recordHistory(t *testing.T, source string) *history {
	t.Helper()
	h := &history{source: source, dir: t.TempDir(), snapshots: map[string][]byte{}}
	state := t.TempDir()
	collect := func(runner.Progress) {
		files, _ := filepath.Glob(filepath.Join(state, "*.snapshot"))
		for _, f := range files {
			name := filepath.Base(f)
			if b, err := os.ReadFile(f); err == nil && h.snapshots[name] == nil {
				h.snapshots[name], h.names = b, append(h.names, name)
			}
		}
	}
	c, p := prepared(t, source, h.dir, 1)
	runSaving(t, c, p, state, time.Millisecond, false, collect)
	collect(runner.Progress{})
	var err error
	if h.jsonl, err = os.ReadFile(filepath.Join(h.dir, "d.jsonl")); err != nil {
		t.Fatal(err)
	}
	if h.rows, err = arrow.ReadDetections(filepath.Join(h.dir, "d.arrow")); err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(h.jsonl, []byte{'\n'}); n < 20 || n != len(h.rows) || len(h.names) < 20 {
		t.Fatalf("%d lines, %d rows, %d snapshots: too few to show anything", n, len(h.rows), len(h.names))
	}
	return h
}

// resumed resumes from a snapshot with the files of the whole run, which hold
// what it was to write already, and returns the lines and rows afterwards.
func (h *history) resumed(t *testing.T, name string, shards int, change func(*runner.Pipeline)) ([]byte, []pipeline.Detection) {
	t.Helper()
	out, state := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(state, name), h.snapshots[name], 0o644); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"d.jsonl", "d.arrow"} {
		b, err := os.ReadFile(filepath.Join(h.dir, file))
		if err == nil {
			err = os.WriteFile(filepath.Join(out, file), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	c, p := prepared(t, h.source, out, shards)
	change(&p)
	runSaving(t, c, p, state, time.Hour, true, nil)
	lines, err := os.ReadFile(filepath.Join(out, "d.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := arrow.ReadDetections(filepath.Join(out, "d.arrow"))
	if err != nil {
		t.Fatal(err)
	}
	return lines, rows
}

func TestResumingAfterAnyBatchIsNeverHavingStopped(t *testing.T) {
	for kind, source := range map[string]string{
		"recording": "{type: recording, path: " + simulated(t, "crossing", "500ms") + "}",
		"simulator": "{type: simulator, scene: bar-45, width: 64, height: 48, noise: 2, duration: 400ms, window: 7ms}",
	} {
		t.Run(kind, func(t *testing.T) {
			h := recordHistory(t, source)
			for i, name := range h.names {
				lines, rows := h.resumed(t, name, 1+i%3, func(*runner.Pipeline) {})
				if !bytes.Equal(lines, h.jsonl) {
					t.Errorf("%s: other lines: %s", name, cmp.Diff(string(h.jsonl), string(lines)))
				}
				if len(rows) != len(h.rows) {
					t.Errorf("%s: %d rows, want %d", name, len(rows), len(h.rows))
				}
				for i := range min(len(rows), len(h.rows)) {
					if a, b := rows[i].AppendJSON(nil), h.rows[i].AppendJSON(nil); !bytes.Equal(a, b) {
						t.Fatalf("%s: row %d is %s, want %s", name, i, a, b)
					}
				}
			}
		})
	}
}

// The forgetful components save their state and do not restore it.
type (
	forgetfulEncoder struct {
		pipeline.Encoder
		pipeline.Stateful
	}
	forgetfulNetwork struct {
		pipeline.Network
		pipeline.Stateful
	}
	forgetfulReadout struct {
		pipeline.Readout
		pipeline.Stateful
	}
)

func (forgetfulEncoder) RestoreState([]byte) error { return nil }
func (forgetfulNetwork) RestoreState([]byte) error { return nil }
func (forgetfulReadout) RestoreState([]byte) error { return nil }

func TestTheResumeTestSeesStateThatIsForgotten(t *testing.T) {
	h := recordHistory(t, "{type: recording, path: "+simulated(t, "crossing", "500ms")+"}")
	for kind, change := range map[string]func(*runner.Pipeline){
		"encoder": func(p *runner.Pipeline) {
			build := p.Encoder
			p.Encoder = func(i pipeline.StreamInfo) (pipeline.Encoder, error) {
				e, err := build(i)
				return forgetfulEncoder{e, e.(pipeline.Stateful)}, err
			}
		},
		"network": func(p *runner.Pipeline) {
			build := p.Network
			p.Network = func(in pipeline.Shape) (pipeline.Network, error) {
				n, err := build(in)
				return forgetfulNetwork{n, n.(pipeline.Stateful)}, err
			}
		},
		"readout": func(p *runner.Pipeline) {
			build := p.Readout
			p.Readout = func(i pipeline.StreamInfo, l []pipeline.Layer) (pipeline.Readout, error) {
				r, err := build(i, l)
				return forgetfulReadout{r, r.(pipeline.Stateful)}, err
			}
		},
	} {
		seen := false
		for i := 0; i < len(h.names) && !seen; i += 4 {
			lines, _ := h.resumed(t, h.names[i], 1, change)
			seen = !bytes.Equal(lines, h.jsonl)
		}
		if !seen {
			t.Errorf("%s: its state was not restored and no detection changed", kind)
		}
	}
}

func TestAModelCountsByItsContentAndShardsDoNotCount(t *testing.T) {
	model := filepath.Join(t.TempDir(), "model.nir")
	file := filepath.Join(t.TempDir(), "c.yaml")
	text := "{name: a, source: {type: recording, path: x.raw}, encoder: {type: events}, network: {model: nir, path: " + model +
		"}, readout: {type: motion}}"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	of := func(content string, sets ...string) checkpoint.Identity {
		if err := os.WriteFile(model, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		all, err := ganglion.loadPipelines([]string{file}, sets)
		if err != nil {
			t.Fatal(err)
		}
		id, err := identity(all[0])
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	one := of("weights")
	for _, set := range []string{"network.shards=3", "source.pace=2x", "source.path=y.raw"} {
		if err := one.Check(of("weights", set)); err != nil {
			t.Errorf("%s: %v", set, err)
		}
	}
	if err := one.Check(of("other weights")); err == nil || !strings.Contains(err.Error(), "network.path (SHA-256) is") {
		t.Errorf("error %v", err)
	}
	if err := os.Remove(model); err != nil {
		t.Fatal(err)
	}
	all, err := ganglion.loadPipelines([]string{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := identity(all[0]); err == nil || !strings.Contains(err.Error(), "network.path: ") {
		t.Errorf("without the model: error %v", err)
	}
}
