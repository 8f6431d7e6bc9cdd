package scenes

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ganglion/network/score"
	"ganglion/pipeline/config"
)

func tabulate(pipelines []*config.Pipeline, takes []Take, results []score.Result) []*Result {
	var all []*Result
	for k, p := range pipelines {
		s := &Result{Config: p.Name, Scenes: map[string]score.Result{}}
		of := map[string]*score.Table{}
		for i, t := range takes {
			r := results[k*len(takes)+i]
			if of[t.scene] == nil {
				of[t.scene] = &s.objects
				if slices.Contains(otherScenes, t.scene) || !r.F1.Defined() || !r.Recall.Defined() {
					of[t.scene] = &s.others
				}
			}
			of[t.scene].Add(t.scene, r)
		}
		for scene, table := range of {
			s.Scenes[scene] = table.Scene(scene)
		}
		s.Mean = s.objects.Mean()
		all = append(all, s)
	}
	return all
}

// WriteMarkdown prints a table for each config, and one that compares them. The former
// fit 100 columns, unless they are to be wide and have every figure.
func WriteMarkdown(out io.Writer, wide bool, results []*Result) error {
	for _, r := range results {
		for _, t := range []struct {
			title string
			table *score.Table
		}{{r.Config, &r.objects}, {r.Config + ": beside the mean", &r.others}} {
			if len(t.table.Scenes()) == 0 {
				continue
			}
			fmt.Fprintf(out, "### %s\n\n", t.title)
			if err := t.table.WriteMarkdown(out, wide); err != nil {
				return err
			}
			fmt.Fprintln(out)
		}
	}
	if len(results) < 2 {
		return nil
	}
	fmt.Fprint(out, "### side by side: F1 / IDF1 / direction error, degrees\n\n| scene |")
	for _, r := range results {
		fmt.Fprintf(out, " %s |", r.Config)
	}
	fmt.Fprintf(out, "\n| --- |%s\n", strings.Repeat(" --- |", len(results)))
	row := func(name string, of func(*Result) score.Result) {
		fmt.Fprintf(out, "| %s |", name)
		for _, r := range results {
			s := of(r)
			fmt.Fprintf(out, " %s / %s / %s |", figure(s.F1, 3), figure(s.IDF1, 3), figure(s.DirectionErrDegMedian, 1))
		}
		fmt.Fprintln(out)
	}
	for _, scene := range append(results[0].objects.Scenes(), results[0].others.Scenes()...) {
		row(scene, func(r *Result) score.Result { return r.Scenes[scene] })
	}
	row("**mean**", func(r *Result) score.Result { return r.Mean })
	return nil
}

func figure(f score.Figure, digits int) string {
	if !f.Defined() {
		return "-"
	}
	return strconv.FormatFloat(float64(f), 'f', digits, 64)
}
