package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ganglion/encoders/filter"
	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/runner"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// converter copies one recording, block by block.
type converter struct {
	in, out string
	flags   convertFlags
	r       *recording.Reader
	w       target
	beside  *sideFile   // nil without --side
	part    int         // span of time that is written, from 0 on
	info    format.Info // of the output
	span    *span
	chain   *filter.Chain // nil without filters

	order   pipeline.DamageReport // events earlier than one before
	latest  int64                 // µs
	past    []pipeline.Damage     // lost by outputs that are finished
	zero    int64                 // what is subtracted from every time, µs
	zeroSet bool
	read    uint64 // events
	clamped uint64
	early   uint64 // side data before the first event, left out for --shift-to-zero
	handed  uint64 // events that were given to the writer
	seeks   bool   // what lies before --start may be left unread
	unread  int64  // bytes that were
}

// errInterrupted reports that the user ended a conversion: what was written by then
// is a whole recording, and stays.
var errInterrupted = errors.New("stopped")

// convertBlock is how many events are held at a time.
const convertBlock = 16 << 10

// copy converts until the end of the input, or of what is wanted of it.
func (c *converter) copy(ctx context.Context, size int64) error {
	bar := newProgress(os.Stderr)
	defer bar.finish()
	progress := bar.of(0)
	b := format.NewBlock(convertBlock)
	for !c.span.over {
		at := c.r.Offset()
		err := c.r.Read(b)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		c.check(b.Events, at)
		if damage := c.order.List(); c.flags.strict && len(damage) > 0 {
			return fmt.Errorf("recording %s: %w", c.in, &recording.DamageError{Damage: damage[0]})
		}
		if err != nil {
			return nil
		}
		err = c.block(b)
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %w at byte %d of %s; it holds the %d events before", c.out, errInterrupted, c.r.Offset(), c.in,
				c.handed-c.lostEvents())
		}
		if err != nil {
			return err
		}
		if c.seeks && c.span.begun {
			c.seeks = false
			if c.unread, err = leap(c.r, c.span.from); err != nil {
				return err
			}
		}
		if progress != nil {
			progress(runner.Progress{Bytes: c.r.Offset(), SizeBytes: size, Events: c.read})
		}
	}
	return nil
}

// check counts what was read, and events that are earlier than one before.
func (c *converter) check(events []pipeline.Event, at int64) {
	if last, ok := c.r.Plain(); ok && len(events) > 0 {
		c.latest = last
		c.read += uint64(len(events))
		return
	}
	for i := range events {
		t := events[i].T
		if t < c.latest && c.read > 0 {
			c.order.Add("time_backwards", at, t, 1)
		} else {
			c.latest = t
		}
		c.read++
	}
}

// block writes one block.
func (c *converter) block(b *format.Block) error {
	c.span.cut(b)
	if c.flags.outliers == "clamp" {
		c.clamp(b.Events)
	}
	if c.chain != nil {
		rework(b, c.chain.Filter, func(*format.Side) bool { return true })
	}
	if c.flags.time == timeSplit {
		return c.split(b)
	}
	if c.flags.time == timeKeep {
		c.r.Restore(b)
	}
	return c.finish(b)
}

// finish writes a block whose times are those that are asked for.
func (c *converter) finish(b *format.Block) error {
	if c.flags.shift {
		c.shift(b)
	}
	c.handed += uint64(len(b.Events))
	return c.write(b)
}

// clamp moves events outside the sensor to its edge.
func (c *converter) clamp(events []pipeline.Event) {
	right, bottom := c.r.Info.Width-1, c.r.Info.Height-1
	for i := range events {
		e := &events[i]
		x, y := min(int(e.X), right), min(int(e.Y), bottom)
		if x != int(e.X) || y != int(e.Y) {
			e.X, e.Y = uint16(x), uint16(y)
			c.clamped++
		}
	}
}

// shift makes the time of the first event that is written zero. What lies
// beside the events before it is left out, for it would be earlier than zero.
func (c *converter) shift(b *format.Block) {
	if !c.zeroSet && len(b.Events) == 0 {
		c.early += uint64(len(b.Side))
		b.Side = b.Side[:0]
		return
	}
	if !c.zeroSet {
		c.zero, c.zeroSet = b.Events[0].T, true
		first := slices.IndexFunc(b.Side, func(s format.Side) bool { return s.Before > 0 })
		if first < 0 {
			first = len(b.Side)
		}
		c.early += uint64(first)
		b.Side = slices.Delete(b.Side, 0, first)
	}
	for i := range b.Events {
		b.Events[i].T -= c.zero
	}
	for i := range b.Side {
		s := &b.Side[i]
		s.T -= c.zero
		if f := s.Frame; f != nil {
			f.Start, f.End = f.Start-c.zero, f.End-c.zero
			f.ExposureStart, f.ExposureEnd = f.ExposureStart-c.zero, f.ExposureEnd-c.zero
		}
	}
}

