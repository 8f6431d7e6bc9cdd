package picture

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"strconv"
)

// tick is a mark on an axis: where it lies, in [0, 1], and its label.
type tick struct {
	at    float64
	label string
}

// leftTicks marks ticks, in their order from below, at the left of an area.
// Labels that would touch the one below are left out.
func leftTicks(dst *image.RGBA, text *typeface, area image.Rectangle, ticks []tick) {
	last := area.Max.Y + text.line
	for _, k := range ticks {
		y := area.Max.Y - int(k.at*float64(area.Dy()))
		if last-y < text.line {
			continue
		}
		last = y
		fillRect(dst, image.Rect(area.Min.X-tickLength, y, area.Min.X, y+1), dimInk)
		text.write(dst, k.label, area.Min.X-tickLength-3-text.width(k.label), y+text.ascent/2-1, dimInk)
	}
}

// logAxis is a logarithmic axis of numbers from least to most. None has no place
// on it: it gets one of its own, below all others.
type logAxis struct{ least, most float64 }

// noneGap is the part of a logarithmic axis that lies between none and the least.
const noneGap = .07

// newLogAxis takes all values; the ends are 1, 2 or 5 times a power of ten.
func newLogAxis(values []float64) logAxis {
	a := logAxis{least: math.Inf(1)}
	for _, v := range values {
		if v > 0 && !math.IsInf(v, 0) {
			a.least, a.most = min(a.least, v), max(a.most, v)
		}
	}
	if a.most == 0 {
		return logAxis{1, 10}
	}
	a.least, a.most = roundDown(a.least), roundUp(a.most)
	if a.most <= a.least {
		a.most = 10 * a.least
	}
	return a
}

// roundDown is the greatest of 1, 2 and 5 times a power of ten that is not above
// v, which is above none.
func roundDown(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	for _, s := range []float64{10, 5, 2} {
		if s*decade <= v*nearlyOne {
			return s * decade
		}
	}
	return decade
}

// roundUp is the least of them that is not below v.
func roundUp(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	for _, s := range []float64{1, 2, 5} {
		if s*decade*nearlyOne >= v {
			return s * decade
		}
	}
	return 10 * decade
}

// nearlyOne forgives what rounding does to a power of ten.
const nearlyOne = 1 + 1e-9

// at is where a value lies, in [0, 1].
func (a logAxis) at(v float64) float64 {
	if !(v > 0) {
		return 0
	}
	v = min(max(v, a.least), a.most)
	return noneGap + (1-noneGap)*math.Log(v/a.least)/math.Log(a.most/a.least)
}

// ticks are at none, and at 1, 2 and 5 times the powers of ten; at these alone
// on an axis of many decades. Labels are in units of unit.
func (a logAxis) ticks(unit float64) []tick {
	all := []tick{{0, "0"}}
	steps := []float64{1, 2, 5}
	if a.most/a.least > 2e4 {
		steps = steps[:1]
	}
	for decade := math.Pow(10, math.Floor(math.Log10(a.least*nearlyOne))); decade <= a.most*nearlyOne; decade *= 10 {
		for _, s := range steps {
			if v := s * decade; v*nearlyOne >= a.least && v <= a.most*nearlyOne {
				all = append(all, tick{a.at(v), strconv.FormatFloat(v/unit, 'g', 3, 64)})
			}
		}
	}
	return all
}

// roundTicks are four to eight round numbers from low to high.
func roundTicks(low, high float64) (all []tick) {
	if !(high > low) {
		return []tick{{.5, strconv.FormatFloat(low, 'g', 4, 64)}}
	}
	step := roundUp((high - low) / 8)
	for k := math.Ceil(low / step); k*step <= high+step*1e-9; k++ {
		v := k*step + 0 // never -0
		all = append(all, tick{(v - low) / (high - low), strconv.FormatFloat(v, 'g', 4, 64)})
	}
	return all
}

// writeUp puts text on a picture that reads upwards; x is its base line and y
// its lower end.
func (f *typeface) writeUp(dst *image.RGBA, s string, x, y int, c color.Color) {
	flat := image.NewAlpha(image.Rect(0, 0, f.width(s), f.line))
	f.write(flat, s, 0, f.ascent, color.Opaque)
	up := image.NewAlpha(image.Rect(0, 0, flat.Rect.Dy(), flat.Rect.Dx()))
	for row := range flat.Rect.Dy() {
		for column := range flat.Rect.Dx() {
			up.SetAlpha(row, flat.Rect.Dx()-1-column, flat.AlphaAt(column, row))
		}
	}
	corner := image.Pt(x-f.ascent, y-up.Rect.Dy())
	draw.DrawMask(dst, up.Rect.Add(corner), image.NewUniform(c), image.Point{}, up, image.Point{}, draw.Over)
}
