package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"ganglion/sinks/tensor"
	"ganglion/sources/recording"
)

type convertFlags struct {
	readingFlags
	tensorFlags
	to       string
	outliers string
	pace     string
	shift    bool
	beside   string  // --side
	rate     float64 // of MOT, frames per second
}

// What --time makes of times where the camera's clock was set back.
const (
	timeKeep  = "keep"
	timeShift = "shift"
	timeSplit = "split"
)

func newConvert() *cobra.Command {
	var f convertFlags
	cmd := &cobra.Command{
		Use:   "convert IN OUT",
		Short: "turn a recording into another format, cut it, filter it, send it",
		Long: `Copy a recording into another format, or into the same one: the events as they
are and everything beside them that the target can hold. What it cannot hold is
named and counted, and the exit code is 3. A - stands for standard input and
output. OUT may be udp://HOST:PORT: then events are sent in datagrams (--to spif,
es, jaer, faery, faery32), or tcp://HOST:PORT to connect and tcp-listen://HOST:PORT
to wait for a receiver (--to aedat4 as DV, aedat3 as cAER, evt3, ...), both as the
sensor's time passes. --to voxel,
frames and time-surface write dense arrays for learning, as .npy or Arrow.

Times and addresses stay as the camera wrote them unless a flag asks otherwise.
Flips come first, then filters in the order given; what they remove is counted
and is not a loss. Formats: ` + formatList() + `.

A file of detections (.jsonl or .arrow) becomes a table (--to csv), labels of the
MOTChallenge (mot; frames of --rate) or of COCO (coco).`,
		Example: `  ganglion convert recording.raw recording.csv
  ganglion convert recording.aedat4 cut.raw --to evt2 --start 1s --end 2.5s
  ganglion convert noisy.raw clean.raw --filter hot_pixel --filter 'stcf: {dt: 10ms, k: 3}'
  ganglion convert - - --to csv < recording.raw | head
  ganglion convert recording.raw udp://127.0.0.1:3333 --pace 2x
  ganglion convert recording.aedat4 tcp-listen://127.0.0.1:10000
  ganglion convert recording.raw frames.npy --to frames --window 10ms
  ganglion convert recording.raw voxels.arrow --to voxel --bins 5 --count 20000
  ganglion convert out/detections.jsonl detections.csv
  ganglion convert out/detections.arrow tracks.txt --to mot --rate 100`,
		Args: cobra.ExactArgs(2),
		RunE: failing(func(cmd *cobra.Command, args []string) error { return convert(cmd, args[0], args[1], f) }),
	}
	f.readingFlags.add(cmd.Flags())
	f.tensorFlags.add(cmd.Flags())
	cmd.Flags().StringVar(&f.to, "to", "", "`FORMAT` to write (default: by the name of OUT; of several, that of IN), or dense arrays: "+
		"voxel, frames, time-surface")
	cmd.Flags().StringVar(&f.outliers, "outliers", "", "what to do with events outside the sensor: `drop|clamp` (default: keep them, "+
		"but filters drop them)")
	cmd.Flags().StringVar(&f.pace, "pace", "realtime", "how fast datagrams are sent: `max|realtime|2x`")
	cmd.Flags().BoolVar(&f.shift, "shift-to-zero", false, "make the time of the first event that is written zero")
	cmd.Flags().StringVar(&f.time, "time", timeKeep, "where the camera's clock was set back: `keep|shift|split`: the times of the file, "+
		"ascending times, or a file for each span of time (OUT, OUT-2, ...)")
	cmd.Flags().StringVar(&f.beside, "side", "", "write triggers, IMU samples and special data as text to `FILE`")
	cmd.Flags().Float64Var(&f.rate, "rate", 100, "frames per second of MOT labels, `HZ`")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "stop at the first damage")
	return cmd
}

