package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ganglion/sources/audio"
	"ganglion/sources/recording"
)

func newInspect() *cobra.Command {
	var asJSON, digest bool
	var f formatFlags
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "say what a recording or a sound file is and holds",
		Example: `  ganglion inspect recording.raw
  ganglion inspect recording.raw --json --digest
  ganglion inspect speech.flac`,
		Args: cobra.ExactArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			if o.Format == "" && audio.Recognise(args[0]) {
				report, err := audio.Inspect(args[0], digest)
				return show(cmd.OutOrStdout(), asJSON, report, err, writeSound)
			}
			report, err := recording.Inspect(args[0], o, digest)
			return show(cmd.OutOrStdout(), asJSON, report, err, writeReport)
		}),
	}
	f.add(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&digest, "digest", false, "add SHA3-224 sums of the columns t, x, y and on, or of the samples")
	return cmd
}

// show prints a report as JSON or by its writer.
func show[R any](out io.Writer, asJSON bool, report R, err error, write func(io.Writer, R) error) error {
	switch {
	case err != nil:
		return err
	case asJSON:
		return json.NewEncoder(out).Encode(report)
	}
	return write(out, report)
}

func writeSound(out io.Writer, r audio.Report) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "format\t%s, %s\n", r.Format, r.Encoding)
	fmt.Fprintf(t, "sound\t%s, %d Hz\n", counted(r.Channels, "channel"), r.Rate)
	fmt.Fprintf(t, "length\t%d frames, %.3f s\n", r.Frames, r.Duration)
	fmt.Fprintf(t, "level\tpeak %.4f, RMS %.4f of full scale\n", r.Peak, r.RMS)
	for _, d := range r.Damage {
		fmt.Fprintf(t, "damage\t%s\n", d)
	}
	if r.Digest != "" {
		fmt.Fprintf(t, "sha3-224\t%s\n", r.Digest)
	}
	return t.Flush()
}

func writeReport(out io.Writer, r recording.Report) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "format\t%s\n", r.Format)
	if r.Width > 0 && r.Height > 0 {
		fmt.Fprintf(t, "sensor\t%dx%d px\n", r.Width, r.Height)
	} else {
		fmt.Fprintf(t, "sensor\tsize not stated\n")
	}
	fmt.Fprintf(t, "events\t%d, %d on\n", r.Events, r.On)
	if r.Events > 0 {
		fmt.Fprintf(t, "time\t%d to %d µs\n", r.First, r.Last)
		fmt.Fprintf(t, "addresses\tto x %d, y %d\n", r.XMax, r.YMax)
	}
	fmt.Fprintf(t, "beside\t%d triggers, %d IMU samples, %d frames\n", r.Triggers, r.IMU, r.Frames)
	for _, f := range r.Header {
		fmt.Fprintf(t, "header\t%s: %s\n", f.Key, f.Value)
	}
	for _, d := range r.Damage {
		fmt.Fprintf(t, "damage\t%s\n", d)
	}
	if d := r.Digest; d != nil {
		fmt.Fprintf(t, "sha3-224\tt %s\n\tx %s\n\ty %s\n\ton %s\n", d.T, d.X, d.Y, d.On)
	}
	return t.Flush()
}
