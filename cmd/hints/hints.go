// Package hints says, once a run has ended, where to look, and why a run found
// nothing to do.
package hints

import (
	"fmt"
	"io"
	"strings"

	"ganglion/cmd/monitor"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
)

// Next says where the detections of a run are, what the last one was, and which
// commands show them.
func Next(w io.Writer, p *config.Pipeline, s *runner.Summary) {
	if s.Stream.Modality == "" {
		return
	}
	line := func(what, value string) { fmt.Fprintf(w, "  %-16s %s\n", what, value) }
	fmt.Fprintf(w, "\nWhere to look (%s):\n", p.Name)
	if s.Last != nil {
		line("last detection", fmt.Sprintf("%.3f s, %s", float64(s.Last.T)/1e6, monitor.Words(s.Last)))
	}
	files := outputs(p)
	for _, f := range files {
		line("written to", f)
	}
	for _, sink := range p.Sinks {
		if sink.Spec.Name == "nats" {
			line("published on", strings.NewReplacer("{name}", p.Name, "{kind}", "*").Replace(value(sink, "subject")))
		}
	}
	input := value(p.Source, "path")
	if s.Stream.Modality == pipeline.EventStream && p.Source.Spec.Name == "recording" && input != "-" && len(files) > 0 {
		line("as a film", fmt.Sprintf("ganglion view %s -o %s.gif --detections %s", input, p.Name, files[0]))
	}
	line("in the browser", fmt.Sprintf("ganglion run %s --view", p.File))
}

// outputs are the files that the sinks of a pipeline write.
func outputs(p *config.Pipeline) (files []string) {
	for _, sink := range p.Sinks {
		for _, f := range sink.Spec.Fields() {
			if path := value(sink, f.Key); f.File == "write" && path != "" && path != "-" {
				files = append(files, strings.ReplaceAll(path, "{name}", p.Name))
			}
		}
	}
	return files
}

// value is a value of a component as it is meant, empty for none.
func value(part config.Part, key string) string {
	for _, l := range component.Leaves(part.Config) {
		if l.Path == key {
			return strings.Trim(l.Text, `"`)
		}
	}
	return ""
}

// Nothing reports why a run that was opened read nothing.
func Nothing(w io.Writer, p *config.Pipeline, s *runner.Summary) {
	if s.Stream.Modality == "" || s.Input.Events.In > 0 || s.Stopped {
		return
	}
	why := "its input holds none"
	if start := value(p.Source, "start"); start != "" && start != "0s" {
		why = fmt.Sprintf("its input ends before source.start, %s, or holds none", start)
	} else if value(p.Source, "path") == "-" {
		why = "standard input ended before the first one"
	}
	fmt.Fprintf(w, "pipeline %q: read no %s: %s\n", p.Name, s.Input.Unit, why)
}
