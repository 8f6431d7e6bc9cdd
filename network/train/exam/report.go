package exam

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"ganglion/network/score"
)

// Report is how a classifier did. Sums are over all samples that were run.
type Report struct {
	Model     string         `json:"model"`
	Profile   string         `json:"profile"`
	DT        float64        `json:"dt_s"`
	N         int            `json:"n"` // samples that were run
	Correct   int            `json:"correct"`
	Silent    int            `json:"silent"` // without any output, which counts as wrong
	Accuracy  float64        `json:"accuracy"`
	Interval  score.Interval `json:"interval"`  // of the accuracy, 95 %
	Labels    []string       `json:"labels"`    // by output
	Confusion [][]int        `json:"confusion"` // [label][decision]; the last decision is none
	Classes   []Class        `json:"classes"`
	Failed    []Failure      `json:"failed,omitempty"` // recordings that could not be run
	Outside   int            `json:"outside"`          // events outside the network's input

	Steps              int     `json:"steps"`
	InputSpikes        int     `json:"input_spikes"`
	Layers             []Layer `json:"layers"`
	SynOps             uint64  `json:"synops"`
	DenseSynOps        uint64  `json:"dense_synops"`
	ActivationSparsity float64 `json:"activation_sparsity"`
	ConnectionSparsity float64 `json:"connection_sparsity"`
	EnergyJ            float64 `json:"energy_j"`       // see pipeline.AddPicojoules
	DenseEnergyJ       float64 `json:"dense_energy_j"` // see pipeline.MACPicojoules

	Workers int     `json:"workers"`
	WallS   float64 `json:"wall_s"`
	NetS    float64 `json:"network_s"` // spent in the network, by all workers together
}

// Class is how one label went.
type Class struct {
	Label     string         `json:"label"`
	N         int            `json:"n"`
	Recall    score.Interval `json:"recall"`    // share of its samples that were told right
	Precision score.Interval `json:"precision"` // share of the decisions for it that were right
	F1        score.Figure   `json:"f1"`
}

// Layer is what one layer did over all samples.
type Layer struct {
	Name     string  `json:"name"`
	Neurons  int     `json:"neurons"`
	Spikes   uint64  `json:"spikes"`
	SynOps   uint64  `json:"synops"`
	Sparsity float64 `json:"activation_sparsity"`
}

// Failure is a sample that could not be run.
type Failure struct {
	Path  string `json:"path"`
	Error string `json:"error"`
}

// close works the shares out of the counts.
func (r *Report) close() {
	for label, row := range r.Confusion {
		n, right, decided := 0, row[min(label, len(row)-1)], 0
		for _, k := range row {
			n += k
		}
		for _, other := range r.Confusion {
			decided += other[label]
		}
		r.N, r.Correct, r.Silent = r.N+n, r.Correct+right, r.Silent+row[len(row)-1]
		f1 := score.Undefined()
		if n+decided > 0 {
			f1 = score.Figure(2 * float64(right) / float64(n+decided))
		}
		r.Classes = append(r.Classes, Class{r.Labels[label], n, score.Share(right, n), score.Share(right, decided), f1})
	}
	if r.N > 0 {
		r.Accuracy = float64(r.Correct) / float64(r.N)
	}
	r.Interval = score.Share(r.Correct, r.N)
}

// String is the report as text for a terminal.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d correct: %s %% (95 %%: %s), profile %s, dt %v s\n\n",
		r.Correct, r.N, percent(score.Figure(r.Interval.Value)), between(r.Interval), r.Profile, r.DT)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "label\t%s\tnone\t\n", strings.Join(r.Labels, "\t"))
	for i, row := range r.Confusion {
		fmt.Fprintf(w, "%s\t", r.Labels[i])
		for _, n := range row {
			fmt.Fprintf(w, "%d\t", n)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "class\tsamples\trecall %\t95 %\tprecision %\tF1 %\t")
	for _, c := range r.Classes {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t\n", c.Label, c.N, percent(c.Recall.Value), between(c.Recall),
			percent(c.Precision.Value), percent(c.F1))
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "layer\tneurons\tspikes a sample\tsparsity %\tsynops a sample\t")
	n := float64(max(r.N, 1))
	for _, l := range r.Layers {
		fmt.Fprintf(w, "%s\t%d\t%.1f\t%.2f\t%.0f\t\n", l.Name, l.Neurons, float64(l.Spikes)/n, 100*l.Sparsity, float64(l.SynOps)/n)
	}
	_ = w.Flush() // a strings.Builder takes everything
	fmt.Fprintf(&b, "\nactivation sparsity  %.2f %%\nconnection sparsity  %.2f %%\n", 100*r.ActivationSparsity, 100*r.ConnectionSparsity)
	fmt.Fprintf(&b, "synops a sample      %.0f effective, %.0f dense\n", float64(r.SynOps)/n, float64(r.DenseSynOps)/n)
	fmt.Fprintf(&b, "energy a sample      %.3g µJ, dense %.3g µJ (estimates from operations alone)\n", 1e6*r.EnergyJ/n, 1e6*r.DenseEnergyJ/n)
	fmt.Fprintf(&b, "time a sample        %v in the network, %v in all on %d workers\n", seconds(r.NetS/n), seconds(r.WallS/n), r.Workers)
	if r.Silent > 0 {
		fmt.Fprintf(&b, "%d samples left all outputs silent and count as wrong\n", r.Silent)
	}
	if r.Outside > 0 {
		fmt.Fprintf(&b, "%d events lay outside the network's input\n", r.Outside)
	}
	for i, f := range r.Failed {
		if i == 10 {
			fmt.Fprintf(&b, "not run: %d more\n", len(r.Failed)-i)
			break
		}
		fmt.Fprintf(&b, "not run: %s: %s\n", f.Path, f.Error)
	}
	return b.String()
}

// percent is a share, or a dash where nothing was counted.
func percent(f score.Figure) string {
	if math.IsNaN(float64(f)) {
		return "-"
	}
	return fmt.Sprintf("%.1f", 100*f)
}

func between(i score.Interval) string {
	if math.IsNaN(float64(i.Value)) {
		return "-"
	}
	return fmt.Sprintf("%.1f to %.1f", 100*i.Low, 100*i.High)
}

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(10 * time.Microsecond)
}
