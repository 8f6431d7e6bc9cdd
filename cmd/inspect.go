package cmd

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ganglion/internal/screen"
	"ganglion/pipeline/config"
	"ganglion/sources/audio"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

func newInspect() *cobra.Command {
	var asJSON, digest bool
	var f formatFlags
	cmd := &cobra.Command{
		Use:   "inspect FILE...",
		Short: "say what a recording or a sound file is and holds",
		Long: `Say what recordings or sounds are and hold; - is standard input. Sound is WAV,
FLAC or MP3, known by its first bytes; raw samples are told by --from. One that
cannot be read is told, and the next one inspected. --json prints a line for each.`,
		Example: `  ganglion inspect recording.raw
  ganglion inspect recording.raw --json --digest
  ganglion inspect takes/*.raw
  ganglion inspect speech.flac
  arecord -d 3 -t wav -f S16_LE | ganglion inspect -
  ganglion inspect speech.pcm --from 'raw: {rate: 8000, encoding: mulaw}'`,
		Args: cobra.MinimumNArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			var errs []error
			for i, file := range args {
				if len(args) > 1 && !asJSON {
					fmt.Fprintf(cmd.OutOrStdout(), "%s%s\n", strings.Repeat("\n", min(i, 1)), screen.Line(file))
				}
				err := inspect(cmd, file, f, asJSON, digest)
				if err != nil && readerLeft(err) {
					return err
				}
				if err != nil && len(args) > 1 && !strings.Contains(err.Error(), file) {
					err = fmt.Errorf("%s: %w", file, err)
				}
				errs = append(errs, err)
			}
			return errors.Join(errs...)
		}),
	}
	f.add(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&digest, "digest", false, "add SHA3-224 sums of the columns t, x, y and on, or of the samples")
	return cmd
}

// inspect finds out whether a file or standard input is sound.
func inspect(cmd *cobra.Command, file string, f formatFlags, asJSON, digest bool) error {
	out := cmd.OutOrStdout()
	sound, told, err := soundFormat(f.from)
	if err != nil {
		return err
	}
	pipe, name, err := openPipe(file)
	if err != nil {
		return err
	}
	var in io.Reader // nil: the file
	heard := told
	if sound.Path = name; pipe != nil {
		if pipe != os.Stdin {
			defer pipe.Close()
		}
		b := bufio.NewReaderSize(pipe, 64<<10)
		in = b
		heard = told || f.from == "" && isSound(b)
	} else if f.from == "" {
		heard = audio.Recognise(file)
	}
	if heard {
		report, err := audio.Inspect(cmd.Context(), sound, in, digest)
		return show(out, asJSON, report, err, writeSound)
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	var report recording.Report
	if in != nil {
		report, err = recording.InspectStream(in, sound.Path, o, digest)
	} else {
		report, err = recording.Inspect(file, o, digest)
	}
	return show(out, asJSON, report, err, writeReport)
}

// openPipe opens what cannot be read twice: standard input, or a named pipe. It
// is nil for all else.
func openPipe(file string) (pipe *os.File, name string, err error) {
	if file == "-" {
		return os.Stdin, "standard input", nil
	}
	if st, err := os.Stat(file); err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		return nil, file, nil // which opening it tells
	}
	pipe, err = os.Open(file)
	return pipe, file, err
}

// isSound reports whether sound comes next, be it of a format that is not read.
// The header of an MP3 frame counts where it cannot be a recording.
func isSound(in *bufio.Reader) bool {
	head, _ := in.Peek(format.ProbeLength)
	format, sure := audio.Sniff(head)
	return sure || format != "" && !recording.Recognise(head)
}

// soundChoice is the value of --from for sound.
type soundChoice struct {
	Format          string `key:"format" doc:"The format." enum:"wav,flac,mp3,raw"`
	audio.RawConfig `key:",squash"`
}

