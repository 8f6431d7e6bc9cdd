package cmd

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ganglion/network/train/digits"
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
	split, err := digits.ParseTakes(f.takes, f.speaker)
	if err != nil {
		return usage(err)
	}
	m, err := digits.ReadModel(f.model)
	if err != nil {
		return err
	}
	words, err := readWords(cmd.Context(), f.data, m.Rate, split.Selects)
	if err != nil {
		return err
	}
	c, err := m.Test(cmd.Context(), words, f.snr, f.seed)
	if err != nil {
		return err
	}
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(c)
	}
	_, err = fmt.Fprint(cmd.OutOrStdout(), c)
	return err
}
