package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"ganglion/internal/outfile"
	"ganglion/internal/wav"
	"ganglion/pipeline/component"
	"ganglion/sources/format"
	"ganglion/sources/recording"
	"ganglion/sources/simulator"
	"ganglion/sources/soundscape"
)

type simulateFlags struct {
	config        simulator.Config
	output, truth string
	format        string
}

func newSimulate() *cobra.Command {
	d := simulator.Component().Defaults().(*simulator.SourceConfig)
	var f simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate SCENE -o FILE",
		Short: "make a recording with exact ground truth",
		Long: "Simulate an event camera that looks at a scene, and write the recording; or two\nears that hear a soundscape, and write a " +
			"WAV file.\n\nScenes:\n" + sceneList(),
		Example: `  ganglion simulate crossing -o crossing.raw --truth crossing.jsonl
  ganglion simulate noise -o noise.raw --noise 10 --duration 6s --width 128 --height 128 --seed 7
  ganglion simulate clicks -o clicks.wav --truth clicks.jsonl`,
		Args: cobra.ExactArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			f.config.Scene = args[0]
			if isSoundscape(args[0]) {
				return simulateSound(cmd, f)
			}
			return simulate(cmd, f)
		}),
	}
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "`FILE` to write; - is standard output")
	cmd.Flags().StringVar(&f.format, "format", "", "`FORMAT` of the recording (default: by the file's name)")
	cmd.Flags().StringVar(&f.truth, "truth", "", "`FILE` for the ground truth as JSON lines")
	cmd.Flags().Uint64Var(&f.config.Seed, "seed", d.Seed, "varies noise, start, path, size and contrast")
	cmd.Flags().Float64Var(&f.config.Noise, "noise", d.Noise, "mean shot noise of a pixel, `HZ`")
	cmd.Flags().IntVar(&f.config.Width, "width", d.Width, "sensor width, `PX`")
	cmd.Flags().IntVar(&f.config.Height, "height", d.Height, "sensor height, `PX`")
	cmd.Flags().DurationVar(&f.config.Duration, "duration", d.Duration, "length of the recording (default: the scene's own)")
	cmd.MarkFlagRequired("output") //nolint:errcheck // the flag exists
	return cmd
}

