package cmd

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/runner"
)

// pair is a configuration of two pipelines that would run for 60 minutes.
const pair = `
name: left
source: {type: simulator, scene: disk, width: 64, height: 48, duration: 1h, pace: realtime}
encoder: {type: events}
network: {model: motion}
readout: {type: motion, update: 10ms}
queue: {policy: block}
sinks: [{type: jsonl, path: "{name}.jsonl"}]
---
name: right
source: {type: simulator, scene: disk, width: 64, height: 48, duration: 1h, pace: realtime}
encoder: {type: events}
network: {model: motion}
readout: {type: motion, update: 10ms}
queue: {policy: block}
sinks: [{type: jsonl, path: "{name}.jsonl"}]
`

// reloader is the program on a configuration that a test changes.
type reloader struct {
	t     *testing.T
	dir   string
	cmd   *exec.Cmd
	lines chan map[string]any // of the log
	text  string              // of the configuration
}

func newReloader(t *testing.T, text string, more ...string) *reloader {
	t.Helper()
	program, err := exec.LookPath("ganglion") // testscript puts this binary there
	if err != nil {
		t.Fatal(err)
	}
	r := &reloader{t: t, dir: t.TempDir(), lines: make(chan map[string]any, 4096)}
	r.write(text)
	r.cmd = exec.CommandContext(t.Context(), program, append([]string{"run", "c.yaml", "--log-json", "--summary", "summary.json"}, more...)...)
	r.cmd.Dir = r.dir
	log, err := r.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// The goroutine ends with the program.
	go func() {
		defer close(r.lines)
		for s := bufio.NewScanner(log); s.Scan(); {
			line := map[string]any{}
			if err := json.Unmarshal(s.Bytes(), &line); err != nil {
				line["msg"] = s.Text()
			}
			r.lines <- line
		}
	}()
	return r
}

func (r *reloader) write(text string) {
	r.t.Helper()
	r.text = text
	next := filepath.Join(r.dir, "next")
	if err := os.WriteFile(next, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Rename(next, filepath.Join(r.dir, "c.yaml")); err != nil {
		r.t.Fatal(err)
	}
}

// change replaces text of the configuration and tells the program.
func (r *reloader) change(old, next string) {
	r.t.Helper()
	if !strings.Contains(r.text, old) {
		r.t.Fatalf("no %q in the configuration", old)
	}
	r.write(strings.Replace(r.text, old, next, 1))
	r.hangup()
}

func (r *reloader) hangup() {
	r.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		r.t.Fatal(err)
	}
}

// await waits for a line of the log.
func (r *reloader) await(message string) map[string]any {
	r.t.Helper()
	late := time.After(60 * time.Second)
	for {
		select {
		case line, ok := <-r.lines:
			if !ok {
				r.t.Fatalf("the program ended before it logged %q", message)
			}
			if strings.Contains(line["msg"].(string), message) {
				return line
			}
		case <-late:
			r.t.Fatalf("no %q in the log", message)
		}
	}
}

// rows waits until the detections of a file are what is wanted, and returns all.
func (r *reloader) rows(file string, until func([]row) bool) (list []row) {
	r.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for late := time.Now().Add(60 * time.Second); time.Now().Before(late); {
		text, _ := os.ReadFile(filepath.Join(r.dir, file)) // it may not be there yet
		list = list[:0]
		for line := range strings.Lines(string(text)) {
			var one row
			if json.Unmarshal([]byte(line), &one) == nil {
				list = append(list, one)
			}
		}
		if until(list) {
			return list
		}
		<-tick.C
	}
	r.t.Fatalf("%s: %d detections, and not what was waited for", file, len(list))
	return nil
}

// row is what the tests look at of a detection.
type row struct {
	Hash string `json:"config_hash"`
	Run  string `json:"run"`
	Seq  uint64 `json:"seq"`
}

