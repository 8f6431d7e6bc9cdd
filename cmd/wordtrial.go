package cmd

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"ganglion/internal/random"
	"ganglion/network/motion/score"
	"ganglion/network/sound/keyword"
	"ganglion/sinks/chart"
)

// wordTrial is what a listener is tested on: recordings of the word, one in
// each, and recordings without it.
type wordTrial struct {
	word      string
	positives []sound
	negatives []sound
	noise     []float32 // mixed in at snr dB, if there is any
	snr       float64
	seed      uint64 // of where in the noise each recording lies
}

// wordTable is the result of a trial: a line for each threshold.
type wordTable struct {
	Model      string             `json:"model"`
	Word       string             `json:"word"`
	SNR        *float64           `json:"snr_db"` // null: no noise was added
	Chosen     score.WordResult   `json:"chosen"` // at the threshold in use
	Thresholds []score.WordResult `json:"thresholds"`
}

// run plays all recordings, one after another from rest, on all cores. The
// results are at the thresholds, in their order.
func (t wordTrial) run(ctx context.Context, l *listener, thresholds []float64) ([]score.WordResult, error) {
	counts, err := t.count(ctx, l, thresholds)
	if err != nil {
		return nil, err
	}
	return wordResults(counts, thresholds), nil
}

func wordResults(counts []score.Words, thresholds []float64) []score.WordResult {
	results := make([]score.WordResult, len(thresholds))
	for i, th := range thresholds {
		results[i] = counts[i].Result(th)
	}
	return results
}

// count is run before the counts become rates: those of several trials can be
// merged.
func (t wordTrial) count(ctx context.Context, l *listener, thresholds []float64) ([]score.Words, error) {
	configs := l.configs(t.word, thresholds)
	all := slices.Concat(t.positives, t.negatives)
	each := make([][]score.Words, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range all {
		group.Go(func() (err error) {
			each[i], err = t.one(ctx, l, configs, i, all[i])
			if err != nil {
				err = fmt.Errorf("%s: %w", all[i].path, err)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	counts := make([]score.Words, len(thresholds))
	for i := range counts {
		counts[i].Word = t.word
		for _, e := range each {
			counts[i].Merge(&e[i])
		}
	}
	return counts, nil
}

// one plays one recording.
func (t wordTrial) one(ctx context.Context, l *listener, configs []keyword.Config, i int, s sound) ([]score.Words, error) {
	pcm := s.pcm
	var said []score.Utterance
	if i < len(t.positives) {
		start, end := s.word(l.rate)
		said = []score.Utterance{{Start: micros(start, l.rate), End: micros(end, l.rate)}}
	}
	if len(t.noise) > 0 {
		pcm = keyword.InNoise(pcm, t.noise, l.rate, t.snr, random.New(t.seed).Below(uint64(i), len(t.noise)))
	}
	found, err := l.listen(ctx, pcm, configs)
	if err != nil {
		return nil, err
	}
	counts := make([]score.Words, len(found))
	for k, ds := range found {
		counts[k].Word = t.word
		counts[k].Add(time.Duration(micros(len(pcm), l.rate))*time.Microsecond, said, ds)
	}
	return counts, nil
}

func micros(frames, rate int) int64 { return int64(frames) * 1_000_000 / int64(rate) }

// at is the result at a threshold.
func (t *wordTable) at(threshold float64) (score.WordResult, int) {
	i := slices.IndexFunc(t.Thresholds, func(r score.WordResult) bool { return r.Threshold >= threshold })
	if i < 0 {
		i = len(t.Thresholds) - 1
	}
	return t.Thresholds[i], i
}

// condition names the noise of a table.
func (t *wordTable) condition() string {
	if t.SNR == nil {
		return "clean"
	}
	return fmt.Sprintf("noise %g dB below", *t.SNR)
}

// write prints every kth threshold, and the chosen one.
func (t *wordTable) write(out io.Writer) error {
	c := t.Chosen
	fmt.Fprintf(out, "%q, %s: %d said, %.2f h without it\n", t.Word, t.condition(), c.Said, c.Hours)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "threshold\tmissed %\t95 %\tfalse/h\t95 %\tfalse\ttwice\tlatency ms p50\tp90\t")
	for i, r := range t.Thresholds {
		mark := ""
		if r.Threshold == c.Threshold {
			mark = "<- in use"
		} else if i%4 != 0 {
			continue
		}
		fmt.Fprintf(w, "%.4f\t%.1f\t%.1f..%.1f\t%.1f\t%.1f..%.1f\t%d\t%d\t%.0f\t%.0f\t%s\n", r.Threshold,
			100*r.FRR, 100*r.FRR95[0], 100*r.FRR95[1], r.FAPerHour, r.FAPerHour95[0], r.FAPerHour95[1],
			r.False, r.Duplicates, r.Latency.P50, r.Latency.P90, mark)
	}
	return w.Flush()
}

// drawTables draws the trade-offs of tables.
func drawTables(file string, tables []*wordTable) error {
	least := 1.
	var curves []chart.Curve
	for _, t := range tables {
		_, chosen := t.at(t.Chosen.Threshold)
		c := chart.Curve{Name: t.condition(), Chosen: chosen}
		for _, r := range t.Thresholds {
			c.Points = append(c.Points, chart.Point{
				FalsePerHour: float64(r.FAPerHour), Miss: float64(r.FRR),
				FalsePerHour95: [2]float64{float64(r.FAPerHour95[0]), float64(r.FAPerHour95[1])},
				Miss95:         [2]float64{float64(r.FRR95[0]), float64(r.FRR95[1])},
			})
			least = 1 / max(r.Hours, 1e-3)
		}
		curves = append(curves, c)
	}
	return chart.Tradeoff(file, fmt.Sprintf("%s, %s", tables[0].Word, filepath.Base(tables[0].Model)), least, curves)
}
