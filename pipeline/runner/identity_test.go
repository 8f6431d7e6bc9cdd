package runner_test

import (
	"context"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

// contained is a source of a content of its own.
type contained struct {
	*pipelinetest.FakeSource
	content string
	live    bool
}

func (c contained) Open(ctx context.Context) (pipeline.StreamInfo, error) {
	info, err := c.FakeSource.Open(ctx)
	info.Content, info.Live = c.content, c.live
	return info, err
}

// TestContentAndConfigurationNameARun: a repetition has the name of the run that
// it repeats, anything else and anything live has one of its own.
func TestContentAndConfigurationNameARun(t *testing.T) {
	t.Parallel()
	name := func(content, config string, live bool) string {
		t.Helper()
		g := newRig(3, 1, 1)
		p := g.pipeline()
		p.ConfigHash, p.Source = config, contained{p.Source.(*pipelinetest.FakeSource), content, live}
		return run(t, p, runner.Options{}).Run
	}
	first := name("a", "x", false)
	if again := name("a", "x", false); again != first || len(first) != 16 {
		t.Errorf("a repetition of %q is %q", first, again)
	}
	for what, other := range map[string]string{
		"another recording": name("b", "x", false), "another configuration": name("a", "y", false), "a live stream": name("a", "x", true),
		"a stream without content": name("", "x", false),
	} {
		if other == first {
			t.Errorf("%s bears the same name, %q", what, other)
		}
	}
	if first, second := name("a", "x", true), name("a", "x", true); first == second {
		t.Error("two live runs bear one name")
	}
}

func TestAChangedRecordingIsNotResumed(t *testing.T) {
	t.Parallel()
	p, _, o := saving(t.TempDir(), 10)
	source := p.Source.(*pipelinetest.FakeSource)
	p.Source = contained{source, "before", false}
	run(t, p, o)
	p, _, o2 := saving(o.Checkpoint.Dir, 10)
	o2.Checkpoint.Resume = true
	p.Source = contained{p.Source.(*pipelinetest.FakeSource), "after", false} // of the same size
	_, err := runner.Run(t.Context(), p, o2)
	if err == nil || !strings.Contains(err.Error(), `stream.content is "before" in the snapshot and "after" here`) {
		t.Errorf("error %v", err)
	}
}
