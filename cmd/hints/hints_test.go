package hints

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
)

type source struct {
	Path  string `key:"path" doc:"The file."`
	Start string `key:"start" doc:"From here."`
}

type file struct {
	Path string `key:"path" doc:"The file." file:"write"`
}

func testPipeline(start string) *config.Pipeline {
	sink := component.Sink("jsonl", "lines", file{}, func(file, component.Env) (pipeline.Sink, error) { return nil, nil })
	in := component.Source("recording", "a file", source{}, func(source, component.Env) (pipeline.Source, error) { return nil, nil })
	return &config.Pipeline{
		Name: "door", File: "door.yaml", Source: config.Part{Spec: in, Config: &source{"in.raw", start}},
		Sinks: []config.Part{{Spec: sink, Config: &file{"out/{name}.jsonl"}}},
	}
}

func TestNextNamesFilesCommandsAndTheLastDetection(t *testing.T) {
	d := pipeline.UnknownDetection()
	d.Kind, d.T, d.TrackID, d.X1, d.Y1, d.X0, d.Y0 = pipeline.MotionStart, 1_500_000, 3, 10, 10, 0, 0
	d.DirectionDeg, d.SpeedPxS = 91, 20
	s := runner.Summary{Stream: runner.Stream{Modality: pipeline.EventStream}, Last: &d}
	var out bytes.Buffer
	if Next(&out, testPipeline(""), &s, false, false); out.Len() > 0 {
		t.Errorf("a run that read nothing: %s", &out)
	}
	s.Input.Events.In = 1
	Next(&out, testPipeline(""), &s, false, false)
	for _, want := range []string{
		"1.500 s, object 3 appears, at (5, 5) moving down at 20 px/s", "out/door.jsonl",
		"ganglion view in.raw -o door.gif --detections out/door.jsonl", "the same command with --view",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

func TestNothingNamesTheReason(t *testing.T) {
	s := runner.Summary{Stream: runner.Stream{Modality: pipeline.EventStream}, Input: runner.Input{Unit: "events"}}
	for start, want := range map[string]string{"": "holds none", "5s": "ends before source.start, 5s"} {
		var out bytes.Buffer
		Nothing(&out, testPipeline(start), &s)
		if !strings.Contains(out.String(), want) {
			t.Errorf("start %q: %s", start, &out)
		}
	}
	s.Input.Events.In = 1
	var out bytes.Buffer
	if Nothing(&out, testPipeline(""), &s); out.Len() > 0 {
		t.Errorf("a run that read something: %s", &out)
	}
}

func TestTheProgramIsNamedAsItWasCalled(t *testing.T) {
	called := os.Args[0]
	defer func() { os.Args[0] = called }()
	for by, want := range map[string]string{
		"./ganglion": "./ganglion", "ganglion": "ganglion", "/usr/local/bin/ganglion": "ganglion",
		"/tmp/go-build12/b001/exe/ganglion": "go run ./cmd/ganglion", "/tmp/go-build12/b001/cmd.test": "ganglion",
	} {
		if os.Args[0] = by; program() != want {
			t.Errorf("called as %s: %q, want %q", by, program(), want)
		}
	}
}
