package runner_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/runner"
)

// letters keeps what it gets.
type letters struct {
	mu     sync.Mutex // guards list
	list   []pipeline.DeadLetter
	broken error
	closed int
}

func (l *letters) Open(context.Context, pipeline.StreamMeta) error { return nil }

func (l *letters) Put(_ context.Context, d *pipeline.DeadLetter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken == nil {
		l.list = append(l.list, *d)
	}
	return l.broken
}

func (l *letters) Close(context.Context) error { l.closed++; return nil }

// runLosing runs a pipeline whose sink refuses the first of each write, takes the
// next 2 and cannot write the rest, and whose input is damaged.
// want is told which letter each detection must have.
func runLosing(t *testing.T, l *letters, most uint64, want map[string]string) runner.Summary {
	t.Helper()
	g := newRig(3, 5, 1)
	full := errors.New("no space")
	g.sinks[0].BeforeWrite = func(_ context.Context, d []pipeline.Detection) {
		g.sinks[0].WriteErr = &pipeline.PartialWriteError{Written: 2, Refused: []int{0}, Err: full}
		for i := range d {
			cause := "write_failed"
			switch i {
			case 0:
				cause = "refused"
			case 1, 2:
				continue
			}
			want[fmt.Sprintf("%s/%d", d[i].Run, d[i].Seq)] = cause
		}
	}
	g.sinks[0].CloseErr = &pipeline.LostError{Lost: 2, Err: full}
	g.source.BeforeRead = func(_ context.Context, n int) {
		switch n {
		case 1:
			g.source.Defects = []pipeline.Damage{{Offset: 7, Kind: "torn", Count: 1, LastUS: 900}}
		case 2:
			g.source.Defects = []pipeline.Damage{{Offset: 7, Kind: "torn", Count: 4, LastUS: 1900}}
		}
	}
	p := g.pipeline()
	if l != nil {
		p.Errors = &runner.Errors{To: l, Most: most, Input: "a.raw"}
	}
	s, err := runner.Run(t.Context(), p, runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(); err != nil {
		t.Error(err)
	}
	return s
}

func TestWhatIsLostForGoodIsWrittenDown(t *testing.T) {
	t.Parallel()
	var l letters
	want, got := map[string]string{}, map[string]string{}
	s := runLosing(t, &l, 100, want)
	var lost, damage uint64
	for _, d := range l.list {
		if d.Pipeline != "test" || d.Run == "" || d.TimeUnix == 0 {
			t.Errorf("%+v", d)
		}
		if d.Stage == "source" {
			damage += d.Count
			if d.Reference != "a.raw" || d.Position == nil || d.Cause != "torn" {
				t.Errorf("damage: %+v", d)
			}
			continue
		}
		lost += d.Count
		if d.Cause == "lost_after_write" {
			continue
		}
		got[d.Reference] = d.Cause
		var record pipeline.Detection
		if err := json.Unmarshal(d.Payload, &record); err != nil || record.T != d.TUS || !strings.HasPrefix(d.Reference, d.Run+"/") {
			t.Errorf("%v: %+v of %s", err, record, d.Reference)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if k := s.Sinks[0]; lost != k.Dropped || lost == 0 || damage != 4 {
		t.Errorf("letters tell of %d detections and %d defects, %d and 4 were lost", lost, damage, k.Dropped)
	}
	if first := l.list[0]; first.Stage == "source" && (first.Position.From != 7 || first.Position.To != 7) {
		t.Errorf("the first damage is at %+v", first.Position)
	}
	if s.Errors.Written != uint64(len(l.list)) || l.closed != 1 {
		t.Errorf("%d written of %d, closed %d times", s.Errors.Written, len(l.list), l.closed)
	}
}

func TestDeadLettersAreBoundedAndCounted(t *testing.T) {
	t.Parallel()
	var l letters
	s := runLosing(t, &l, 2, map[string]string{})
	if len(l.list) != 2 || s.Errors.Written != 2 || s.Errors.Dropped != s.Errors.In-2 || s.Errors.In < 5 {
		t.Errorf("%d letters: %+v", len(l.list), s.Errors)
	}
	l = letters{broken: errors.New("no space here either")}
	s = runLosing(t, &l, 100, map[string]string{})
	if s.Errors.Written != 0 || s.Errors.Dropped != s.Errors.In || s.Errors.FirstError == "" {
		t.Errorf("%+v", s.Errors)
	}
	if s = runLosing(t, nil, 0, map[string]string{}); s.Errors != nil || s.Sinks[0].Dropped == 0 {
		t.Errorf("without a route: %+v", s.Errors)
	}
}
