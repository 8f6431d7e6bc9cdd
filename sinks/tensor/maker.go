package tensor

import (
	"encoding/binary"
	"fmt"
	"math"

	"ganglion/internal/portable"
	"ganglion/pipeline"
)

// Writer takes the arrays, one slice after the other.
type Writer interface {
	// Append takes a slice: the bytes of its array, and the time that it covers.
	Append(array []byte, s Slice) error
	// Close completes the file.
	Close() error
}

// Slice is what a slice covers.
type Slice struct {
	Start, End int64 // µs, half open
	Events     int64
}

// Maker turns events into arrays. It is used from one goroutine.
type Maker struct {
	c             Config
	width, height int
	totals        Totals
	out           Writer

	begun  bool
	origin int64 // time of the first event, µs
	window int64 // of a slice, µs, 0 where events are counted
	count  int64 // of a slice, 0 where time is
	slices int64 // written
	most   int64 // slices that there are

	held    []pipeline.Event // of the slice, where its length must be known first
	waiting []pipeline.Event // at the very end of the slice, for the next one
	in      int64            // events of the slice
	last    int64            // time of the latest event, µs
	grid    []float64
	memory  []float64 // times of a time surface
	bytes   []byte

	outside   uint64 // events
	behind    uint64 // events behind the last slice
	saturated uint64 // counts that 16 bits do not hold
}

// New makes a maker for a sensor. The totals are needed where the config says so.
func New(c Config, width, height int, totals Totals, out Writer) (*Maker, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if width < 1 || height < 1 || width*height > 1<<24 {
		return nil, fmt.Errorf("a sensor of %dx%d px", width, height)
	}
	m := &Maker{c: c, width: width, height: height, totals: totals, out: out, most: math.MaxInt64}
	_, planes := c.planes()
	m.grid = make([]float64, planes*width*height)
	if c.Kind == surface {
		m.memory = make([]float64, planes*width*height)
		for i := range m.memory {
			m.memory[i] = math.Inf(-1)
		}
	}
	switch {
	case c.Window > 0:
		m.window = c.Window.Microseconds()
	case c.Count > 0:
		m.count = int64(c.Count)
	case c.Kind == voxel:
		m.count, m.most = max(totals.Events, 1), 1
	case c.ByCount:
		m.count, m.most = totals.Events/int64(c.Bins), int64(c.Bins)
	default:
		m.window, m.most = (totals.Last-totals.First)/int64(c.Bins), int64(c.Bins)
	}
	return m, nil
}

// size is the bytes of a value.
func (c Config) size() int {
	if c.Kind == frames {
		return 2
	}
	return 4
}

// mostEmpty bounds the slices without events that one gap may make.
const mostEmpty = 1 << 20

// Add takes events, whose times ascend.
func (m *Maker) Add(events []pipeline.Event) error {
	for i := range events {
		e := &events[i]
		if int(e.X) >= m.width || int(e.Y) >= m.height {
			m.outside++
			continue
		}
		if !m.begun {
			m.begun, m.origin, m.last = true, e.T, e.T
		}
		later, err := m.ends(e)
		if err != nil {
			return err
		}
		if later {
			continue
		}
		if m.slices >= m.most || m.window == 0 && m.count == 0 {
			m.behind++
			continue
		}
		m.event(e)
		if m.window == 0 && !m.strict() && m.in == m.count {
			if err := m.emit(); err != nil {
				return err
			}
		}
	}
	return nil
}

// ends writes the slices that an event says are over. It reports true when the
// event waits for the one after it.
func (m *Maker) ends(e *pipeline.Event) (later bool, err error) {
	if m.window == 0 {
		if m.strict() && m.in == m.count {
			err = m.emit()
		}
		return false, err
	}
	if gap := (e.T - m.end()) / m.window; gap > mostEmpty && m.most == math.MaxInt64 {
		return false, fmt.Errorf("a gap up to %d µs is %d windows long: choose a longer window", e.T, gap)
	}
	for m.slices < m.most && e.T >= m.end() {
		if m.strict() && e.T == m.end() {
			m.waiting = append(m.waiting, *e)
			return true, nil
		}
		if err := m.emit(); err != nil {
			return false, err
		}
		for i := range m.waiting {
			m.event(&m.waiting[i])
		}
		m.waiting = m.waiting[:0]
	}
	return false, nil
}

