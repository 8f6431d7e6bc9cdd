package livepage

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
	"ganglion/sinks/dashboard"
)

// Offer is what the program can do for the page of one pipeline.
type Offer struct {
	Pipeline *config.Pipeline
	// Load reads the pipeline's configuration again, with more values replaced.
	Load func(more []config.Override) (*config.Pipeline, error)
	// Assemble builds a pipeline without its sinks.
	Assemble func(*config.Pipeline, *slog.Logger) (runner.Pipeline, error)
}

// to tells the pages among a pipeline's sinks what the program can do for them.
func (o Offer) to(sinks []runner.Sink) {
	for _, s := range sinks {
		if d, ok := s.Sink.(*dashboard.Sink); ok {
			d.Offer(dashboard.Offer{Replay: o.replay, Tune: o.tune, Settings: o.settings})
		}
	}
}

// overrides reads values as --set takes them.
func overrides(set []string) (list []config.Override, err error) {
	for _, s := range set {
		o, err := config.ParseSet(s)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

// replay runs the pipeline from a time on, without its sinks, as fast as pace lets it.
func (o Offer) replay(
	ctx context.Context, set []string, start int64, pace func(pipeline.Source) pipeline.Source, into *dashboard.Sink,
) error {
	more, err := overrides(set)
	if err != nil {
		return err
	}
	for _, l := range component.Leaves(o.Pipeline.Source.Config) {
		if l.Path == "pace" {
			more = append(more, config.SetString("replay", "source.pace", "max"))
		}
	}
	p, err := o.Load(more)
	if err != nil {
		return err
	}
	parts, err := o.Assemble(p, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	parts.Source, parts.Keep = pace(parts.Source), nil
	parts.Queue.Batches = 1 // little is on its way when the page pauses
	parts.Sinks = []runner.Sink{{Name: "page", Sink: into}}
	_, err = runner.Run(ctx, parts, runner.Options{Start: &start})
	return err
}

// tune is the pipeline's configuration with changed values.
func (o Offer) tune(set []string) (t dashboard.Tuned, err error) {
	for _, s := range set {
		if !strings.HasPrefix(s, "readout.") {
			return t, fmt.Errorf("%s: only the readout can be changed while it runs", s)
		}
	}
	more, err := overrides(set)
	if err != nil {
		return t, err
	}
	p, err := o.Load(more)
	if err != nil {
		return t, err
	}
	data, err := os.ReadFile(p.File)
	if err != nil {
		return t, err
	}
	if t.File, err = config.Edit(data, p.Name, more); err != nil {
		return t, err
	}
	t.Readout, t.Hash = p.Readout.Config, p.Hash
	return t, nil
}

// settings are the numbers, durations and lists of the readout's configuration.
func (o Offer) settings(set []string) (list []dashboard.Setting, err error) {
	more, err := overrides(set)
	if err != nil {
		return nil, err
	}
	p, err := o.Load(more)
	if err != nil {
		return nil, err
	}
	leaves := component.Leaves(p.Readout.Config)
	var walk func(path string, fields []component.Field)
	walk = func(path string, fields []component.Field) {
		for _, f := range fields {
			s := dashboard.Setting{Key: path + "." + f.Key, Type: string(f.Type), Doc: f.Doc, Unit: f.Unit}
			switch {
			case f.Type == component.TypeSection:
				walk(s.Key, f.Fields)
			case f.Type == component.TypeList && f.Elem.Type == component.TypeSection:
				s.Value = listOf(leaves, strings.TrimPrefix(s.Key, "readout."))
				list = append(list, s)
			case f.Type == component.TypeNumber, f.Type == component.TypeInteger, f.Type == component.TypeDuration:
				for _, l := range leaves {
					if "readout."+l.Path == s.Key {
						s.Value = l.Text
					}
				}
				list = append(list, s)
			}
		}
	}
	walk("readout", p.Readout.Spec.Fields())
	return list, nil
}

// listOf is a list of sections as JSON.
func listOf(leaves []component.Leaf, path string) string {
	list := []map[string]any{}
	for _, l := range leaves {
		place, ok := strings.CutPrefix(l.Path, path+".")
		number, key, isElement := strings.Cut(place, ".")
		i, err := strconv.Atoi(number)
		if !ok || !isElement || err != nil {
			continue
		}
		for len(list) <= i {
			list = append(list, map[string]any{})
		}
		var v any
		if yaml.Unmarshal([]byte(l.Text), &v) == nil {
			list[i][key] = v
		}
	}
	b, err := json.Marshal(list)
	if err != nil {
		return "[]"
	}
	return string(b)
}
