package chart

import (
	"errors"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Curve is the trade-off of one condition.
type Curve struct {
	Name   string
	Points []Point // in order of the threshold
	Chosen int     // index of the point in use, or -1
}

// Point is one threshold.
type Point struct {
	FalsePerHour, Miss     float64
	FalsePerHour95, Miss95 [2]float64
}

// Tradeoff writes the curves to a .png, .svg or .pdf file. least is the
// smallest rate of false accepts above none, per hour.
func Tradeoff(file, title string, least float64, curves []Curve) error {
	if err := drawable(file); err != nil {
		return err
	}
	if !(least > 0) || len(curves) == 0 {
		return errors.New("chart: no curve, or nothing to count false accepts in")
	}
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, "false accepts per hour", "misses, %"
	p.Title.Padding, p.Title.TextStyle.Font.Size = vg.Points(8), vg.Points(13)
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{}, ticks{}
	p.Legend.Top = true
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = least/2, 20*least, .5, 100
	p.Add(plotter.NewGrid())
	for i, c := range curves {
		if err := addCurve(p, c, plotutil.Color(i), least/2); err != nil {
			return err
		}
	}
	return p.Save(16*vg.Centimeter, 12*vg.Centimeter, file)
}

const leastMiss = .5 // %, the lower edge

func addCurve(p *plot.Plot, c Curve, ink color.Color, edge float64) error {
	place := func(x, y float64) plotter.XY {
		return plotter.XY{X: max(x, edge), Y: max(100*y, leastMiss)}
	}
	xys := make(plotter.XYs, 0, len(c.Points))
	for _, pt := range c.Points {
		if xy := place(pt.FalsePerHour, pt.Miss); !math.IsNaN(xy.X + xy.Y) {
			xys = append(xys, xy)
			p.X.Max = max(p.X.Max, xy.X)
		}
	}
	if len(xys) == 0 {
		return fmt.Errorf("chart: curve %q has no point", c.Name)
	}
	line, err := plotter.NewLine(xys)
	if err != nil {
		return err
	}
	line.Color, line.Width = ink, vg.Points(1.5)
	p.Add(line)
	p.Legend.Add(c.Name, line)
	if c.Chosen < 0 || c.Chosen >= len(c.Points) {
		return nil
	}
	return addChosen(p, c.Points[c.Chosen], ink, place)
}

// addChosen marks a point with its intervals.
func addChosen(p *plot.Plot, pt Point, ink color.Color, place func(x, y float64) plotter.XY) error {
	at := place(pt.FalsePerHour, pt.Miss)
	dot, err := plotter.NewScatter(plotter.XYs{at})
	if err != nil {
		return err
	}
	dot.GlyphStyle = draw.GlyphStyle{Color: ink, Radius: vg.Points(3.5), Shape: draw.CircleGlyph{}}
	p.Add(dot)
	low, high := place(pt.FalsePerHour95[0], pt.Miss95[0]), place(pt.FalsePerHour95[1], pt.Miss95[1])
	for _, bar := range []plotter.XYs{{{X: low.X, Y: at.Y}, {X: high.X, Y: at.Y}}, {{X: at.X, Y: low.Y}, {X: at.X, Y: high.Y}}} {
		line, err := plotter.NewLine(bar)
		if err != nil {
			return err
		}
		line.Color, line.Width = ink, vg.Points(.75)
		p.Add(line)
		p.X.Max = max(p.X.Max, high.X)
	}
	return nil
}

// ticks of a logarithmic axis are at 1, 2 and 5 times the powers of ten.
type ticks struct{}

func (ticks) Ticks(low, high float64) (all []plot.Tick) {
	for decade := math.Pow(10, math.Floor(math.Log10(low))); decade <= high; decade *= 10 {
		for _, m := range []float64{1, 2, 5} {
			if v := m * decade; v >= low*.999 && v <= high*1.001 {
				all = append(all, plot.Tick{Value: v, Label: fmt.Sprintf("%.3g", v)})
			}
		}
	}
	return all
}
