package recording

import (
	"slices"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// A camera's clock steps: timestamps of the previous run come first, it is set to
// zero when cameras are synchronised, a damaged packet carries an implausible
// timestamp. The clock
// makes the times of a recording ascend all the same:
//
//   - A step back by at most clockJitter is disorder, and left to the reader of
//     the events.
//   - Any other step back, and a step forward by more than clockLeap, is judged
//     by what follows it. Where the times return to what they were before
//     clockSettle has passed, the events between are outliers. Else a step back
//     begins a new span of time, which is shifted so that it follows the one
//     before it, and a step forward is a gap.
//   - A step back that the camera announces (Side.Reset) needs no judgement.
//
// Spans are set apart by clockJitter, so that a time says which span it is of,
// and its time in the file can be replayed.
const (
	clockJitter = 10_000        // µs; EVT3's late words are below 8.2 ms
	clockSettle = 20_000        // µs; a packet of any format is shorter
	clockHour   = 3_600_000_000 // µs
	clockMost   = 16 << 10      // events that are looked at
	clockSide   = 64 << 10      // pieces of side data, likewise
	clockSteps  = 1 << 16       // that are kept
)

// ClockStep is a step back of a recording's clock.
type ClockStep struct {
	Offset    int64 // bytes, about
	From, To  int64 // times in the file, µs
	Announced bool  // by the camera, or by the header of a joined recording
	Part      bool  // a joined recording begins; its times may be later, too

	start int64 // where the span behind it begins, ascending time, µs
	shift int64 // what is added to its times, µs
}

// blocks are read one after the other, up to an offset in the recording.
type blocks interface {
	read(*format.Block) error
	Offset() int64
}

// clock makes the times of a reader's blocks ascend.
type clock struct {
	ascent
	src      blocks
	outliers bool // are kept

	begun  bool
	plain  bool // no event of the latest block was earlier than one before it
	steps  []ClockStep
	damage pipeline.DamageReport

	ahead  *format.Block // read to judge by, not yet delivered
	piece  *format.Block // of ahead
	err    error         // with ahead
	held   bool          // there is something in ahead
	joins  bool          // the next event is the first of a joined recording
	skip   int           // events at the front of ahead that are outliers
	breaks []shiftBreak  // of the block that is worked on
	kept   []keptOutlier // of the block that was delivered
}

// keptOutlier is the time of an outlier that was left where it is, and what was
// added to it: its time does not say which span it is of.
type keptOutlier struct{ t, shift int64 }

// outlier is what was added to the time of an outlier, if it is one.
func (c *clock) outlier(t int64) (shift int64, ok bool) {
	for _, k := range c.kept {
		if k.t == t {
			return k.shift, true
		}
	}
	return 0, false
}

// partMark is the kind of what [Reader.read] puts before the first event of a
// joined recording; the clock takes it out again.
const partMark format.SideKind = 0

// mark finds the first mark among a block's side data, and returns how many
// events lie before it: all if there is none, and at is -1.
func mark(b *format.Block) (before, at int) {
	at = slices.IndexFunc(b.Side, func(s format.Side) bool { return s.Kind == partMark })
	if at < 0 {
		return len(b.Events), -1
	}
	return b.Side[at].Before, at
}

// shiftBreak says from which event of a block on a shift counts.
type shiftBreak struct {
	at    int
	shift int64
}

// read fills the block with the next piece of the recording.
func (c *clock) read(b *format.Block) error {
	for {
		err := c.fetch(b)
		if err != nil {
			return err
		}
		if c.fix(b); len(b.Events)+len(b.Side) > 0 {
			return nil
		}
	}
}

// fetch takes what was read ahead, or reads.
func (c *clock) fetch(b *format.Block) error {
	if c.held && len(c.ahead.Events)+len(c.ahead.Side) == 0 {
		if c.err == nil {
			c.held = false
			return c.src.read(b)
		}
		b.Reset()
		return c.err
	}
	if !c.held {
		return c.src.read(b)
	}
	*b, *c.ahead = *c.ahead, *b
	c.ahead.Reset()
	if c.held = c.err != nil; c.skip > 0 {
		cut(b, 0, c.skip)
		c.skip = 0
	}
	return nil
}

// fix makes the times of a block ascend.
func (c *clock) fix(b *format.Block) {
	if c.sums != nil {
		*c.sums = counts{}
	}
	c.breaks = append(c.breaks[:0], shiftBreak{0, c.shift})
	first := !c.begun
	if first && len(b.Events) > 0 {
		c.begun, c.last = true, b.Events[0].T+c.shift
	}
	if c.joins && len(b.Events) > 0 {
		c.join(b, 0, first)
	}
	c.plain, c.kept = true, c.kept[:0]
	for i := 0; ; {
		limit, k := mark(b)
		if i < limit {
			i += c.run(b.Events[i:limit])
		}
		if i >= limit && k >= 0 {
			b.Side = slices.Delete(b.Side, k, k+1)
			c.join(b, limit, first && limit == 0)
			continue
		}
		if i == len(b.Events) {
			break
		}
		c.plain = false
		t := b.Events[i].T
		switch d := t + c.shift - c.last; {
		case d < 0 && d >= -clockJitter:
			b.Events[i].T += c.shift
			i++
		case d < 0 && announced(b, i):
			c.step(t, i, true)
		default:
			n, ok := c.judge(b, i)
			switch {
			case ok && d < 0:
				c.step(t, i, false)
			case ok:
				c.last = t + c.shift
			default:
				i = c.leaveOut(b, i, n)
			}
		}
	}
	if c.shift != 0 || len(c.breaks) > 1 {
		c.shiftSide(b)
	}
}

// announced reports whether the camera set its clock right before an event.
func announced(b *format.Block, i int) bool {
	return slices.ContainsFunc(b.Side, func(s format.Side) bool { return s.Reset && s.Before == i })
}

// join begins a span of time with the event at i, the first of a joined
// recording. Times that are later than all before keep what was added to those.
func (c *clock) join(b *format.Block, i int, first bool) {
	if i == len(b.Events) {
		c.joins = true // with the next event
		return
	}
	if c.joins = false; first {
		return
	}
	t := b.Events[i].T
	s := ClockStep{From: c.last - c.shift, To: t, Announced: true, Part: true, start: c.last + 1, shift: c.shift}
	if t+c.shift <= c.last+clockJitter {
		s.shift = c.last + clockJitter + 1 - t
	} else {
		s.start = t + c.shift - clockJitter
	}
	c.begin(s, i)
}

// begin begins a span of time with the event at i.
func (c *clock) begin(s ClockStep, i int) {
	s.Offset, c.shift = c.src.Offset(), s.shift
	if len(c.steps) < clockSteps {
		c.steps = append(c.steps, s)
	}
	c.last = s.To + c.shift
	c.breaks = append(c.breaks, shiftBreak{i, c.shift})
}

// step begins a span of time with the event at i, whose time is earlier.
func (c *clock) step(t int64, i int, announced bool) {
	s := ClockStep{From: c.last - c.shift, To: t, Announced: announced, start: c.last + 1, shift: c.last + clockJitter + 1 - t}
	if !announced {
		c.damage.Add("clock_step", c.src.Offset(), s.From, 0)
		c.damage.Add("clock_step", c.src.Offset(), t, 1)
	}
	c.begin(s, i)
}

// judge looks at what follows the event at i, which is far from the one before
// it: ok reports that the times stay where it is; else n events are outliers.
func (c *clock) judge(b *format.Block, i int) (n int, ok bool) {
	first, prev := b.Events[i].T, b.Events[i].T
	limit, over := mark(b)
	more, used := b.Events[i+1:limit], 0 // of ahead
	if c.held {
		used = c.skip
	}
	here, last := true, over >= 0 // of this recording
	for n = 1; ; n++ {
		for len(more) == 0 {
			if !here {
				used = limit
			}
			if last || (!c.held || !here) && !c.look(b) {
				gap := first + c.shift - c.last
				return n, n > 1 || gap > 0 && gap < clockHour
			}
			limit, over = mark(c.ahead)
			more, here, last = c.ahead.Events[used:limit], false, over >= 0
		}
		t := more[0].T
		more = more[1:]
		if d := t + c.shift - c.last; d >= -clockJitter && d <= clockLeap {
			return n, false
		}
		if t < prev-clockJitter {
			first = t // another time that is far
		}
		if prev = t; t-first >= clockSettle || n >= clockMost {
			return n, true
		}
	}
}

// look reads ahead, or further, and reports whether there is anything. What
// lies beside the events of the block that is worked on must survive that.
func (c *clock) look(b *format.Block) bool {
	if c.held && (c.err != nil || len(c.ahead.Side) > clockSide) {
		return false
	}
	if c.ahead == nil {
		c.ahead, c.piece = format.NewBlock(cap(b.Events)), format.NewBlock(cap(b.Events))
	}
	if !c.held {
		c.ahead.Reset()
		for i := range b.Side {
			b.Side[i] = b.Side[i].Clone()
		}
	}
	c.held = true
	if c.err = c.src.read(c.piece); c.err != nil {
		return false
	}
	for _, s := range c.piece.Side {
		s = s.Clone()
		s.Before += len(c.ahead.Events)
		c.ahead.Side = append(c.ahead.Side, s)
	}
	c.ahead.Events = append(c.ahead.Events, c.piece.Events...)
	return true
}

// leaveOut takes n outliers from the event at i on out of the block, and of the
// one ahead, or leaves them as they are, and returns where to resume.
func (c *clock) leaveOut(b *format.Block, i, n int) int {
	here := min(n, len(b.Events)-i)
	for _, e := range b.Events[i : i+here] {
		c.damage.Add("time_outlier", c.src.Offset(), e.T, 1)
	}
	if c.outliers {
		for k := range b.Events[i : i+here] {
			e := &b.Events[i+k]
			e.T += c.shift
			c.kept = append(c.kept, keptOutlier{e.T, c.shift})
		}
		return i + here
	}
	cut(b, i, here)
	if c.skip = n - here; c.skip > 0 {
		for _, e := range c.ahead.Events[:c.skip] {
			c.damage.Add("time_outlier", c.src.Offset(), e.T, 1)
		}
	}
	return i
}

// cut takes n events at i out of a block.
func cut(b *format.Block, i, n int) {
	b.Events = slices.Delete(b.Events, i, i+n)
	for k := range b.Side {
		if s := &b.Side[k]; s.Before > i {
			s.Before = max(i, s.Before-n)
		}
	}
}

// shiftSide shifts what lies beside the events as the events around it. At a
// step it goes with the side that it is nearer to.
func (c *clock) shiftSide(b *format.Block) {
	for k := range b.Side {
		s := &b.Side[k]
		by, before := c.breaks[0].shift, c.breaks[0].shift
		for _, p := range c.breaks[1:] {
			if p.at > s.Before {
				break
			}
			by = p.shift
			if p.at < s.Before {
				before = p.shift
			}
		}
		if by != before && s.Before > 0 && !s.Reset {
			last := b.Events[s.Before-1].T
			if d := s.T + before - last; d >= -clockLeap && d <= clockLeap {
				by = before
			}
		}
		s.Shift(by)
	}
}

// shiftAt is what was added to a time in the file that became t.
func (c *clock) shiftAt(t int64) (shift int64, span int) {
	for i := len(c.steps) - 1; i >= 0; i-- {
		if c.steps[i].start <= t {
			return c.steps[i].shift, i + 1
		}
	}
	return 0, 0
}

// resume continues behind a place that was leapt to.
func (c *clock) resume(p *point) {
	c.held, c.skip, c.begun = false, 0, false
	if p == nil {
		return
	}
	if c.shift = p.Shift; p.Shift != 0 {
		c.steps = append(c.steps[:0], ClockStep{start: minTime, shift: p.Shift})
	}
}
