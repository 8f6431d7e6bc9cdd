package picture

import (
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
)

// Tradeoff is a picture of a detection-error trade-off: the share of false
// rejects over the false accepts per hour, a curve for each condition. Both axes
// are logarithmic, and none has a tick of its own below them; what leads there is
// dashed.
type Tradeoff struct {
	Title  string
	Curves []Curve
}

// Curve is the trade-off of one condition.
type Curve struct {
	Name   string
	Points []Point // in order of the threshold
	Chosen int     // index of the point in use, which is marked with its intervals; -1 for none
}

// Point is one threshold. Intervals are those of 95 % confidence.
type Point struct {
	Threshold            float64
	Accepts, Rejects     float64 // per hour; share in [0, 1]
	Accepts95, Rejects95 [2]float64
}

// drawable reports whether a point has a place.
func (p Point) drawable() bool { return p.Accepts >= 0 && p.Rejects >= 0 } // false for what is not a number

// chosen is the point in use, if there is one that can be drawn.
func (c Curve) chosen() (Point, bool) {
	if c.Chosen < 0 || c.Chosen >= len(c.Points) {
		return Point{}, false
	}
	return c.Points[c.Chosen], c.Points[c.Chosen].drawable()
}

// The layout of a trade-off, px.
const (
	tradeoffWidth = 760
	tradeoffArea  = 440 // height of the axes
	tradeoffLeft  = 74
	tradeoffFoot  = 56 // from the axes to the legend
)

// plane is a trade-off while it is drawn.
type plane struct {
	*Tradeoff
	bold, text, tiny *typeface
	x, y             logAxis
	area             image.Rectangle
	taken            []image.Rectangle // by labels
}

// Paint draws the trade-off.
func (t *Tradeoff) Paint() (*image.RGBA, error) {
	p := plane{Tradeoff: t}
	if err := p.axes(); err != nil {
		return nil, err
	}
	var errs [3]error
	p.bold, errs[0] = newTypeface(14, true)
	p.text, errs[1] = newTypeface(12, false)
	p.tiny, errs[2] = newTypeface(11, false)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	p.area = image.Rect(tradeoffLeft, chartTop+8, tradeoffWidth-chartRight, chartTop+8+tradeoffArea)
	legend := (len(t.Curves)+1)*(p.text.line+2) + captionPad
	dst := image.NewRGBA(image.Rect(0, 0, tradeoffWidth, p.area.Max.Y+tradeoffFoot+legend))
	fillRect(dst, dst.Bounds(), strip)
	fillRect(dst, p.area, ground)
	p.bold.write(dst, t.Title, captionPad, chartTop-9, ink)
	p.grid(dst)
	for i, c := range t.Curves {
		p.curve(dst, c, i)
	}
	p.legend(dst)
	return dst, nil
}

// axes spans both axes over all that is drawn.
func (p *plane) axes() error {
	if len(p.Curves) == 0 {
		return errors.New("trade-off: no curve")
	}
	var accepts, rejects []float64
	for _, c := range p.Curves {
		if !slices.ContainsFunc(c.Points, Point.drawable) {
			return fmt.Errorf("trade-off: curve %q has no point", c.Name)
		}
		for _, at := range c.Points {
			accepts, rejects = append(accepts, at.Accepts), append(rejects, at.Rejects)
		}
		if at, ok := c.chosen(); ok {
			accepts, rejects = append(accepts, at.Accepts95[:]...), append(rejects, at.Rejects95[:]...)
		}
	}
	p.x, p.y = newLogAxis(accepts), newLogAxis(rejects)
	return nil
}

// place is where a point lies.
func (p *plane) place(accepts, rejects float64) point {
	return point{
		float64(p.area.Min.X) + p.x.at(accepts)*float64(p.area.Dx()-1) + .5,
		float64(p.area.Max.Y) - p.y.at(rejects)*float64(p.area.Dy()-1) - .5,
	}
}

// grid draws the lines of both axes, their ticks and their units.
func (p *plane) grid(dst *image.RGBA) {
	line := mix(ground, dimInk, .3)
	last := math.Inf(-1)
	for _, k := range p.x.ticks(1) {
		x := p.area.Min.X + int(k.at*float64(p.area.Dx()-1))
		fillRect(dst, image.Rect(x, p.area.Min.Y, x+1, p.area.Max.Y+tickLength), line)
		w := p.text.width(k.label)
		if left := float64(x) - float64(w)/2; left > last+6 {
			p.text.write(dst, k.label, x-w/2, p.area.Max.Y+tickLength+2+p.text.ascent, dimInk)
			last = left + float64(w)
		}
	}
	ticks := p.y.ticks(.01)
	for _, k := range ticks {
		y := p.area.Max.Y - 1 - int(k.at*float64(p.area.Dy()-1))
		fillRect(dst, image.Rect(p.area.Min.X, y, p.area.Max.X, y+1), line)
	}
	leftTicks(dst, p.text, p.area, ticks)
	under := "false accepts per hour"
	p.text.write(dst, under, (p.area.Min.X+p.area.Max.X-p.text.width(under))/2, p.area.Max.Y+tickLength+6+p.text.ascent+p.text.line, dimInk)
	beside := "false rejects, %"
	p.text.writeUp(dst, beside, captionPad+p.text.ascent, (p.area.Min.Y+p.area.Max.Y+p.text.width(beside))/2, dimInk)
}

