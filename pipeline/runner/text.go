package runner

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"ganglion/internal/screen"
	"ganglion/pipeline"
)

// WriteText prints the summary for a person: aligned columns, counts with
// thousands separated, what is zero and of no interest left out.
func (s *Summary) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "pipeline\t%s\n", s.Name)
	fmt.Fprintf(t, "stream\t%s\n", s.Stream.describe())
	s.textInput(t)
	for _, l := range s.Layers {
		fmt.Fprintf(t, "layer %s\t%s spikes\t%s neurons\t%.3g Hz\tsparsity %.4f\t%s synops\n",
			screen.Line(l.Name), count(l.Spikes), count(uint64(l.Neurons)), l.RateHz, l.Sparsity, count(l.SynOps))
	}
	for _, l := range s.Learning {
		fmt.Fprintf(t, "learning\t%s from %s: drift %.4f, %s changes, version %d%s\n", l.Layer, l.From, l.Drift, count(l.Changes), l.Version,
			frozen(l.Frozen))
	}
	fmt.Fprintf(t, "detections\t%s%s%s\n", count(s.Detections.Total), s.Detections.byKind(), s.Detections.leftOut())
	for _, k := range s.Sinks {
		fmt.Fprintf(t, "sink %s\t%s written%s\n", k.Name, count(k.Written), k.losses())
	}
	if k := s.Keep; k != nil {
		fmt.Fprintf(t, "keep\t%s clips written%s\n", count(k.Written), k.losses())
	}
	if k := s.Errors; k != nil {
		fmt.Fprintf(t, "errors\t%s dead letters written%s\n", count(k.Written), k.losses())
	}
	s.textCost(t)
	s.Checkpoints.text(t)
	if err := t.Flush(); err != nil {
		return fmt.Errorf("summary: %w", err)
	}
	return nil
}

func (s *Summary) textInput(t io.Writer) {
	in := s.Input
	fmt.Fprintf(t, "input\t%s %s in %s batches, %s of sensor time%s\n",
		count(in.Events.In), in.Unit, count(in.Batches.In), seconds(s.SensorS), lost(in.Events.Dropped, in.Events.Queued, in.Drops)+in.leftOut())
	for _, d := range in.Damage {
		fmt.Fprintf(t, "damage\t%s\n", d)
	}
	fmt.Fprintf(t, "encoder\t%s spikes, %s %s filtered\n", count(s.Encoder.Spikes), count(s.Encoder.Filtered), in.Unit)
}

func (s *Summary) textCost(t io.Writer) {
	fmt.Fprintf(t, "speed\t%s %s/s, %s, %sx real time\n", SI(s.EventsPerS), s.Input.Unit, seconds(s.WallS), digits(s.RealTimeFactor))
	if s.DenseSynOps > 0 {
		fmt.Fprintf(t, "synops\t%s, %s/s (dense: %s)\n", count(s.SynOps), SI(s.SynOpsPerS), count(s.DenseSynOps))
		fmt.Fprintf(t, "energy\t~%sJ (dense: ~%sJ); %s\n", SI(s.Energy.EventDrivenJ), SI(s.Energy.DenseJ), s.Energy.Source)
	} else {
		fmt.Fprintf(t, "synops\t%s, %s/s\n", count(s.SynOps), SI(s.SynOpsPerS))
		if s.Energy.Source != "" { // empty where nothing ran
			fmt.Fprintf(t, "energy\t~%sJ; %s\n", SI(s.Energy.EventDrivenJ), s.Energy.Source)
		}
	}
	if s.Footprint > 0 {
		fmt.Fprintf(t, "network\t%sB, connection sparsity %.4f, activation sparsity %.4f\n", SI(float64(s.Footprint)), s.ConnectionSparsity,
			s.ActivationSparsity)
	}
	l := s.Latency
	fmt.Fprintf(t, "latency\tp50 %s  p90 %s  p99 %s  max %s ms\n", digits(l.P50MS), digits(l.P90MS), digits(l.P99MS), digits(l.MaxMS))
	if s.Stopped {
		fmt.Fprintf(t, "stopped\tbefore the end of the input\n")
	}
}

func frozen(yes bool) string {
	if yes {
		return ", frozen"
	}
	return ""
}

func (s Stream) describe() string {
	if s.Modality == "" {
		return "was not opened"
	}
	parts := []string{string(s.Modality)}
	if s.Format != "" {
		parts = append(parts, s.Format)
	}
	if s.Modality == pipeline.AudioStream {
		parts = append(parts, fmt.Sprintf("%d Hz", s.SampleRate), channels(s.Channels))
	} else {
		parts = append(parts, fmt.Sprintf("%dx%d", s.Width, s.Height))
	}
	if s.Live {
		parts = append(parts, "live")
	}
	return strings.Join(parts, ", ")
}

func channels(n int) string {
	if n == 1 {
		return "mono"
	}
	return fmt.Sprintf("%d channels", n)
}

func (d Detections) byKind() string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(d.Kinds)) {
		parts = append(parts, fmt.Sprintf("%s %s", k, count(d.Kinds[k])))
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

func (d Detections) leftOut() string {
	if d.LeftOut == 0 {
		return ""
	}
	return fmt.Sprintf("; %s spikes or clusters left out", count(d.LeftOut))
}

func (in Input) leftOut() string {
	if in.LeftOut == 0 {
		return ""
	}
	return fmt.Sprintf("; the source DROPPED %s, which were not read in time", count(in.LeftOut))
}

func (k SinkFlow) losses() string {
	var s string
	if k.Duplicates > 0 {
		s = fmt.Sprintf("; %s duplicates of what it holds already", count(k.Duplicates))
	}
	s += lost(k.Dropped, k.Queued, k.Drops)
	if k.FirstError != "" {
		s += fmt.Sprintf("; %s errors, first: %s", count(k.Errors), oneLine(k.FirstError))
	}
	return s
}

// oneLine is a message as part of a line.
func oneLine(message string) string { return screen.Line(strings.ReplaceAll(message, "\n", "; ")) }

// lost reports what was dropped and why, or nothing.
func lost(dropped, queued uint64, drops []Drop) string {
	var s string
	if dropped > 0 {
		var why []string
		for _, d := range drops {
			why = append(why, fmt.Sprintf("%s %s", d.Cause, count(d.Count)))
		}
		s = fmt.Sprintf("; %s DROPPED (%s)", count(dropped), strings.Join(why, ", "))
	}
	if queued > 0 {
		s += fmt.Sprintf("; %s still queued", count(queued))
	}
	return s
}

// count prints 1234567 as 1,234,567.
func count(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// SI prints a figure with three digits and an SI prefix, ready for a unit.
func SI(v float64) string {
	prefixes := []struct {
		scale float64
		name  string
	}{{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}, {1, " "}, {1e-3, " m"}, {1e-6, " µ"}, {1e-9, " n"}, {1e-12, " p"}}
	for _, p := range prefixes {
		if v >= p.scale {
			return digits(v/p.scale) + p.name
		}
	}
	return "0 "
}

func seconds(s float64) string { return fmt.Sprintf("%.3f s", s) }

// digits prints a value from 1 to 1000 with about three digits.
func digits(v float64) string {
	switch {
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func (c Checkpoints) text(t io.Writer) {
	if c.Resumed {
		fmt.Fprintf(t, "resumed\tat %d µs with detection %s\n", c.ResumedUS, count(c.NextSeq))
	}
	if c.Saved+c.Failed > 0 {
		fmt.Fprintf(t, "checkpoints\t%s saved, %s failed, %s B the last\n", count(c.Saved), count(c.Failed), count(uint64(c.Bytes)))
	}
}
