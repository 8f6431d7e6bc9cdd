package hearing

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"ganglion/internal/random"
	"ganglion/network/score"
	"ganglion/network/sound/keyword"
)

// Trial is what a listener is tested on: recordings of the word, one in each,
// and recordings without it.
type Trial struct {
	Word      string
	Positives []Recording
	Negatives []Recording
	Noise     []float32 // mixed in at SNR dB, if there is any
	SNR       float64
	Seed      uint64 // of where in the noise each recording lies
}

// Table is the result of a trial: a line for each threshold.
type Table struct {
	Model      string             `json:"model"`
	Word       string             `json:"word"`
	SNR        *float64           `json:"snr_db"` // null: no noise was added
	Chosen     score.WordResult   `json:"chosen"` // at the threshold in use
	Thresholds []score.WordResult `json:"thresholds"`
}

// Results are counts as rates, at the thresholds of the counts.
func Results(counts []score.Words, thresholds []float64) []score.WordResult {
	results := make([]score.WordResult, len(thresholds))
	for i, th := range thresholds {
		results[i] = counts[i].Result(th)
	}
	return results
}

// Run plays all recordings, one after another from rest, on all cores. The
// counts are at the thresholds, in their order; those of several trials can be
// merged before they become [Results].
func (t Trial) Run(ctx context.Context, l *Listener, thresholds []float64) ([]score.Words, error) {
	configs := l.Configs(t.Word, thresholds)
	all := slices.Concat(t.Positives, t.Negatives)
	each := make([][]score.Words, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range all {
		group.Go(func() (err error) {
			each[i], err = t.one(ctx, l, configs, i, all[i])
			if err != nil {
				err = fmt.Errorf("%s: %w", all[i].Path, err)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	counts := make([]score.Words, len(thresholds))
	for i := range counts {
		counts[i].Word = t.Word
		for _, e := range each {
			counts[i].Merge(&e[i])
		}
	}
	return counts, nil
}

// one plays one recording.
func (t Trial) one(ctx context.Context, l *Listener, configs []keyword.Config, i int, s Recording) ([]score.Words, error) {
	pcm := s.PCM
	var said []score.Utterance
	if i < len(t.Positives) {
		start, end := s.Word(l.Rate)
		said = []score.Utterance{{Start: Micros(start, l.Rate), End: Micros(end, l.Rate)}}
	}
	if len(t.Noise) > 0 {
		pcm = keyword.InNoise(pcm, t.Noise, l.Rate, t.SNR, random.New(t.Seed).Below(uint64(i), len(t.Noise)))
	}
	found, err := l.Listen(ctx, pcm, configs)
	if err != nil {
		return nil, err
	}
	counts := make([]score.Words, len(found))
	for k, ds := range found {
		counts[k].Word = t.Word
		counts[k].Add(time.Duration(Micros(len(pcm), l.Rate))*time.Microsecond, said, ds)
	}
	return counts, nil
}

// Micros is the time of a number of frames, µs.
func Micros(frames, rate int) int64 { return int64(frames) * 1_000_000 / int64(rate) }

// At is the result at a threshold.
func (t *Table) At(threshold float64) (score.WordResult, int) {
	i := slices.IndexFunc(t.Thresholds, func(r score.WordResult) bool { return r.Threshold >= threshold })
	if i < 0 {
		i = len(t.Thresholds) - 1
	}
	return t.Thresholds[i], i
}

// Condition names the noise of a table.
func (t *Table) Condition() string {
	if t.SNR == nil {
		return "clean"
	}
	return fmt.Sprintf("noise %g dB below", *t.SNR)
}

// Write prints every kth threshold, and the chosen one.
func (t *Table) Write(out io.Writer) error {
	c := t.Chosen
	fmt.Fprintf(out, "%q, %s: %d said, %.2f h without it\n", t.Word, t.Condition(), c.Said, c.Hours)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "threshold\tfalse reject rate %\t95 %\tfalse accepts per hour\t95 %\tfalse accepts\ttwice\tlatency ms p50\tp90\t")
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
