package track

import "testing"

// Events stand behind a box for their period and the one after it, and in the cells that
// the box touches.
func TestSupportIsOfTwoPeriods(t *testing.T) {
	t.Parallel()
	s := newSupport(40, 20)
	whole := Box{Max: Vec{39, 19}}
	steps := []struct {
		do    func()
		want  tally
		empty bool
	}{
		{func() {}, tally{}, true},
		{func() { s.add(5, 5, true); s.add(6, 6, false) }, tally{2, 1}, false},
		{func() { s.turn() }, tally{2, 1}, false},
		{func() { s.add(39, 19, true) }, tally{3, 2}, false},
		{func() { s.turn() }, tally{1, 1}, false},
		{func() { s.turn() }, tally{}, true},
	}
	for i, step := range steps {
		step.do()
		if got := s.within(whole); got != step.want || s.empty() != step.empty {
			t.Errorf("step %d: %+v, empty %t; want %+v, %t", i, got, s.empty(), step.want, step.empty)
		}
	}
	s.add(8, 4, true) // in the cell from (8, 4) to (11, 7)
	for box, want := range map[Box]uint32{
		{Vec{8, 4}, Vec{8, 4}}: 1, {Vec{11.9, 7.9}, Vec{20, 19}}: 1, {Vec{0, 0}, Vec{7.9, 19}}: 0, {Vec{12, 4}, Vec{20, 19}}: 0,
		{Vec{8, 8}, Vec{11, 19}}: 0, {Vec{-9, -9}, Vec{99, 99}}: 1,
	} {
		if got := s.within(box); got.n != want {
			t.Errorf("%v: %d events, want %d", box, got.n, want)
		}
	}
}