func sceneList() string {
	var b strings.Builder
	for _, s := range simulator.Scenes() {
		fmt.Fprintf(&b, "  %-14s %s (%s)\n", s.Name, s.Summary, s.Duration)
	}
	for _, s := range soundscape.Scenes() {
		fmt.Fprintf(&b, "  %-14s %s (%s)\n", s.Name, s.Summary, s.Duration)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func simulate(cmd *cobra.Command, f simulateFlags) (err error) {
	sim, err := simulator.New(f.config)
	if err != nil {
		return usage(fmt.Errorf("%w%s", err, sceneHint(f.config.Scene)))
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	info := format.Info{Width: f.config.Width, Height: f.config.Height}
	w, err := recording.Create(f.output, f.format, info)
	if err != nil {
		return err
	}
	truth, err := createTruth(f.truth)
	if err != nil {
		return errors.Join(err, w.Discard())
	}
	events, err := copyFrames(ctx, sim, w, truth.Encoder)
	failed := err != nil && !errors.Is(err, errInterrupted)
	if closed := w.Close(); closed != nil {
		err, failed = errors.Join(err, closed), true
	}
	if failed {
		return errors.Join(err, truth.Discard())
	}
	if err == nil {
		truth.recording = recordingOf(f.output)
	}
	if err = errors.Join(err, truth.Close()); err != nil {
		return err
	}
	if f.output != "-" {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %d events in %s\n", f.output, events, sim.Duration())
	}
	var lost uint64
	for _, d := range w.Lost() {
		lost += d.Count
	}
	if lost > 0 {
		return dropped(fmt.Errorf("%s: the format could not hold %d events", f.output, lost))
	}
	return nil
}

func sceneHint(scene string) string {
	var names []string
	for _, s := range simulator.Scenes() {
		if s.Name == scene {
			return "" // the scene is not what is wrong
		}
		names = append(names, s.Name)
	}
	for _, s := range soundscape.Scenes() {
		names = append(names, s.Name)
	}
	return component.DidYouMean(scene, names)
}

// copyFrames writes the whole simulation and returns how many events it had.
func copyFrames(ctx context.Context, sim *simulator.Simulator, w *format.Writer, truth *json.Encoder) (events uint64, err error) {
	bar := newProgress(os.Stderr)
	defer bar.finish()
	var frame simulator.Frame
	for {
		if err := sim.Next(&frame); err == io.EOF {
			return events, nil
		} else if err != nil {
			return events, err
		}
		if err := ctx.Err(); err != nil {
			return events, fmt.Errorf("%w at %d µs; the recording holds the %d events before", errInterrupted, frame.Start, events)
		}
		if err := w.WriteBlock(block(&frame, w.Gyro())); err != nil {
			return events, err
		}
		for i := range frame.Truth {
			if err := truth.Encode(&frame.Truth[i]); err != nil {
				return events, fmt.Errorf("truth: %w", err)
			}
		}
		events += uint64(len(frame.Events))
		bar.set(frame.End/1000, sim.Duration().Milliseconds(), fmt.Sprintf("%.1f s simulated", float64(frame.End)/1e6))
	}
}

// block is a frame's events behind the samples of its gyroscope, in degrees/s about
// the axes of the format, which factors turn into those of the picture: none where
// the format holds none.
func block(f *simulator.Frame, factors [3]float32) *format.Block {
	b := &format.Block{Events: f.Events}
	if factors == [3]float32{} {
		return b
	}
	for _, r := range f.Gyro {
		b.Side = append(b.Side, format.Side{Kind: format.IMUSample, T: r.T, IMU: &format.IMU{
			Gyro: [3]float32{r.X / factors[0], r.Y / factors[1], r.Z / factors[2]}}})
	}
	return b
}

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
	sound := func(w io.Writer) error {
		out := bufio.NewWriter(w)
		return errors.Join(wav.Write(out, wav.Format{Rate: rec.Rate, Channels: 2}, rec.PCM), out.Flush())
	}
	if f.output == "-" {
		err = sound(os.Stdout)
	} else {
		err = outfile.Replace(f.output, sound)
	}
	truth, createErr := createTruth(f.truth)
	if err = errors.Join(err, createErr); err != nil {
		return err
	}
	for _, t := range rec.Truth {
		err = errors.Join(err, truth.Encode(t))
	}
	if err = errors.Join(err, truth.Close()); err == nil && f.output != "-" {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %d sounds in %.1f s, 2 channels at %d Hz\n", f.output, len(rec.Truth),
			float64(len(rec.PCM)/2)/float64(rec.Rate), rec.Rate)
	}
	return err
}

// truthFile takes ground truth while a recording is made. What the recording is
// called shows when it is whole: the lines wait in a temporary file until then.
type truthFile struct {
	*json.Encoder
	recording string // set before Close, empty for none

	path  string
	spool *os.File // nil without a path
	out   *bufio.Writer
}

// createTruth begins a file of truth, or what drops it for an empty path.
func createTruth(path string) (*truthFile, error) {
	if path == "" {
		return &truthFile{Encoder: json.NewEncoder(io.Discard)}, nil
	}
	f, err := os.CreateTemp("", "ganglion-truth-*")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err != nil {
		return nil, fmt.Errorf("truth: %w", err)
	}
	t := &truthFile{path: path, spool: f, out: bufio.NewWriter(f)}
	t.Encoder = json.NewEncoder(t.out)
	return t, nil
}

// Discard leaves no file: the truth of no recording.
func (t *truthFile) Discard() error {
	if t.spool == nil {
		return nil
	}
	return errors.Join(t.spool.Close(), os.Remove(t.spool.Name()))
}

// Close writes the file, whole or not at all.
func (t *truthFile) Close() error {
	if t.spool == nil {
		return nil
	}
	defer func() { _ = os.Remove(t.spool.Name()) }() // it was only lent
	err := t.out.Flush()
	if err == nil {
		_, err = t.spool.Seek(0, io.SeekStart)
	}
	if err == nil {
		err = outfile.Replace(t.path, t.copy)
	}
	if err = errors.Join(err, t.spool.Close()); err != nil {
		return fmt.Errorf("truth: %w", err)
	}
	return nil
}

// copy writes the lines with the recording as their last key.
func (t *truthFile) copy(w io.Writer) error {
	out, lines := bufio.NewWriter(w), bufio.NewScanner(t.spool)
	for lines.Scan() {
		line := lines.Text()
		if t.recording != "" {
			line = fmt.Sprintf(`%s,"recording":%q}`, strings.TrimSuffix(line, "}"), t.recording)
		}
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return errors.Join(lines.Err(), out.Flush())
}
