package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"ganglion/internal/wav"
	"ganglion/sources/soundscape"
)

func isSoundscape(scene string) bool {
	return slices.ContainsFunc(soundscape.Scenes(), func(s soundscape.Scene) bool { return s.Name == scene })
}

// simulateSound writes a soundscape and its truth.
func simulateSound(cmd *cobra.Command, f simulateFlags) error {
	for _, flag := range []string{"format", "noise", "width", "height", "duration"} {
		if cmd.Flags().Changed(flag) {
			return usage(fmt.Errorf("--%s: is for cameras, %s is sound", flag, f.config.Scene))
		}
	}
	rec, err := soundscape.Record(f.config.Scene, f.config.Seed)
	if err != nil {
		return usage(err)
	}
	out := os.Stdout
	if f.output != "-" {
		if out, err = os.Create(f.output); err != nil {
			return err
		}
	}
	w := bufio.NewWriter(out)
	err = errors.Join(wav.Write(w, wav.Format{Rate: rec.Rate, Channels: 2}, rec.PCM), w.Flush())
	if f.output != "-" {
		err = errors.Join(err, out.Close())
	}
	truth, closeTruth, createErr := createTruth(f.truth)
	if err = errors.Join(err, createErr); err != nil {
		return err
	}
	for _, t := range rec.Truth {
		err = errors.Join(err, truth.Encode(t))
	}
	if err = errors.Join(err, closeTruth()); err == nil && f.output != "-" {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %d sounds in %.1f s, 2 channels at %d Hz\n", f.output, len(rec.Truth), float64(len(rec.PCM)/2)/float64(rec.Rate), rec.Rate)
	}
	return err
}
