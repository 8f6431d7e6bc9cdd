package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ganglion/cmd/labels"
	"ganglion/internal/portable"
	"ganglion/pipeline"
	"ganglion/sinks/picture"
	"ganglion/sources/audio"
	"ganglion/sources/format"
)

type viewFlags struct {
	readingFlags
	output, detections string
	truth              string
	style              string
	styleSet           bool
	window             time.Duration
	windowSet          bool
	scale              int
	plain              bool
	node               string // of a network
	fps                float64
	sound              soundFlags
}

func (p program) newView() *cobra.Command {
	var f viewFlags
	cmd := &cobra.Command{
		Use:   "view FILE -o OUT.png|OUT.gif|OUT.mp4",
		Short: "paint the events of a recording, or a sound and its spikes",
		Long: `Paint accumulated events, and detections over them, as a PNG picture or as a film:
a GIF, or an MP4 where ffmpeg is installed. A PNG shows one window: the one that
begins at --start or ends at --end, all between both, or else the one in the middle
of the recording. A film shows window after window. The name of the file stands above,
with a ruler and the scale; the axes count pixels; the caption has the time since the
first event, the length of the window and what the colours mean.

Styles: polarity counts on and off events, surface shows the age of each pixel's
newest event, decay sums events that fade with the window as time constant.
flow runs the motion network and shows which way edges moved (PNG).
raster shows all events from --start to --end as spikes over time, a row for each
address; recordings of a silicon cochlea and spikes that a pipeline kept are shown
so by themselves.

Of a file of detections (.jsonl, .arrow) a PNG shows where tracks have been (heat,
seconds in a box by pixel) or where and how fast they are over time (tracks).

Of a network (.nir) a PNG shows the receptive fields of a layer, learned or not: the
weights onto each neuron, or each channel of a convolution, where they come from.

Of sound a PNG shows the cochleagram and the spikes that the encoder makes of it,
from --start to --end, a minute at most; with --detections the words that were heard,
and with --config the scores that they were decided by and their thresholds.`,
		Example: `  ganglion view recording.raw -o picture.png
  ganglion view recording.raw -o film.gif --detections out/detections.jsonl --start 1s --end 3s
  ganglion view recording.raw -o surface.png --style surface --window 50ms --filter stcf
  ganglion view recording.raw -o flow.png --style flow --start 1s --window 30ms
  ganglion view speech.wav -o speech.png --code burst --start 0.5s --end 1s
  ganglion view testdata/computer.flac -o words.png --config configs/keywords.yaml --detections out/keywords.arrow
  ganglion view testdata/speech.aedat -o spikes.png
  ganglion view out/detections.jsonl -o heat.png
  ganglion view configs/shapes.nir -o fields.png
  ganglion view out/detections.jsonl -o tracks.png --style tracks`,
		Args: cobra.ExactArgs(1),
		RunE: failing(func(cmd *cobra.Command, args []string) error {
			if isNIR(args[0]) {
				return viewFields(cmd, args[0], f)
			}
			if audio.Recognise(args[0]) || f.sound.config != "" {
				return p.viewSound(cmd, args[0], f)
			}
			f.windowSet, f.styleSet = cmd.Flags().Changed("window"), cmd.Flags().Changed("style")
			if ds, ok, err := detectionsOf(args[0]); ok || err != nil {
				if err != nil {
					return err
				}
				return viewDetections(cmd, args[0], ds, f)
			}
			if f.style == flowStyle {
				return viewFlow(cmd, args[0], f)
			}
			raster, err := f.asRaster(args[0])
			switch {
			case err != nil:
				return err
			case raster:
				return viewRaster(cmd, args[0], f)
			}
			return view(cmd, args[0], f)
		}),
	}
	f.add(cmd.Flags())
	f.sound.add(cmd)
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "`FILE` to write, .png, .gif or .mp4")
	cmd.Flags().StringVar(&f.detections, "detections", "", "`FILE` with detections, .arrow or .jsonl: boxes, tracks, velocities; of sound, words")
	cmd.Flags().StringVar(&f.truth, "truth", "", "`FILE` with ground truth, JSON lines or labels (NAME_bbox.npy): boxes with numbers above 1000")
	cmd.Flags().StringVar(&f.style, "style", string(picture.Polarity), "how events become colours: `polarity|surface|decay|flow|raster`; detections: heat, tracks")
	cmd.Flags().DurationVar(&f.window, "window", 20*time.Millisecond, "sensor time in one frame")
	cmd.Flags().IntVar(&f.scale, "scale", 0, "edge of a sensor pixel in the picture, `PX` (default: by the sensor's size)")
	cmd.Flags().StringVar(&f.node, "node", "", "of a network: node `NAME` whose weights are shown (default: the first that sees a grid)")
	cmd.Flags().BoolVar(&f.plain, "plain", false, "the pixels and the caption alone, without the file's name, axes and ruler")
	cmd.Flags().Float64Var(&f.fps, "fps", 25, "frames a second of a film, up to 50")
	cmd.MarkFlagRequired("output") //nolint:errcheck // the flag exists
	return cmd
}

