package pipeline_test

import (
	"testing"

	"ganglion/pipeline"
)

func TestARunTellsItsRecording(t *testing.T) {
	t.Parallel()
	const content = "0123456789abcdef0123456789abcdef"
	run := pipeline.RecordingRun(content, "3f2a")
	if run != "01234567-3f2a" || pipeline.RecordingOf(run) != "01234567" || pipeline.Recording(content) != "01234567" {
		t.Errorf("%s of recording %q", run, pipeline.RecordingOf(run))
	}
	if got := pipeline.RecordingOf(pipeline.StoppedRun(run, -7)); got != "01234567" {
		t.Errorf("a stopped run is of recording %q", got)
	}
	for _, content := range []string{"", "simulation"} {
		if run := pipeline.RecordingRun(content, "3f2a"); run != "3f2a" || pipeline.RecordingOf(run) != "" {
			t.Errorf("%q: %s", content, run)
		}
	}
}
