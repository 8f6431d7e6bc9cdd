package track

// cellSize is the side of the cells in which events are counted, px.
const cellSize = 4

// support counts input events by cell over the current period and the one
// before, so that a detection can say how many events stand behind its box.
type support struct {
	w, h         int // cells
	now, past    []tally
	seen, before uint64 // events in now and in past
}

type tally struct{ n, on uint32 }

func newSupport(w, h int) support {
	cw, ch := (w+cellSize-1)/cellSize, (h+cellSize-1)/cellSize
	return support{w: cw, h: ch, now: make([]tally, cw*ch), past: make([]tally, cw*ch)}
}

// add counts an event at a pixel. It has no branches: in noise they would be wrong half
// of the time.
func (s *support) add(x, y int, on bool) {
	t := &s.now[s.cell(x, y)]
	t.n++
	t.on += bit(on)
	s.seen++
}

func (s *support) cell(x, y int) uint { return uint(y)/cellSize*uint(s.w) + uint(x)/cellSize }

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// turn begins the next period.
func (s *support) turn() {
	if s.before > 0 {
		clear(s.past)
	}
	s.now, s.past = s.past, s.now
	s.seen, s.before = 0, s.seen
}

func (s *support) empty() bool { return s.seen+s.before == 0 }

// within sums the cells that a box touches.
func (s *support) within(b Box) tally {
	var sum tally
	x0, x1 := cellSpan(b.Min.X, b.Max.X, s.w)
	y0, y1 := cellSpan(b.Min.Y, b.Max.Y, s.h)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			now, past := s.now[y*s.w+x], s.past[y*s.w+x]
			sum.n += now.n + past.n
			sum.on += now.on + past.on
		}
	}
	return sum
}

func cellSpan(lo, hi float64, n int) (int, int) {
	return max(int(lo)/cellSize, 0), min(int(hi)/cellSize, n-1)
}