func view(cmd *cobra.Command, file string, f viewFlags) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)() // a second signal then ends the process
	v, err := newViewer(ctx, file, f)
	if err != nil {
		return err
	}
	err = errors.Join(v.play(ctx, readSize(v.r, file)), v.r.Close())
	for _, d := range v.r.Damage() {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: damage: %s\n", file, d)
	}
	if err != nil {
		return err
	}
	v.from.note(cmd.ErrOrStderr(), file, f.detections)
	return v.report(cmd.OutOrStdout(), cmd.ErrOrStderr())
}

// newViewer checks everything that can be checked before events are read.
func newViewer(ctx context.Context, file string, f viewFlags) (*viewer, error) {
	v := &viewer{file: file, flags: f, film: strings.EqualFold(filepath.Ext(f.output), ".gif") || isMP4(f.output)}
	if !v.film && !strings.EqualFold(filepath.Ext(f.output), ".png") {
		return nil, usage(fmt.Errorf("--output %s: want a name that ends in .png, .gif or .mp4", f.output))
	}
	if isMP4(f.output) {
		if _, err := picture.FindFFmpeg(f.output); err != nil {
			return nil, err
		}
	}
	if err := v.checkTimes(); err != nil {
		return nil, usage(err)
	}
	configs, err := f.filterConfigs()
	if err != nil {
		return nil, err
	}
	if err := v.loadTracks(); err != nil {
		return nil, err
	}
	if v.r, err = f.open(file); err != nil {
		return nil, err
	}
	if v.chain, err = newChain(configs, v.r.Info); err == nil {
		err = v.checkPicture()
	}
	switch {
	case err != nil:
	case v.seeks():
		err = v.r.UseIndex()
	case !v.film && !f.start.set && !f.end.set:
		v.flags.start, err = v.middle(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, v.r.Close())
	}
	return v, nil
}

// checkPicture reports why the pictures cannot be painted.
func (v *viewer) checkPicture() error {
	if err := v.config(0).Validate(); err != nil {
		return usage(err)
	}
	if fps := v.flags.fps; v.film && !(fps >= picture.MinFPS && fps <= picture.MaxFPS) {
		return usage(fmt.Errorf("--fps: want %g to %g, got %g", picture.MinFPS, picture.MaxFPS, fps))
	}
	return nil
}

// checkTimes settles the window of a picture that is given by both its ends.
func (v *viewer) checkTimes() error {
	f := &v.flags
	if _, err := newSpan(f.start, f.end); err != nil {
		return err
	}
	if f.window < time.Microsecond {
		return fmt.Errorf("--window: %v is less than 1µs", f.window)
	}
	if !v.film && f.start.set && f.end.set {
		if f.windowSet {
			return errors.New("a picture is one window: give two of --start, --end and --window")
		}
		if f.start.sensor != f.end.sensor {
			return errors.New("--start and --end: give both since the first event, or both in sensor time")
		}
		f.window = time.Duration(f.end.us-f.start.us) * time.Microsecond
	}
	return nil
}

func (v *viewer) loadTracks() error {
	var detections []pipeline.Detection
	var err error
	if v.flags.detections != "" {
		if detections, err = labels.ReadDetections(v.flags.detections); err != nil {
			return err
		}
		v.from = provenanceOf(detections, recordingOf(v.file))
	}
	if v.flags.truth != "" {
		truth, err := readTruth(v.flags.truth, 0)
		if err != nil {
			return err
		}
		detections = append(detections, truthTracks(truth, truthNumbers)...)
	}
	if v.flags.detections == "" && v.flags.truth == "" {
		return nil
	}
	v.tracks, err = picture.NewTracks(detections)
	return err
}

// truthNumbers is what is added to the numbers of objects, so that their boxes
// are told from those of detections.
const truthNumbers = 1000

// truthTracks are the boxes of truth as detections, to be painted: the object's
// number with a track number above those of detections.
func truthTracks(truth []pipeline.Truth, above uint64) []pipeline.Detection {
	var all []pipeline.Detection
	for _, g := range truth {
		all = append(all, pipeline.Detection{
			Kind: pipeline.MotionUpdate, T: g.T, TrackID: above + uint64(g.ID), X0: float32(g.X0), Y0: float32(g.Y0), X1: float32(g.X1),
			Y1: float32(g.Y1), CX: float32((g.X0 + g.X1) / 2), CY: float32((g.Y0 + g.Y1) / 2), VX: float32(g.VX), VY: float32(g.VY),
			SpeedPxS: float32(portable.Hypot(g.VX, g.VY)),
		})
	}
	return all
}

// middle is where the window in the middle of the recording begins. It reads
// the whole recording.
func (v *viewer) middle(ctx context.Context) (instant, error) {
	if v.file == "-" {
		return instant{}, usage(errors.New("standard input cannot be read twice: give --start or --end"))
	}
	r, err := v.flags.open(v.file)
	if err != nil {
		return instant{}, err
	}
	defer r.Close()
	var first, last int64
	b := format.NewBlock(convertBlock)
	for begun := false; ctx.Err() == nil; {
		err := r.Read(b)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return instant{}, err
		}
		if len(b.Events) == 0 {
			continue
		}
		if !begun {
			begun, first = true, b.Events[0].T
		}
		last = slices.MaxFunc(b.Events, func(a, b pipeline.Event) int { return cmp.Compare(a.T, b.T) }).T
	}
	start := first + max(last-first-v.flags.window.Microseconds(), 0)/2
	return instant{us: start, sensor: true, set: true}, nil
}