// curve draws the line through the points, the thresholds on it, and the point in
// use with its intervals.
func (p *plane) curve(dst *image.RGBA, c Curve, index int) {
	tint := trackTints[index%len(trackTints)]
	var line, dots shape
	var last *Point
	for _, at := range c.Points {
		if !at.drawable() {
			continue
		}
		here := p.place(at.Accepts, at.Rejects)
		dots.line(here.minus(point{.5, 0}), here.plus(point{.5, 0}), 4)
		if last != nil {
			before := p.place(last.Accepts, last.Rejects)
			if (at.Accepts > 0) != (last.Accepts > 0) || (at.Rejects > 0) != (last.Rejects > 0) {
				line.dashed(before, here, 1.5, 4)
			} else {
				line.line(before, here, 1.5)
			}
		}
		last = &at
	}
	line.fill(dst, tint)
	dots.fill(dst, tint)
	if at, ok := c.chosen(); ok {
		p.mark(dst, at, index)
	}
	for _, at := range c.Points {
		if at.drawable() {
			p.threshold(dst, at, index, p.tiny)
		}
	}
}

// mark draws the point in use, its intervals and its threshold.
func (p *plane) mark(dst *image.RGBA, at Point, index int) {
	var s shape
	here := p.place(at.Accepts, at.Rejects)
	bar := func(a, b point) {
		side := b.minus(a).left().times(4 / max(b.minus(a).length(), 1e-9))
		s.line(a, b, 1)
		s.line(a.minus(side), a.plus(side), 1)
		s.line(b.minus(side), b.plus(side), 1)
	}
	bar(p.place(at.Accepts95[0], at.Rejects), p.place(at.Accepts95[1], at.Rejects))
	bar(p.place(at.Accepts, at.Rejects95[0]), p.place(at.Accepts, at.Rejects95[1]))
	s.line(here.minus(point{1, 0}), here.plus(point{1, 0}), 9)
	s.fill(dst, trackTints[index%len(trackTints)])
	p.threshold(dst, at, index, p.text)
}

// threshold writes the threshold of a point beside it, where there is room.
func (p *plane) threshold(dst *image.RGBA, at Point, index int, face *typeface) {
	label := fmt.Sprintf("%.3g", at.Threshold)
	here := p.place(at.Accepts, at.Rejects)
	x, y, w := int(here.x)+7, int(here.y)-6, face.width(label)
	box := image.Rect(x-2, y-face.ascent, x+w+2, y+3)
	if box.Max.X > p.area.Max.X {
		box = box.Sub(image.Pt(w+14, 0))
	}
	if box.Min.Y < p.area.Min.Y {
		box = box.Add(image.Pt(0, face.line+4))
	}
	if slices.ContainsFunc(p.taken, func(other image.Rectangle) bool { return other.Inset(-3).Overlaps(box) }) {
		return
	}
	p.taken = append(p.taken, box)
	face.write(dst, label, box.Min.X+2, box.Max.Y-3, trackTints[index%len(trackTints)])
}

// legend names the curves, with the figures of the points in use, below the axes.
func (p *plane) legend(dst *image.RGBA) {
	base := p.area.Max.Y + tradeoffFoot + p.text.ascent
	for i, c := range p.Curves {
		tint := trackTints[i%len(trackTints)]
		fillRect(dst, image.Rect(captionPad, base-5, captionPad+2*swatch, base-3), tint)
		p.text.write(dst, c.Name, captionPad+2*swatch+6, base, ink)
		if at, ok := c.chosen(); ok {
			p.text.write(dst, figures(at), captionPad+2*swatch+6+p.text.width(c.Name)+legendGap, base, dimInk)
		}
		base += p.text.line + 2
	}
	p.text.write(dst, "Numbers beside the points are thresholds. Bars: 95 % intervals of the threshold in use (large point).",
		captionPad, base, dimInk)
}

// figures are the rates of a point with their intervals.
func figures(at Point) string {
	return fmt.Sprintf("threshold %.3g: %.3g %% false rejects (%.3g to %.3g), %.3g false accepts per hour (%.3g to %.3g)", at.Threshold,
		100*at.Rejects, 100*at.Rejects95[0], 100*at.Rejects95[1], at.Accepts, at.Accepts95[0], at.Accepts95[1])
}