// end stops the program and returns its summaries by name, in their order.
func (r *reloader) end() map[string][]runner.Summary {
	r.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		r.t.Fatal(err)
	}
	for range r.lines { // to the end
	}
	if err := r.cmd.Wait(); err != nil {
		r.t.Errorf("want exit code 0, got %v", err)
	}
	f, err := os.Open(filepath.Join(r.dir, "summary.json"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	all := map[string][]runner.Summary{}
	for d := json.NewDecoder(f); d.More(); {
		var s runner.Summary
		if err := d.Decode(&s); err != nil {
			r.t.Fatal(err)
		}
		if events, detections := s.Lost(); events+detections > 0 {
			r.t.Errorf("%s lost %d events and %d detections", s.Name, events, detections)
		}
		all[s.Name] = append(all[s.Name], s)
	}
	return all
}

func some(list []row) bool { return len(list) > 5 }

func TestAReloadChangesThresholdsAtOnceAndLosesNothing(t *testing.T) {
	r := newReloader(t, pair)
	first := r.rows("left.jsonl", some)[0]
	r.change("update: 10ms", "update: 30ms")
	line := r.await("the readout has another configuration")
	if line["stream"] != "left" || line["config_hash"] == first.Hash {
		t.Errorf("%v after %s", line, first.Hash)
	}
	list := r.rows("left.jsonl", func(list []row) bool { return some(list) && list[len(list)-1].Hash == line["config_hash"] })
	changes := 0
	for i, d := range list {
		if d.Seq != uint64(i) || !pipeline.OfRun(d.Run, first.Run) {
			t.Errorf("detection %d is number %d of run %s", i, d.Seq, d.Run)
		}
		if i > 0 && d.Hash != list[i-1].Hash {
			changes++
		}
	}
	if changes != 1 {
		t.Errorf("the hash changed %d times", changes)
	}
	if all := r.end(); len(all["left"]) != 1 || len(all["right"]) != 1 {
		t.Errorf("%d and %d runs, want one each", len(all["left"]), len(all["right"]))
	}
}

func TestAReloadRestartsWhatHasChangedAndNothingElse(t *testing.T) {
	r := newReloader(t, pair)
	first := r.rows("left.jsonl", some)[0]
	right := r.rows("right.jsonl", some)[0]

	r.change("model: motion}", "model: motion, step: 1ms}")
	r.await("the configuration was read again")
	second := r.rows("left.jsonl", func(list []row) bool { return some(list) && list[0].Run != first.Run })[0]
	if second.Seq != 0 || second.Hash == first.Hash {
		t.Errorf("the changed pipeline begins with %+v after %+v", second, first)
	}

	// A faulty file, one that cannot be opened, and one whose sink cannot.
	r.change("model: motion, step: 1ms", "model: motoin, step: 1ms")
	line := r.await("the configuration is not taken over")
	if text := line["error"].(string); !strings.Contains(text, `c.yaml:5:18: network.model: unknown network "motoin", did you mean "motion"?`) {
		t.Error(text)
	}
	r.change("model: motoin, step: 1ms", "model: motion, step: 1ms")
	r.await("the configuration was read again")
	before := len(r.rows("left.jsonl", some))
	r.change(`{type: jsonl, path: "{name}.jsonl"}`, `{type: nats, url: "nats://127.0.0.1:1"}`)
	line = r.await("the configuration is not taken over")
	if text := line["error"].(string); !strings.Contains(text, "it runs as it was before") {
		t.Error(text)
	}
	r.rows("left.jsonl", func(list []row) bool { return len(list) > before })
	if now := r.rows("right.jsonl", some); now[0] != right {
		t.Errorf("the other pipeline has begun again: %+v after %+v", now[0], right)
	}
	if all := r.end(); len(all["right"]) != 1 {
		t.Errorf("%d runs of the other pipeline, want one", len(all["right"]))
	}
}

func TestAReloadBeginsAndEndsPipelines(t *testing.T) {
	r := newReloader(t, pair, "--watch")
	r.rows("right.jsonl", some)
	left, right, _ := strings.Cut(pair, "---\n")
	r.write(left + "---\n" + strings.Replace(right, "right", "third", 1)) // --watch sees it
	line := r.await("the configuration was read again")
	if line["new"] != 1. || line["removed"] != 1. || line["unchanged"] != 1. {
		t.Error(line)
	}
	r.rows("third.jsonl", some)
	before := len(r.rows("right.jsonl", some))
	r.write(pair)
	r.await("the configuration was read again")
	// The same detections again, of which the file has the first: it continues behind them.
	again := r.rows("right.jsonl", func(list []row) bool { return len(list) > before })
	for i, d := range again {
		if d.Seq != uint64(i) || d.Run != again[0].Run {
			t.Fatalf("row %d is %+v, the first %+v", i, d, again[0])
		}
	}
	all := r.end()
	if len(all["left"]) != 1 || len(all["right"]) != 2 || len(all["third"]) != 1 {
		t.Errorf("runs: left %d, right %d, third %d", len(all["left"]), len(all["right"]), len(all["third"]))
	}
}