// write hands a block to the outputs.
func (c *converter) write(b *format.Block) error {
	if c.beside != nil {
		if err := c.beside.write(b.Side); err != nil {
			return err
		}
	}
	return c.w.WriteBlock(b)
}

// split writes a block with the file's times, each span of time to a file of
// its own.
func (c *converter) split(b *format.Block) error {
	for len(b.Events)+len(b.Side) > 0 {
		part := c.part
		if len(b.Events) > 0 {
			part, _ = c.r.Span(b.Events[0].T)
		}
		n := slices.IndexFunc(b.Events, func(e pipeline.Event) bool {
			span, _ := c.r.Span(e.T)
			return span != part
		})
		if n < 0 {
			n = len(b.Events)
		}
		side := slices.IndexFunc(b.Side, func(s format.Side) bool { return s.Before > n })
		if side < 0 || n == len(b.Events) {
			side = len(b.Side)
		}
		if err := c.next(part); err != nil {
			return err
		}
		piece := format.Block{Events: b.Events[:n], Side: b.Side[:side]}
		c.r.Restore(&piece)
		if err := c.finish(&piece); err != nil {
			return err
		}
		b.Events, b.Side = b.Events[n:], b.Side[side:]
		for i := range b.Side {
			b.Side[i].Before -= n
		}
	}
	return nil
}

// next makes sure that the output is that of a span of time.
func (c *converter) next(part int) error {
	if part == c.part {
		return nil
	}
	if err := c.refuseNothing(); err != nil {
		return err
	}
	if err := c.w.Close(); err != nil {
		return err
	}
	c.past = append(c.past, c.w.Lost()...)
	c.part, c.zeroSet = part, false
	ext := filepath.Ext(c.out)
	w, err := recording.Create(fmt.Sprintf("%s-%d%s", strings.TrimSuffix(c.out, ext), part+1, ext), c.info.Format, c.info)
	if err != nil {
		return err
	}
	c.w = w
	return nil
}

// lost is what the outputs could not hold. What --side wrote is not among it.
func (c *converter) lost() []pipeline.Damage {
	var lost []pipeline.Damage
	for _, d := range slices.Concat(c.past, c.w.Lost()) {
		if c.beside == nil || !slices.Contains(besideKinds, d.Kind) {
			lost = append(lost, d)
		}
	}
	return lost
}

// sideFile is the text that --side asks for: what lies beside the events.
type sideFile struct {
	f *outfile.Draft
	w *bufio.Writer
}

// besideKinds are the kinds of side data that it holds.
var besideKinds = []string{format.Trigger.String(), format.IMUSample.String(), format.Special.String()}

func newSideFile(path string) (*sideFile, error) {
	f, err := outfile.NewDraft(path)
	if err != nil {
		return nil, err
	}
	s := &sideFile{f, bufio.NewWriter(f)}
	_, err = s.w.WriteString("t,kind,code,value,ax,ay,az,gx,gy,gz,mx,my,mz,temperature\n")
	return s, err
}

// write appends a line for each: of a trigger its channel and edge, of special
// data its code and value, of an IMU sample its numbers.
func (s *sideFile) write(side []format.Side) error {
	for i := range side {
		d := &side[i]
		var err error
		switch d.Kind {
		case format.Trigger, format.Special:
			_, err = fmt.Fprintf(s.w, "%d,%s,%d,%d,,,,,,,,,,\n", d.T, d.Kind, d.Code, d.Value)
		case format.IMUSample:
			m := d.IMU
			_, err = fmt.Fprintf(s.w, "%d,imu,,,%g,%g,%g,%g,%g,%g,%g,%g,%g,%g\n", d.T,
				m.Accel[0], m.Accel[1], m.Accel[2], m.Gyro[0], m.Gyro[1], m.Gyro[2], m.Mag[0], m.Mag[1], m.Mag[2], m.Temperature)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Close finishes the file; nil has none.
func (s *sideFile) Close() error {
	if s == nil {
		return nil
	}
	return errors.Join(s.w.Flush(), s.f.Close())
}

// Discard leaves no file.
func (s *sideFile) Discard() error {
	if s == nil {
		return nil
	}
	return s.f.Discard()
}