func formatList() string {
	var names []string
	for _, f := range recording.Formats() {
		name := f.Name
		if !f.Writable() {
			name += " (read only)"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func convert(cmd *cobra.Command, in, out string, f convertFlags) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)() // a second signal then ends the process
	if cmd.Flags().Changed("pace") && scheme(out) == "" {
		return usage(errors.New("--pace is for an OUT of udp://HOST:PORT, tcp://HOST:PORT or tcp-listen://HOST:PORT"))
	}
	if ds, ok, err := detectionsOf(in); ok {
		if err != nil {
			return err
		}
		return convertDetections(cmd, in, out, ds, f)
	}
	if cmd.Flags().Changed("rate") {
		return usage(errors.New("--rate is for detections as MOT labels"))
	}
	for _, name := range tensorFlagNames {
		if cmd.Flags().Changed(name) && !isTensor(f.to) {
			return usage(fmt.Errorf("--%s is for arrays: --to %s", name, strings.Join(tensor.Kinds(), ", ")))
		}
	}
	if isTensor(f.to) && !cmd.Flags().Changed("time") {
		f.time = timeShift // times of an array ascend
	}
	c, err := newConverter(ctx, in, out, f)
	if err != nil {
		return err
	}
	err = c.copy(ctx, readSize(c.r, in))
	if err == nil {
		err = c.refuseNothing()
	}
	if err == nil || errors.Is(err, errInterrupted) {
		err = errors.Join(err, c.w.Close(), c.beside.Close(), c.r.Close())
	} else {
		err = errors.Join(err, discard(c.w), c.beside.Discard(), c.r.Close())
	}
	if damaged := new(recording.DamageError); !errors.As(err, &damaged) {
		c.reportDamage(cmd.ErrOrStderr())
	}
	if err != nil {
		return err
	}
	say := cmd.OutOrStdout()
	if out == "-" {
		say = cmd.ErrOrStderr()
	}
	if err := c.report(say); err != nil {
		return err
	}
	return c.reportLoss(cmd.ErrOrStderr())
}

// discard ends a target that is not to be kept. What was sent is sent.
func discard(w target) error {
	if file, ok := w.(interface{ Discard() error }); ok {
		return file.Discard()
	}
	return w.Close()
}

// refuseNothing is the error of an output that could hold none of the events, with
// the way out.
func (c *converter) refuseNothing() error {
	lost := c.lostEvents()
	if lost == 0 || lost < c.handed {
		return nil
	}
	kinds, help := "", ""
	for _, d := range c.lost() {
		if slices.Contains(noEvents, d.Kind) {
			continue
		}
		kinds += " " + d.String()
		if d.Kind == "time_range" {
			help = "; --shift-to-zero makes the first time zero"
		}
	}
	return fmt.Errorf("%s: nothing was written, because %s can hold none of the %d events:%s%s", c.out, c.info.Format, lost, kinds, help)
}

// newConverter opens both files. The output is created last, when nothing else
// can be wrong.
func newConverter(ctx context.Context, in, out string, f convertFlags) (*converter, error) {
	if !slices.Contains([]string{"", "drop", "clamp"}, f.outliers) {
		return nil, usage(fmt.Errorf("--outliers: want drop or clamp, got %q", f.outliers))
	}
	if !slices.Contains([]string{timeKeep, timeShift, timeSplit}, f.time) {
		return nil, usage(fmt.Errorf("--time: want keep, shift or split, got %q", f.time))
	}
	if f.time == timeSplit && (out == "-" || scheme(out) != "") {
		return nil, usage(errors.New("--time split needs a file"))
	}
	if isTensor(f.to) && f.time != timeShift {
		return nil, usage(fmt.Errorf("--to %s: times of an array ascend: --time %s", f.to, timeShift))
	}
	if sameFile(in, out) {
		return nil, usage(fmt.Errorf("%s and %s are the same file", in, out))
	}
	if f.time == timeSplit {
		if err := guardSplit(in, out, f.beside); err != nil {
			return nil, usage(err)
		}
	}
	c, err := openConverter(in, out, f)
	if err != nil {
		return nil, err
	}
	if err = c.create(ctx); err != nil {
		return nil, errors.Join(err, c.r.Close())
	}
	return c, nil
}

// openConverter opens the input alone.
func openConverter(in, out string, f convertFlags) (*converter, error) {
	span, err := newSpan(f.start, f.end)
	if err != nil {
		return nil, usage(err)
	}
	configs, err := f.filterConfigs()
	if err != nil {
		return nil, err
	}
	f.parallel = !f.start.set // the index is that of one decoder
	r, err := f.open(in)
	if err != nil {
		return nil, err
	}
	c := &converter{in: in, out: out, flags: f, r: r, info: r.Info, span: span}
	if c.seeks = f.start.set && !f.strict; c.seeks {
		err = r.UseIndex()
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	if len(configs) > 0 || f.outliers != "" {
		if c.chain, err = newChain(configs, r.Info); err == nil {
			c.info.Width, c.info.Height = c.chain.Size().Width, c.chain.Size().Height
		}
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return c, nil
}

// create opens the output.
func (c *converter) create(ctx context.Context) error {
	if isTensor(c.flags.to) {
		var err error
		if c.w, err = c.tensors(ctx); err == nil && c.flags.beside != "" {
			c.beside, err = newSideFile(c.flags.beside)
		}
		c.info.Format = c.flags.to
		return err
	}
	format, err := targetFormat(c.out, c.flags.to, c.r.Info.Format)
	if err != nil {
		return usage(err)
	}
	if c.info.Format = format; format != c.r.Info.Format {
		c.info.Header = content(c.r.Info, c.info)
	}
	switch scheme(c.out) {
	case udpScheme:
		c.w, err = c.dial(ctx)
		return err
	case tcpScheme, listenScheme:
		c.w, err = c.connection(ctx)
		return err
	}
	// Rehearse, so that a format that cannot hold this recording costs no file.
	if _, err := recording.NewWriter(&memory{}, c.out, format, c.info); err != nil {
		if c.info.Width <= 0 || c.info.Height <= 0 {
			err = fmt.Errorf("%w: give --width and --height", err)
		}
		return usage(err)
	}
	if err := os.MkdirAll(filepath.Dir(c.out), 0o755); err != nil {
		return err
	}
	w, err := recording.Create(c.out, format, c.info)
	if err != nil {
		return err
	}
	if c.w = w; c.flags.beside == "" {
		return nil
	}
	c.beside, err = newSideFile(c.flags.beside)
	return err
}

// targetFormat is the format to write: the one that is named, or the one that
// the file's name asks for. Of several, the input's own is the first choice.
func targetFormat(out, to, from string) (string, error) {
	switch scheme(out) {
	case udpScheme:
		return datagramFormat(out, to)
	case tcpScheme, listenScheme:
		return connectionFormat(out, to)
	}
	if to != "" {
		f, err := formatNamed(to)
		if err == nil && !f.Writable() {
			err = fmt.Errorf("format %s can be read only", to)
		}
		if err != nil {
			return "", fmt.Errorf("--to: %w", err)
		}
		return to, nil
	}
	ext, found := strings.ToLower(filepath.Ext(out)), ""
	for _, f := range recording.Formats() {
		switch {
		case !f.Writable() || !slices.Contains(f.Extensions, ext):
		case f.Name == from:
			return from, nil
		case found == "":
			found = f.Name
		}
	}
	if found == "" {
		return "", fmt.Errorf("%s: no format is written to names ending in %q: give --to", out, ext)
	}
	return found, nil
}

// sameFile reports whether both paths lead to one file, which creating the output
// would empty.
func sameFile(in, out string) bool {
	a, err := os.Stat(in)
	if err != nil {
		return false
	}
	b, err := os.Stat(out)
	return err == nil && a.Mode().IsRegular() && os.SameFile(a, b)
}
