package zones

import (
	"ganglion/network/motion/track"
	"ganglion/pipeline"
)

// cross takes an object's way since the last period with regard to a line.
func (w *Watch) cross(m *moment, l int, dst []pipeline.Detection) []pipeline.Detection {
	line, s := &w.cfg.Lines[l], &m.f.sides[l]
	from := track.Vec{X: line.X0, Y: line.Y0}
	along := track.Vec{X: line.X1, Y: line.Y1}.Minus(from)
	right := track.Vec{X: -along.Y, Y: along.X}.Times(1 / along.Norm()) // of who walks along it
	was, is := right.Dot(m.f.at.Minus(from)), right.Dot(m.at.Minus(from))
	if s.of == 0 {
		s.of = sign(was)
		s.near = s.of
	}
	if n := sign(is); n != s.near {
		if n*s.near < 0 && was != is {
			met := m.f.at.Plus(m.at.Minus(m.f.at).Times(was / (was - is)))
			s.foot = along.Dot(met.Minus(from)) / along.Dot(along)
		}
		if n != 0 {
			s.near = n
		}
		if s.of == 0 {
			s.of = n
		}
	}
	margin := m.margin
	if line.Margin > 0 {
		margin = line.Margin
	}
	if s.near == s.of || max(is, -is) < margin {
		return dst
	}
	s.of = s.near
	if s.foot < 0 || s.foot > 1 {
		return dst
	}
	return w.count(m, l, s.of, dst)
}

// count counts a crossing towards a side and reports it.
func (w *Watch) count(m *moment, l int, towards int8, dst []pipeline.Detection) []pipeline.Detection {
	line, c := &w.cfg.Lines[l], &w.counted[l]
	switch {
	case towards > 0 && line.Direction != "backward":
		c.forward++
	case towards < 0 && line.Direction != "forward":
		c.backward++
	default:
		return dst
	}
	d := w.report(m, pipeline.LineCross)
	d.Label, d.Sign, d.TotalForward, d.TotalBackward = line.Name, int64(towards), c.forward, c.backward
	return append(dst, d)
}

func sign(v float64) int8 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}
