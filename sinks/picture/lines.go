package picture

import (
	"image"
	"math"
)

// Lines is a panel of curves over time, such as membranes.
type Lines struct {
	Name   string
	Times  []int64 // of the values of every curve, ascending, µs
	Curves []Line

	low, high float64 // of the axis; both 0: from the least to the greatest value
}

// Line is one curve: a value for each time. What is not a number is a gap.
type Line struct {
	Name   string
	Values []float32
}

// linesHeight is the height of a panel of curves, px.
const linesHeight = 240

func (l *Lines) name() string { return l.Name }
func (l *Lines) height() int  { return linesHeight }

// span is from the least to the greatest value of all curves, or what is given.
func (l *Lines) span() (low, high float64) {
	if l.low < l.high {
		return l.low, l.high
	}
	low, high = math.Inf(1), math.Inf(-1)
	for _, c := range l.Curves {
		for _, v := range c.Values {
			if x := float64(v); x-x == 0 { // finite
				low, high = min(low, x), max(high, x)
			}
		}
	}
	if low > high {
		return 0, 1
	}
	if low == high {
		return low - .5, high + .5
	}
	return low, high
}

func (l *Lines) ticks() []tick { return roundTicks(l.span()) }

func (l *Lines) paint(dst *image.RGBA, text *typeface, area image.Rectangle, from, to int64) {
	low, high := l.span()
	right := area.Max.X
	for i := len(l.Curves) - 1; i >= 0; i-- {
		c, tint := l.Curves[i], trackTints[i%len(trackTints)]
		var s shape
		var last *point
		for k, t := range l.Times {
			v := float64(c.Values[k])
			if v-v != 0 || t < from || t > to {
				last = nil
				continue
			}
			at := point{float64(place(t, from, to, area)), float64(area.Max.Y) - (v-low)/(high-low)*float64(area.Dy()-1) - .5}
			if last != nil && at != *last {
				s.line(*last, at, 1.5)
			}
			last = &at
		}
		s.fill(dst.SubImage(area).(*image.RGBA), tint)
		right -= text.width(c.Name)
		text.write(dst, c.Name, right, area.Min.Y-6, tint)
		right -= swatch + 6
		fillRect(dst, image.Rect(right, area.Min.Y-11, right+swatch, area.Min.Y-9), tint)
		right -= legendGap
	}
}
