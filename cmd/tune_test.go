package cmd

import (
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ganglion/cmd/service"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
)

// detectedWith runs a pipeline over its input. With another configuration the
// readout is built for the pipeline's own and then adjusted to the other.
func detectedWith(t *testing.T, p, adjusted *config.Pipeline) []pipeline.Detection {
	t.Helper()
	parts, err := service.Assemble(p, true, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	build := parts.Readout
	parts.Readout = func(info pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
		r, err := build(info, layers)
		if err == nil && adjusted != nil {
			err = r.(pipeline.Adjustable).Adjust(adjusted.Readout.Config)
		}
		return r, err
	}
	all := new(collector)
	parts.Sinks, parts.Queue.Policy = []runner.Sink{{Name: "all", Sink: all}}, runner.Block
	if _, err := runner.Run(t.Context(), parts, runner.Options{}); err != nil {
		t.Fatal(err)
	}
	return all.list
}

// otherThresholds are values of --set that change every live key of a readout.
func otherThresholds(t *testing.T, cfg any) (sets []string) {
	t.Helper()
	live := liveKeys("", component.Fields(cfg))
	for _, leaf := range component.Leaves(cfg) {
		number := func(s string) bool { _, err := strconv.Atoi(s); return err == nil }
		key := strings.Join(slices.DeleteFunc(strings.Split(leaf.Path, "."), number), ".")
		field, ok := live[key]
		if !ok || leaf.Type == component.TypeList { // lists of rules are tested beside them
			continue
		}
		text := leaf.Text
		switch leaf.Type {
		case component.TypeString:
			text = field.Enum[(slices.Index(field.Enum, text)+1)%len(field.Enum)]
		case component.TypeDuration:
			d, err := time.ParseDuration(text)
			if err != nil {
				t.Fatal(err)
			}
			text = (2*d + 10*time.Millisecond).String()
		case component.TypeInteger:
			n, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			text = strconv.Itoa(4*n + 1)
		default:
			x, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			switch text = fmt.Sprint(x * .75); {
			case x == 0 && strings.HasPrefix(field.Key, "max_"):
				text = "5000" // as an upper bound, 0.9 would leave nothing to compare
			case x == 0:
				text = "0.9"
			}
		}
		sets = append(sets, "readout."+leaf.Path+"="+text)
	}
	return sets
}

// liveKeys are the fields that change while a readout runs, by their path.
func liveKeys(path string, fields []component.Field) map[string]component.Field {
	live := map[string]component.Field{}
	for _, f := range fields {
		at := strings.TrimPrefix(path+"."+f.Key, ".")
		if f.Live {
			live[at] = f
		}
		maps.Copy(live, liveKeys(at, f.Nested()))
	}
	return live
}

// TestLiveKeysTakeEffectWithoutANewRun changes all live keys of the readouts of
// all that ships: the readout that was adjusted detects what one that was built
// with them does, which is not what it did before.
func TestLiveKeysTakeEffectWithoutANewRun(t *testing.T) {
	t.Chdir("..")
	files, err := filepath.Glob("configs/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	options := cmp.Options{cmpopts.IgnoreFields(pipeline.Detection{}, "Run", "ConfigHash"), cmpopts.EquateNaNs()}
	tested := map[string]bool{}
	for _, file := range files {
		old := loadOne(t, file)
		other := loadOne(t, file, otherThresholds(t, old.Readout.Config)...)
		tested[old.Readout.Spec.Name] = true
		if how := config.Changed(old, other); how != config.Threshold {
			t.Errorf("%s: a change of live keys is %d", file, how)
		}
		before, want, got := detectedWith(t, old, nil), detectedWith(t, other, nil), detectedWith(t, old, other)
		if d := cmp.Diff(want, got, options); d != "" {
			t.Errorf("%s: %d detections, adjusted %d:\n%.2000s", file, len(want), len(got), d)
		}
		if cmp.Equal(before, got, options) {
			t.Errorf("%s: other thresholds change nothing", file)
		}
	}
	for _, spec := range ganglion.components.OfKind(component.KindReadout) {
		if !tested[spec.Name] {
			t.Errorf("no configuration in configs has the readout %s", spec.Name)
		}
	}
}

func loadOne(t *testing.T, file string, sets ...string) *config.Pipeline {
	t.Helper()
	pipelines, err := ganglion.loadPipelines([]string{file}, sets)
	if err != nil {
		t.Fatal(err)
	}
	return pipelines[0]
}
