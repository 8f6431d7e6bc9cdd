package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/sinks/tensor"
	"ganglion/sources/format"
)

// tensorFlags choose which dense arrays --to voxel, frames and time-surface make.
type tensorFlags struct {
	window     time.Duration
	count      int
	bins       int
	by         string
	polarity   string
	definition string
	tau        time.Duration
}

// tensorFlagNames are theirs.
var tensorFlagNames = []string{"window", "count", "bins", "by", "polarity", "definition", "tau"}

func (f *tensorFlags) add(flags *pflag.FlagSet) {
	flags.DurationVar(&f.window, "window", 0, "arrays: an array for each window of sensor time")
	flags.IntVar(&f.count, "count", 0, "arrays: an array for each `N` events")
	flags.IntVar(&f.bins, "bins", 0, "arrays: `N` bins of a voxel grid (default 5), or N frames of the whole recording")
	flags.StringVar(&f.by, "by", "time", "arrays: bins of equal `time|count`")
	flags.StringVar(&f.polarity, "polarity", "", "arrays: `split|signed|merge`: one for each polarity, ON minus OFF, or both together (default: "+
		"split; voxel: signed)")
	flags.StringVar(&f.definition, "definition", tensor.EventUtils, "arrays: voxel grids as in `event_utils|tonic`")
	flags.DurationVar(&f.tau, "tau", 30*time.Millisecond, "arrays: time constant of a time surface")
}

// isTensor reports whether --to names dense arrays.
func isTensor(to string) bool { return slices.Contains(tensor.Kinds(), to) }

// config is what the flags ask for.
func (f *tensorFlags) config(kind string) (tensor.Config, error) {
	c := tensor.NewDefaultConfig(kind)
	c.Window, c.Count, c.ByCount, c.Definition, c.Tau = f.window, f.count, f.by == "count", f.definition, f.tau
	if f.bins != 0 {
		c.Bins = f.bins
	}
	if f.polarity != "" {
		c.Polarity = f.polarity
	}
	if f.by != "time" && f.by != "count" {
		return c, usage(fmt.Errorf("--by: want time or count, got %q", f.by))
	}
	if err := c.Validate(); err != nil {
		return c, usage(fmt.Errorf("--to %s: %w (--window, --count, --bins, --polarity, --definition, --tau)", kind, err))
	}
	return c, nil
}

// tensors is a target of dense arrays.
type tensors struct {
	*tensor.Maker
	file   *outfile.Draft // nil for standard output
	beside pipeline.DamageReport
	closed bool
}

// tensors opens the target.
func (c *converter) tensors(ctx context.Context) (target, error) {
	cfg, err := c.flags.tensorFlags.config(c.flags.to)
	if err != nil {
		return nil, err
	}
	if c.info.Width <= 0 || c.info.Height <= 0 {
		return nil, usage(fmt.Errorf("%s does not state the sensor's size: give --width and --height", c.in))
	}
	var totals tensor.Totals
	if cfg.NeedsTotals() {
		if c.in == "-" {
			return nil, usage(errors.New("standard input cannot be read twice: give --window or --count"))
		}
		if totals, err = extentOf(ctx, c.in, c.flags); err != nil {
			return nil, err
		}
	}
	t := &tensors{}
	out, err := c.tensorFile(t, cfg)
	if err == nil {
		if t.Maker, err = tensor.New(cfg, c.info.Width, c.info.Height, totals, out); err != nil {
			err = usage(err)
		}
	}
	if err != nil {
		return nil, errors.Join(err, t.Discard())
	}
	return t, nil
}

// tensorFile creates the file that OUT names.
func (c *converter) tensorFile(t *tensors, cfg tensor.Config) (tensor.Writer, error) {
	ext := strings.ToLower(filepath.Ext(c.out))
	if c.out == "-" {
		return tensor.NewArrow(struct{ io.WriteCloser }{os.Stdout}, cfg, c.info.Width, c.info.Height, true)
	}
	if !slices.Contains([]string{".npy", ".arrow", ".feather", ".ipc", ".arrows"}, ext) {
		return nil, usage(fmt.Errorf("%s: arrays are written to names ending in .npy, .arrow or .arrows", c.out))
	}
	var err error
	if t.file, err = outfile.NewDraft(c.out); err != nil {
		return nil, err
	}
	if ext != ".npy" {
		return tensor.NewArrow(t.file, cfg, c.info.Width, c.info.Height, ext == ".arrows")
	}
	if !t.file.Regular() {
		return nil, usage(fmt.Errorf("%s: an array needs a file, because its number of slices stands at its beginning", c.out))
	}
	return tensor.NewNPY(t.file, cfg, c.info.Width, c.info.Height)
}

// WriteBlock takes the events; what lies beside them has no place there.
func (t *tensors) WriteBlock(b *format.Block) error {
	for i := range b.Side {
		t.beside.Add(b.Side[i].Kind.String(), 0, b.Side[i].T, 1)
	}
	return t.Add(b.Events)
}

// Close writes what is still to come.
func (t *tensors) Close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	return t.Finish()
}

// Discard leaves no file.
func (t *tensors) Discard() error {
	if t.closed || t.file == nil {
		return nil
	}
	t.closed = true
	return t.file.Discard()
}

// saturatedCounts are values of frames that 16 bits could not hold.
const saturatedCounts = "saturated"

// Lost is what is in no array.
func (t *tensors) Lost() []pipeline.Damage {
	var lost pipeline.DamageReport
	outside, _, saturated := t.Left()
	if outside > 0 {
		lost.Add(format.AddressRange, 0, 0, outside)
	}
	if saturated > 0 {
		lost.Add(saturatedCounts, 0, 0, saturated)
	}
	return slices.Concat(t.beside.List(), lost.List())
}

// extent is a target that notes the extent of what is converted.
type extent struct{ tensor.Totals }

func (m *extent) WriteBlock(b *format.Block) error {
	for i := range b.Events {
		t := b.Events[i].T
		if m.Events == 0 {
			m.First, m.Last = t, t
		}
		m.Events++
		m.Last = max(m.Last, t)
	}
	return nil
}

func (*extent) Lost() []pipeline.Damage { return nil }
func (*extent) Close() error            { return nil }

// extentOf is the extent of what would be converted.
func extentOf(ctx context.Context, in string, f convertFlags) (tensor.Totals, error) {
	m := &extent{}
	c, err := openConverter(in, "", f)
	if err != nil {
		return tensor.Totals{}, err
	}
	c.w = m
	return m.Totals, errors.Join(c.copy(ctx, readSize(c.r, in)), c.r.Close())
}
