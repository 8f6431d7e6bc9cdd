package cmd

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"ganglion/encoders/filter"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// formatFlags say what a recording does not say of itself.
type formatFlags struct {
	from, columns string
	stream, chip  string
	width, height int
}

func (f *formatFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.from, "from", "", "`FORMAT` of the recording (default: by its content)")
	flags.StringVar(&f.columns, "columns", "", "order of a text file's columns, such as `t[s],x,y,p`")
	flags.StringVar(&f.stream, "stream", "", "which of several streams of events is read, by its `NAME` (inspect lists them)")
	flags.StringVar(&f.chip, "chip", "", "chip whose addresses an AEDAT 2 file has, such as `DAVIS240C`, where it names none that is known")
	flags.IntVar(&f.width, "width", 0, "sensor width in place of the recording's, `PX`")
	flags.IntVar(&f.height, "height", 0, "sensor height in place of the recording's, `PX`")
}

// options checks the flags.
func (f *formatFlags) options() (recording.Options, error) {
	if f.from != "" {
		if _, err := formatNamed(f.from); err != nil {
			return recording.Options{}, usage(fmt.Errorf("--from: %w", err))
		}
	}
	for _, side := range []struct {
		flag string
		px   int
	}{{"--width", f.width}, {"--height", f.height}} {
		if side.px < 0 || side.px > 1<<16 {
			return recording.Options{}, usage(fmt.Errorf("%s: %d px is not from 1 to 65536", side.flag, side.px))
		}
	}
	return recording.Options{Format: f.from, Width: f.width, Height: f.height, Columns: f.columns, Stream: f.stream, Chip: f.chip}, nil
}

// readingFlags say which part of a recording is taken, and how it is read;
// convert and view share them.
type readingFlags struct {
	formatFlags
	start, end instant
	strict     bool   // stop at the first damage; convert alone offers it
	parallel   bool   // decode on all cores where that is possible
	time       string // what a step of the clock becomes, likewise; "" makes times ascend

	flipX, flipY, invert bool
	undistort            string // FILE or FILE#CAMERA
	filters              []string
}

func (f *readingFlags) add(flags *pflag.FlagSet) {
	f.formatFlags.add(flags)
	flags.Var(&f.start, "start", "begin at: time since the first event (1.5s), or sensor time in µs (5840504)")
	flags.Var(&f.end, "end", "end before, in the same forms")
	flags.BoolVar(&f.flipX, "flip-x", false, "mirror left and right")
	flags.BoolVar(&f.flipY, "flip-y", false, "mirror top and bottom")
	flags.BoolVar(&f.invert, "invert-polarity", false, "swap on and off")
	flags.StringVar(&f.undistort, "undistort", "", "undo the lens's distortion, before all else: `CALIBRATION` of a pinhole with radtan (Kalibr's "+
		"camchain.yaml, FILE#cam1 of several, EV-IMO's meta.txt, or fx fy cx cy k1 k2 p1 p2)")
	flags.StringArrayVar(&f.filters, "filter", nil, "event `FILTER`, such as 'stcf: {dt: 10ms, k: 3}'; repeated ones form a chain; "+
		"parameters: ganglion describe events")
}

// open opens the recording; wrong use is told apart from an unreadable one.
func (f *readingFlags) open(path string) (*recording.Reader, error) {
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	o.Strict, o.Ascending, o.Outliers = f.strict, true, f.time == timeKeep
	o.Parallel = f.parallel && path != "-" // what comes from a pipe is not waited for
	return recording.Open(path, o)
}

// leap passes over what is earlier than from without reading it, where the
// file has a table or an index for it, and returns how many bytes that are.
func leap(r *recording.Reader, from int64) (int64, error) {
	at := r.Offset()
	err := r.SkipTo(from)
	return r.Offset() - at, err
}

// filterConfigs are the flips and filters in the order in which they work.
func (f *readingFlags) filterConfigs() ([]filter.Config, error) {
	var configs []filter.Config
	if f.undistort != "" {
		file, camera, _ := strings.Cut(f.undistort, "#")
		configs = append(configs, filter.Config{Type: "undistort", Calibration: file, Camera: camera})
	}
	if f.flipX {
		configs = append(configs, filter.Config{Type: "flip_x"})
	}
	if f.flipY {
		configs = append(configs, filter.Config{Type: "flip_y"})
	}
	if f.invert {
		configs = append(configs, filter.Config{Type: "polarity", Polarity: "invert"})
	}
	for _, text := range f.filters {
		var c filter.Config
		if err := config.ParseChoice("--filter", text, "type", &c); err != nil {
			return nil, usage(err)
		}
		configs = append(configs, c)
	}
	return configs, nil
}

// newChain builds a chain for a recording's sensor.
func newChain(configs []filter.Config, info format.Info) (*filter.Chain, error) {
	if info.Width <= 0 || info.Height <= 0 {
		return nil, usage(fmt.Errorf("%s does not state the sensor's size: give --width and --height", info.Format))
	}
	chain, err := filter.New(configs, info.Width, info.Height)
	if err != nil {
		return nil, usage(err)
	}
	return chain, nil
}

// formatNamed finds a recording format.
func formatNamed(name string) (format.Format, error) {
	var names []string
	for _, f := range recording.Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	if hint := component.DidYouMean(name, names); hint != "" {
		return format.Format{}, fmt.Errorf("unknown format %q%s", name, hint)
	}
	return format.Format{}, fmt.Errorf("unknown format %q, know %s", name, strings.Join(names, ", "))
}

// fileSize is the size of a regular file, 0 for anything else.
func fileSize(path string) int64 {
	if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
		return st.Size()
	}
	return 0
}

// readSize is how many bytes of a recording there are to read, 0 where that is
// not known.
func readSize(r *recording.Reader, path string) int64 {
	if r.Info.Packed != "" {
		return 0 // the reader counts what is unpacked
	}
	return fileSize(path)
}