// soundFormat reads a --from that names a format of sound, and reports whether it
// does.
func soundFormat(from string) (c audio.Config, told bool, err error) {
	c = audio.NewDefaultConfig()
	name, _, _ := strings.Cut(from, ":")
	if !slices.Contains([]string{"wav", "flac", "mp3", "raw"}, strings.TrimSpace(name)) {
		return c, false, nil
	}
	choice := soundChoice{RawConfig: c.Raw}
	if err := config.ParseChoice("--from", from, "format", &choice); err != nil {
		return c, true, usage(err)
	}
	c.Format, c.Raw = choice.Format, choice.RawConfig
	return c, true, nil
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
	if r.Packed != "" {
		fmt.Fprintf(t, "packed\t%s\n", r.Packed)
	}
	if r.Width > 0 && r.Height > 0 {
		fmt.Fprintf(t, "sensor\t%dx%d px\n", r.Width, r.Height)
	} else {
		fmt.Fprintf(t, "sensor\tsize not stated\n")
	}
	if r.Events == 0 {
		fmt.Fprintf(t, "events\tnone\n")
	} else {
		fmt.Fprintf(t, "events\t%d, %.1f %% on\n", r.Events, 100*float64(r.On)/float64(r.Events))
		fmt.Fprintf(t, "time\t%d to %d µs%s\n", r.First, r.Last, lasting(r.Last-r.First, r.Events))
		fmt.Fprintf(t, "addresses\tto x %d, y %d\n", r.XMax, r.YMax)
	}
	imu := ""
	if r.IMUHz > 0 {
		imu = fmt.Sprintf(" at %.0f Hz", r.IMUHz)
	}
	fmt.Fprintf(t, "beside\t%d triggers, %d IMU samples%s, %d frames\n", r.Triggers, r.IMU, imu, r.Frames)
	writeStreams(t, r.Streams)
	for i, f := range r.Header {
		if i == screenHeader && len(r.Header) > screenHeader+1 {
			fmt.Fprintf(t, "header\t%d more fields: --json shows them all\n", len(r.Header)-i)
			break
		}
		fmt.Fprintf(t, "header\t%s: %s\n", screen.Line(f.Key), screen.Line(shortened(f.Value, screenValue)))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(t, "note\t%s\n", screen.Line(n))
	}
	for _, d := range r.Damage {
		fmt.Fprintf(t, "damage\t%s\n", d)
	}
	if d := r.Digest; d != nil {
		fmt.Fprintf(t, "sha3-224\tt %s\n\tx %s\n\ty %s\n\ton %s\n", d.T, d.X, d.Y, d.On)
	}
	return t.Flush()
}

// lasting is a span, µs, and the rate of the events in it; nothing where all came
// at once.
func lasting(span int64, events uint64) string {
	if span <= 0 {
		return ""
	}
	return fmt.Sprintf(": %.3f s, %s", float64(span)/1e6, inUnits(uint64(float64(events)*1e6/float64(span)), "events/s"))
}

// What of a header fits on a screen: fields, and characters of a value.
const (
	screenHeader = 10
	screenValue  = 100
)

// shortened is the first line of a value, up to a length.
func shortened(value string, most int) string {
	line, _, more := strings.Cut(value, "\n")
	if text := []rune(line); len(text) > most {
		line, more = string(text[:most]), true
	}
	if more {
		line += " …"
	}
	return line
}

// mostStreams is how many streams are told one by one, beside the one that is read.
const mostStreams = 24

// writeStreams lists the streams of a recording that has several.
func writeStreams(t io.Writer, streams []format.StreamInfo) {
	more := 0
	for i, s := range streams {
		if i >= mostStreams && !s.Read {
			more++
			continue
		}
		fmt.Fprintf(t, "stream\t%s: %s", screen.Line(strings.TrimSpace(s.Name+" "+s.Alias)), s.Kind)
		if s.Detail != "" {
			fmt.Fprintf(t, ", %s", screen.Line(s.Detail))
		}
		if s.Width > 0 {
			fmt.Fprintf(t, ", %dx%d px", s.Width, s.Height)
		}
		switch {
		case s.Read:
			fmt.Fprint(t, ", read")
		case s.Unread > 0 && s.Kind != format.StreamEvents:
			fmt.Fprintf(t, ", %d not read", s.Unread)
		case s.Unread > 0:
			fmt.Fprintf(t, ", %d not read: --stream %s", s.Unread, s.Name)
		}
		fmt.Fprintln(t)
	}
	if more > 0 {
		fmt.Fprintf(t, "stream\tand %d more: --json lists them all\n", more)
	}
}
