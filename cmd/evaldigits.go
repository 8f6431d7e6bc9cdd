package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ganglion/internal/random"
	"ganglion/network/motion/score"
	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/network/train/bptt"
	"ganglion/network/train/corpus"
	"ganglion/pipeline"
)

// evalDigitsFlags are the flags of eval digits.
type evalDigitsFlags struct {
	model, data, takes, speaker string
	snr                         float64
	seed                        uint64
	asJSON                      bool
}

func newEvalDigits() *cobra.Command {
	var f evalDigitsFlags
	cmd := &cobra.Command{
		Use:   "digits --model FILE.nir --data DIR",
		Short: "test a network of spoken words",
		Long: "Run recordings of words through the encoder and the network of a model that\n" +
			"`ganglion train digits` wrote, and count how many are told right. DIR holds files\n" +
			"LABEL_SPEAKER_N.wav. Every word lies in noise; at 45 dB below it is hardly heard.",
		Example: "  ganglion eval digits --model configs/digits.nir --data digits --recordings 5-9\n" +
			"  ganglion eval digits --model configs/digits.nir --data digits --recordings 5-9 --snr-db 10 --json",
		Args: cobra.NoArgs,
		RunE: failing(func(cmd *cobra.Command, _ []string) error { return evalDigits(cmd, f) }),
	}
	cmd.Flags().StringVar(&f.model, "model", "", "`FILE.nir` to test (required)")
	cmd.Flags().StringVar(&f.data, "data", "", "`DIR` of recordings (required)")
	cmd.Flags().StringVar(&f.takes, "recordings", "", "only recordings with these numbers, `N` or FIRST-LAST (default: all)")
	cmd.Flags().StringVar(&f.speaker, "speaker", "", "only recordings of `NAME`")
	cmd.Flags().Float64Var(&f.snr, "snr-db", 45, "how far the noise lies below the word, `DB`")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "varies the noise")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return cmd
}

func evalDigits(cmd *cobra.Command, f evalDigitsFlags) error {
	if f.model == "" || f.data == "" {
		return usage(errors.New("eval digits: --model and --data are required"))
	}
	split, err := newTakes(f.takes, f.speaker)
	if err != nil {
		return err
	}
	d, err := readHearing(f.model)
	if err != nil {
		return err
	}
	words, err := readWords(cmd.Context(), f.data, d.rate, split.selects)
	if err != nil {
		return err
	}
	c, err := d.test(cmd.Context(), words, f.snr, f.seed)
	if err != nil {
		return err
	}
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(c)
	}
	_, err = fmt.Fprint(cmd.OutOrStdout(), c)
	return err
}

// takes says which recordings are meant.
type takes struct {
	first, last int
	speaker     string
}

// newTakes reads "N", "FIRST-LAST" or nothing for all.
func newTakes(text, speaker string) (takes, error) {
	t := takes{speaker: speaker, last: 1 << 30}
	if text == "" {
		return t, nil
	}
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	var err1, err2 error
	t.first, err1 = strconv.Atoi(from)
	t.last, err2 = strconv.Atoi(to)
	if err1 != nil || err2 != nil || t.last < t.first {
		return t, usage(fmt.Errorf("--recordings %q: want N or FIRST-LAST", text))
	}
	return t, nil
}

func (t takes) numbered(r corpus.Recording) bool { return r.Take >= t.first && r.Take <= t.last }

// selects reports whether a recording has one of the numbers and is the speaker's,
// if one is named.
func (t takes) selects(r corpus.Recording) bool {
	return t.numbered(r) && (t.speaker == "" || r.Speaker == t.speaker)
}

// holdsOut reports whether a recording is kept from training.
func (t takes) holdsOut(r corpus.Recording) bool { return t.numbered(r) || r.Speaker == t.speaker }

// tests reports whether a trained network is tested on a recording: all of the
// speaker held out, if there is one, or all with the numbers.
func (t takes) tests(r corpus.Recording) bool {
	if t.speaker != "" {
		return r.Speaker == t.speaker
	}
	return t.numbered(r)
}

// hearing is a network of words and the ear it was trained with.
type hearing struct {
	trainedEar
	labels []string
	window time.Duration
	graph  *nir.Graph
	pool   bptt.Pool
}

// test runs words in noise through the encoder and the engine.
func (h *hearing) test(ctx context.Context, words []word, snr float64, seed uint64) (*score.Classes, error) {
	lowered, err := nirnet.Lower(h.graph, h.profile, h.step)
	if err != nil {
		return nil, err
	}
	c := score.NewClasses(h.labels)
	for i, w := range words {
		label := slices.Index(h.labels, w.Label)
		if label < 0 {
			return nil, fmt.Errorf("%s: the model does not know the label %q", w.Path, w.Label)
		}
		pcm := corpus.InNoise(w.pcm, int(h.window.Seconds()*float64(h.rate)), h.rate, snr, random.New(seed).With(uint64(i)))
		s, steps, err := hearWord(h.encoder, pcm, h.rate)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Path, err)
		}
		decision := 0
		_, err = nirnet.Infer(ctx, lowered, 1, &s, 0, steps, func(layers []pipeline.Layer, a *pipeline.Activity) error {
			for i, l := range layers {
				if l.Name == lowered.Output {
					decision = h.pool.Decide(a.Layers[i].Spikes.Values, len(h.labels))
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Path, err)
		}
		c.Add(label, decision)
	}
	return c, nil
}
