package words

// Hop is the time from frame to frame, µs, for tests from outside.
func (e *Ear) Hop() int64 { return e.hop() }

// Power is the powers of the bands of a frame.
func (s *Scene) Power(frame int) []float64 {
	n := s.ear.Bands()
	return s.power[frame*n : (frame+1)*n]
}
