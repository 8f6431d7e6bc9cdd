package motion

// support counts input events by cell over the current period and the one
// before, so that a detection can say how many events stand behind its box.
type support struct {
	w, h      int
	now, past []tally
	dirty     []int32 // cells of now that are not zero
	stale     []int32 // cells of past that are not zero
}

type tally struct{ n, on uint32 }

func newSupport(w, h int) support {
	cw, ch := (w+cellSize-1)/cellSize, (h+cellSize-1)/cellSize
	return support{w: cw, h: ch, now: make([]tally, cw*ch), past: make([]tally, cw*ch)}
}

func (s *support) add(x, y int, on bool) {
	c := y/cellSize*s.w + x/cellSize
	if s.now[c].n == 0 {
		s.dirty = append(s.dirty, int32(c))
	}
	s.now[c].n++
	if on {
		s.now[c].on++
	}
}

// turn begins the next period.
func (s *support) turn() {
	for _, c := range s.stale {
		s.past[c] = tally{}
	}
	s.now, s.past = s.past, s.now
	s.dirty, s.stale = s.stale[:0], s.dirty
}

// within sums the cells that a box touches.
func (s *support) within(x0, y0, x1, y1 float64) tally {
	var sum tally
	for y := max(int(y0)/cellSize, 0); y <= min(int(y1)/cellSize, s.h-1); y++ {
		for x := max(int(x0)/cellSize, 0); x <= min(int(x1)/cellSize, s.w-1); x++ {
			for _, t := range []tally{s.now[y*s.w+x], s.past[y*s.w+x]} {
				sum.n += t.n
				sum.on += t.on
			}
		}
	}
	return sum
}