// end is the time at which the slice ends.
func (m *Maker) end() int64 { return m.origin + (m.slices+1)*m.window }

// strict reports whether a slice counts only if something follows it, as in
// event_utils.
func (m *Maker) strict() bool {
	return m.c.Kind == voxel && !m.c.NeedsTotals() && m.c.Definition == EventUtils
}

// event adds an event to the slice.
func (m *Maker) event(e *pipeline.Event) {
	m.in++
	m.last = max(m.last, e.T)
	pixel := int(e.Y)*m.width + int(e.X)
	plane, weight := m.c.plane(e.P)
	switch m.c.Kind {
	case frames:
		m.grid[plane*m.width*m.height+pixel] += weight
	case surface:
		m.memory[plane*m.width*m.height+pixel] = float64(e.T)
	case voxel:
		if m.c.NeedsTotals() {
			m.voxel(e, m.in-1, m.totals.First, m.totals.Last, m.totals.Events)
		} else {
			m.held = append(m.held, *e)
		}
	}
}

// voxel adds the event of a number among n to the grid.
func (m *Maker) voxel(e *pipeline.Event, number, first, last, n int64) {
	plane, weight := m.c.plane(e.P)
	at := int(e.Y)*m.width + int(e.X)
	put := func(bin int, value float64) {
		if bin < m.c.Bins {
			m.grid[(plane*m.c.Bins+bin)*m.width*m.height+at] += value
		}
	}
	if m.c.ByCount {
		if each := n / int64(m.c.Bins); each > 0 {
			put(int(min(number/each, int64(m.c.Bins))), weight)
		}
		return
	}
	place := 0.0
	if last > first {
		if bins := float64(m.c.Bins); m.c.Definition == EventUtils {
			place = float64(e.T-first) / float64(last-first) * (bins - 1)
		} else {
			place = bins * float64(e.T-first) / float64(last-first)
		}
	}
	place = max(place, 0) // a time may be a little early
	bin := int(place)
	share := place - float64(bin)
	put(bin, weight*(1-share))
	put(bin+1, weight*share)
}

// emit writes the slice and begins the next one.
func (m *Maker) emit() error {
	s := Slice{Start: m.origin + m.slices*m.window, End: m.end(), Events: m.in}
	if m.window == 0 {
		s.Start, s.End = m.origin, m.last+1
	}
	switch m.c.Kind {
	case voxel:
		for i := range m.held {
			m.voxel(&m.held[i], int64(i), m.held[0].T, m.held[len(m.held)-1].T, int64(len(m.held)))
		}
		if len(m.held) > 0 && m.window == 0 {
			s.Start = m.held[0].T
		}
		m.held = m.held[:0]
	case surface:
		now := float64(m.last)
		if m.window > 0 {
			now = float64(m.end())
		}
		tau := float64(m.c.Tau.Microseconds())
		for i, t := range m.memory {
			m.grid[i] = portable.Exp(-(now - t) / tau)
		}
	}
	m.bytes = m.bytes[:0]
	for i, v := range m.grid {
		if m.c.Kind == frames {
			if v > math.MaxInt16 || v < math.MinInt16 {
				m.saturated++
				v = max(min(v, math.MaxInt16), math.MinInt16)
			}
			m.bytes = binary.LittleEndian.AppendUint16(m.bytes, uint16(int16(v)))
		} else {
			m.bytes = binary.LittleEndian.AppendUint32(m.bytes, math.Float32bits(float32(v)))
		}
		m.grid[i] = 0
	}
	m.slices++
	m.in = 0
	return m.out.Append(m.bytes, s)
}

// Finish writes the slices that are still to come, and completes the file.
func (m *Maker) Finish() error {
	for m.begun && m.remains() {
		if err := m.emit(); err != nil {
			return err
		}
	}
	m.behind += uint64(m.in) + uint64(len(m.waiting))
	return m.out.Close()
}

// remains reports whether a slice is to be written that no event has ended.
func (m *Maker) remains() bool {
	switch {
	case m.most != math.MaxInt64:
		return m.slices < m.most
	case m.strict():
		return false
	}
	return m.slices == 0
}

// Left are the events that are in no array: outside the sensor, and behind the
// last slice, and the counts that were too great for 16 bits.
func (m *Maker) Left() (outside, behind, saturated uint64) { return m.outside, m.behind, m.saturated }

// Slices is how many arrays were written.
func (m *Maker) Slices() int64 { return m.slices }
