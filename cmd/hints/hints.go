// Package hints says, once a run has ended, where to look, and why a run found
// nothing to do.
package hints

import (
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"ganglion/cmd/monitor"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
)

// program is how the program was called, to be typed again.
func program() string {
	switch called := filepath.ToSlash(os.Args[0]); {
	case strings.Contains(called, "/go-build") && path.Base(path.Dir(called)) == "exe":
		return "go run ./cmd/ganglion"
	case strings.HasPrefix(called, "./"):
		return called
	}
	return "ganglion"
}

// Next says where the detections of a run are, what the last one was, and which
// commands show them; the page is not offered where it was asked for, nor is --hold.
func Next(w io.Writer, p *config.Pipeline, s *runner.Summary, viewed, held bool) {
	if s.Stream.Modality == "" || s.Input.Events.In == 0 {
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
			on := strings.NewReplacer("{name}", p.Name, "{kind}", "*").Replace(value(sink, "subject"))
			if value(sink, "url") == "embedded" && !held {
				on += "; --hold keeps its server up for subscribers"
			}
			line("published on", on)
		}
	}
	input := value(p.Source, "path")
	drawn := slices.IndexFunc(files, func(f string) bool { return filepath.Ext(f) == ".arrow" || filepath.Ext(f) == ".jsonl" })
	if s.Stream.Modality == pipeline.EventStream && p.Source.Spec.Name == "recording" && input != "-" && drawn >= 0 {
		line("as a film", fmt.Sprintf("%s view %s -o %s.gif --detections %s", program(), input, p.Name, files[drawn]))
	}
	if !viewed {
		line("in the browser", "the same command with --view")
	}
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
