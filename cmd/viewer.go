package cmd

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"ganglion/encoders/filter"
	"ganglion/internal/outfile"
	"ganglion/pipeline/runner"
	"ganglion/sinks/picture"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// viewer paints one recording.
type viewer struct {
	file  string
	flags viewFlags
	film  bool // or a single picture
	r     *recording.Reader
	chain *filter.Chain

	tracks *picture.Tracks // nil without detections
	from   provenance      // of --detections
	frames *picture.Film   // nil before the first event
	size   image.Point
	fps    float64
	out    interface{ Discard() error } // nil before it is opened
}

// play reads as far as the pictures need and writes them.
func (v *viewer) play(ctx context.Context, size int64) error {
	bar := newProgress(os.Stderr)
	defer bar.finish()
	progress := bar.of(0)
	finish := func() error { return nil }
	b := format.NewBlock(convertBlock)
	var events uint64
	for v.frames == nil || !v.frames.Over() {
		err := v.r.Read(b)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && ctx.Err() != nil {
			err = fmt.Errorf("%s: stopped at byte %d of %s", v.flags.output, v.r.Offset(), v.file)
		}
		begins := v.frames == nil && len(b.Events) > 0
		var first int64
		if err == nil && begins {
			first = b.Events[0].T
			finish, err = v.begin(ctx, first)
		}
		if err == nil && v.frames != nil {
			err = v.frames.Add(v.chain.Filter(b.Events))
		}
		if err == nil && begins && v.seeks() {
			from, _ := v.window(first)
			_, err = leap(v.r, from)
		}
		if err != nil {
			if v.out != nil { // a part of a picture would look like the whole
				err = errors.Join(err, v.out.Discard())
			}
			return err
		}
		if events += uint64(len(b.Events)); progress != nil {
			progress(runner.Progress{Bytes: v.r.Offset(), SizeBytes: size, Events: events, Unit: "events"})
		}
	}
	if v.frames == nil {
		return fmt.Errorf("%s: holds no events", v.file)
	}
	return errors.Join(v.frames.Close(), finish())
}

// seeks reports whether what lies before the pictures may be left unread: where
// neither a filter nor the style remembers it.
func (v *viewer) seeks() bool {
	return (v.flags.start.set || v.flags.end.set) && v.flags.style == string(picture.Polarity) && !v.chain.Remembers()
}

// config describes the pictures of a recording whose first event was at first.
func (v *viewer) config(first int64) picture.Config {
	size := v.chain.Size()
	return picture.Config{
		Width: size.Width, Height: size.Height,
		Style: picture.Style(v.flags.style), Window: v.flags.window.Microseconds(),
		Scale: v.flags.scale, Origin: first, Title: v.title(),
	}
}

// title is what stands above the pictures, nothing above plain ones.
func (v *viewer) title() string {
	switch {
	case v.flags.plain:
		return ""
	case v.file == "-":
		return "standard input"
	}
	return filepath.Base(v.file)
}

// begin opens the output once the first event's time is known, and returns
// what completes it.
func (v *viewer) begin(ctx context.Context, first int64) (finish func() error, err error) {
	finish = func() error { return nil }
	painter, err := picture.New(v.config(first), v.tracks)
	if err != nil {
		return finish, err
	}
	v.size = painter.Size()
	from, to := v.window(first)
	if isMP4(v.flags.output) {
		movie, err := picture.NewMP4(ctx, v.flags.output, v.size, v.flags.fps)
		if err != nil {
			return finish, err
		}
		v.out = movie
		v.fps, v.frames = v.flags.fps, picture.NewFilm(painter, from, to, movie.Add)
		return movie.Close, nil
	}
	out, err := outfile.NewDraft(v.flags.output)
	if err != nil {
		return finish, err
	}
	v.out = out
	buffered := bufio.NewWriter(out)
	finish = func() error { return errors.Join(buffered.Flush(), out.Close()) }
	if !v.film {
		v.frames = picture.NewFilm(painter, from, to, func(frame *image.RGBA) error { return png.Encode(buffered, frame) })
		return finish, nil
	}
	movie, err := picture.NewGIF(buffered, painter, v.flags.fps)
	if err != nil {
		return finish, err
	}
	v.fps = movie.FPS()
	v.frames = picture.NewFilm(painter, from, to, movie.Add)
	return func() error { return errors.Join(movie.Close(), buffered.Flush(), out.Close()) }, nil
}

// window is the sensor time to paint, µs.
func (v *viewer) window(first int64) (from, to int64) {
	f := &v.flags
	from, to = first, math.MaxInt64
	if f.start.set {
		from = f.start.at(first)
	}
	if f.end.set {
		to = f.end.at(first)
	}
	switch {
	case v.film:
	case f.start.set:
		to = from + f.window.Microseconds()
	default:
		from = to - f.window.Microseconds()
	}
	return from, to
}

// report reports what was painted.
func (v *viewer) report(out, notes io.Writer) error {
	fmt.Fprintf(out, "%s: %s of %dx%d px", v.flags.output, counted(v.frames.Frames(), "frame"), v.size.X, v.size.Y)
	if v.film {
		fmt.Fprintf(out, ", %.3g a second, %.3g times real time", v.fps, v.fps*v.flags.window.Seconds())
	}
	if v.tracks != nil {
		fmt.Fprintf(out, ", %s", counted(v.tracks.Shown(), "box"))
		if v.tracks.Shown() == 0 {
			fmt.Fprintf(notes, "%s: note: no detection lies in the time shown\n", cmp.Or(v.flags.detections, v.flags.truth))
		}
	}
	fmt.Fprintln(out)
	for _, r := range v.chain.Removed() {
		if r.Events > 0 {
			fmt.Fprintf(out, "  removed by %s  %d\n", r.Filter, r.Events)
		}
	}
	if v.frames.Full() {
		return dropped(fmt.Errorf("%s: ends after %d frames, the recording continues: give --start, --end or a longer --window",
			v.flags.output, picture.MaxFrames))
	}
	return nil
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case noun == "box":
		return fmt.Sprintf("%d boxes", n)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// isMP4 reports whether an output is a film that ffmpeg encodes.
func isMP4(output string) bool { return strings.EqualFold(filepath.Ext(output), ".mp4") }
