package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"ganglion/encoders/filter"
	"ganglion/encoders/silicon"
	"ganglion/pipeline"
	"ganglion/sinks/keep"
	"ganglion/sinks/picture"
	"ganglion/sources/format"
	"ganglion/sources/format/aedat"
	"ganglion/sources/recording"
)

// rasterStyle shows events as spikes over time, for recordings that are no
// pictures.
const rasterStyle = "raster"

// maxMarks bounds the spikes of one picture, and with them its memory.
const maxMarks = 10_000_000

// rasterViewer paints the spikes of one recording.
type rasterViewer struct {
	file  string
	flags viewFlags
	r     *recording.Reader
	chain *filter.Chain // nil without filters
	span  *span
	shape pipeline.Shape // [cells, ears, bands]
	// encode gives the events of a window neurons of that shape.
	encode      func(*pipeline.Batch, *pipeline.Spikes) error
	marks       [][]picture.Mark // by ear
	cells       int              // that fired, counted from the first
	spikes      int
	first, last int64 // of what is shown, µs
}

// asRaster reports whether a recording is shown as a raster: where that is asked
// for, or nothing is and it holds spikes of a cochlea.
func (f *viewFlags) asRaster(file string) (bool, error) {
	if st, err := os.Stat(file); f.styleSet || err != nil || !st.Mode().IsRegular() { // a pipe cannot be read twice
		return f.style == rasterStyle, nil
	}
	r, err := f.open(file)
	if err != nil {
		return false, err
	}
	_, kept := keep.Shape(r.Info.Header.Get)
	return kept || aedat.Cochlea(r.Info), r.Close()
}

func viewRaster(cmd *cobra.Command, file string, f viewFlags) error {
	if !strings.EqualFold(filepath.Ext(f.output), ".png") {
		return usage(fmt.Errorf("--output %s: spikes over time are shown as a picture whose name ends in .png", f.output))
	}
	if f.detections != "" {
		return usage(errors.New("--detections: boxes do not fit into a raster"))
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	v, err := newRasterViewer(file, f)
	if err != nil {
		return err
	}
	err = errors.Join(v.read(ctx), v.r.Close())
	for _, d := range v.r.Damage() {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: damage: %s\n", file, d)
	}
	if err != nil {
		return err
	}
	return v.paint(cmd.OutOrStdout())
}

func newRasterViewer(file string, f viewFlags) (v *rasterViewer, err error) {
	v = &rasterViewer{file: file, flags: f, last: math.MinInt64}
	if v.span, err = newSpan(f.start, f.end); err != nil {
		return nil, usage(err)
	}
	configs, err := f.filterConfigs()
	if err != nil {
		return nil, err
	}
	if v.r, err = f.open(file); err != nil {
		return nil, err
	}
	info := v.r.Info
	if v.chain, err = newChain(configs, info); err == nil {
		info.Width, info.Height = v.chain.Size().Width, v.chain.Size().Height
		err = v.lay(info)
	}
	if err != nil {
		return nil, errors.Join(err, v.r.Close())
	}
	v.marks = make([][]picture.Mark, v.shape[1])
	return v, nil
}

// lay finds out which neuron an address stands for.
func (v *rasterViewer) lay(info format.Info) error {
	if aedat.Cochlea(info) {
		e, err := silicon.New(silicon.Config{}, pipeline.StreamInfo{Modality: pipeline.EventStream, Width: info.Width, Height: info.Height})
		if err != nil {
			return err
		}
		v.shape = e.Shape()
		v.encode = func(b *pipeline.Batch, out *pipeline.Spikes) error {
			_, err := e.Encode(b, out)
			return err
		}
		return nil
	}
	width := info.Width
	v.shape = pipeline.Shape{info.Height, 1, width}
	if shape, ok := keep.Shape(info.Header.Get); ok && len(shape) == 3 && shape.Size() == width*info.Height {
		v.shape = shape
	}
	v.encode = func(b *pipeline.Batch, out *pipeline.Spikes) error {
		last := int64(math.MinInt64)
		for _, e := range b.Events {
			last = max(last, e.T)
			out.Append(last, uint32(int(e.Y)*width+int(e.X)))
		}
		return nil
	}
	return nil
}

// read takes the spikes of the time shown.
func (v *rasterViewer) read(ctx context.Context) error {
	b := format.NewBlock(convertBlock)
	var spikes pipeline.Spikes
	for !v.span.over && ctx.Err() == nil {
		if err := v.r.Read(b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		v.span.cut(b)
		events := v.chain.Filter(b.Events)
		if len(events) == 0 {
			continue
		}
		batch := pipeline.Batch{Events: events, Window: pipeline.Window{Start: events[0].T, End: v.last + 1}}
		for _, e := range events {
			batch.Start, batch.End = min(batch.Start, e.T), max(batch.End, e.T+1)
		}
		spikes.Reset()
		if err := v.encode(&batch, &spikes); err != nil {
			return err
		}
		if err := v.mark(&spikes); err != nil {
			return err
		}
	}
	if v.spikes == 0 && ctx.Err() == nil {
		return fmt.Errorf("%s: holds no events in the time shown", v.file)
	}
	return ctx.Err()
}

func (v *rasterViewer) mark(s *pipeline.Spikes) error {
	ears, bands := v.shape[1], v.shape[2]
	for i, t := range s.T {
		if v.spikes == 0 {
			v.first = t
		}
		v.last = max(v.last, t)
		for _, id := range s.Run(i) {
			cell, ear, band := int(id)/(bands*ears), int(id)/bands%ears, int(id)%bands
			v.marks[ear] = append(v.marks[ear], picture.Mark{T: t, Band: band, Channel: cell})
			v.cells = max(v.cells, cell+1)
			v.spikes++
		}
	}
	if v.spikes > maxMarks {
		return usage(fmt.Errorf("%s: more than %d events to show: give --start and --end", v.file, maxMarks))
	}
	return nil
}

// paint writes the picture and says what it shows.
func (v *rasterViewer) paint(out io.Writer) error {
	c := picture.Chart{
		From: v.first, To: v.last + 1, Title: filepath.Base(v.file), Note: fmt.Sprintf("%d spikes, %d neurons", v.spikes, v.shape.Size()),
	}
	if v.flags.start.set {
		c.From = v.span.from
	}
	if v.flags.end.set {
		c.To = v.span.to
	}
	for ear, marks := range v.marks {
		p := &picture.Raster{Name: "spikes", Bands: v.shape[2], Channels: v.cells, Marks: marks}
		switch {
		case aedat.Cochlea(v.r.Info):
			p.Name = []string{"left ear", "right ear"}[ear]
		case len(v.marks) > 1:
			p.Name = fmt.Sprintf("spikes, channel %d", ear)
		}
		c.Panels = append(c.Panels, p)
	}
	if err := c.Validate(); err != nil {
		return usage(err)
	}
	size, err := savePicture(v.flags.output, c.Paint)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d spikes in %.3f s, %dx%d px\n", v.flags.output, v.spikes, float64(c.To-c.From)/1e6, size.X, size.Y)
	return nil
}
