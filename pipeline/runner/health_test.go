package runner_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

// sick is a source that is not well.
type sick struct{ *pipelinetest.FakeSource }

func (sick) Health() error { return errors.New("nobody sends") }

// TestProblemsTellWhichPartFails: while a run is under way its source, a sink and
// its checkpoints fail, and each is named with its cause.
func TestProblemsTellWhichPartFails(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	p, sink, o := saving(dir, 10)
	source := p.Source.(*pipelinetest.FakeSource)
	p.Source = sick{source}
	sink.WriteErr = errors.New("the disk is full")
	var r *runner.Runner
	var got []string
	source.BeforeRead = func(_ context.Context, n int) {
		if n == 0 {
			os.RemoveAll(dir)
		}
		if n < 9 {
			return
		}
		for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(time.Millisecond) {
			got = nil
			for _, p := range r.Problems() {
				got = append(got, p.Part+": "+p.Error)
			}
			if len(got) == 3 {
				return
			}
		}
	}
	r, err := runner.New(p, o)
	if err != nil {
		t.Fatal(err)
	}
	tell := func(when, want string) {
		t.Helper()
		if list := r.Problems(); len(list) != 1 || list[0] != (runner.Problem{Part: "pipeline", Error: want}) {
			t.Errorf("%s: %v", when, list)
		}
	}
	tell("before", "is not open yet")
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	tell("after", "has come to its end")
	want := []string{"source: nobody sends", "sink committed: the disk is full", "checkpoint: the last snapshot failed: checkpoint: open " +
		filepath.Join(dir, "test.snapshot.tmp") + ": no such file or directory"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
