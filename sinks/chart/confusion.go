package chart

import (
	"errors"
	"image/color"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Confusion writes a confusion matrix to a .png, .svg or .pdf file: a row for
// each label, a column for each decision, shaded by the share of the label's
// samples. counts may have one decision more than there are labels: none.
func Confusion(file, title string, labels []string, counts [][]int) error {
	if err := drawable(file); err != nil {
		return err
	}
	if len(labels) == 0 || len(counts) != len(labels) {
		return errors.New("chart: no labels, or not a row of counts for each")
	}
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, "decision", "label"
	p.Title.Padding, p.Title.TextStyle.Font.Size = vg.Points(8), vg.Points(13)
	columns := labels
	if len(counts[0]) == len(labels)+1 {
		columns = append(append([]string(nil), labels...), "none")
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = named(columns, false), named(labels, true)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -.5, float64(len(columns))-.5, -.5, float64(len(labels))-.5
	p.Add(&matrix{labels: len(labels), counts: counts})
	return p.Save(vg.Length(4+len(columns))*vg.Centimeter, vg.Length(4+len(labels))*vg.Centimeter, file)
}

// named are the ticks of an axis of names; the first is on top where it is
// upside down.
func named(names []string, down bool) plot.ConstantTicks {
	var all plot.ConstantTicks
	for i, name := range names {
		at := i
		if down {
			at = len(names) - 1 - i
		}
		all = append(all, plot.Tick{Value: float64(at), Label: name})
	}
	return all
}

// matrix paints the cells.
type matrix struct {
	labels int
	counts [][]int
}

// Plot implements [plot.Plotter].
func (m *matrix) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := draw.TextStyle{Font: p.X.Tick.Label.Font, Handler: p.TextHandler, XAlign: draw.XCenter, YAlign: draw.YCenter}
	for row, counts := range m.counts {
		total := 0
		for _, n := range counts {
			total += n
		}
		at := float64(m.labels - 1 - row)
		for column, n := range counts {
			if n == 0 {
				continue
			}
			share := float64(n) / float64(total)
			c.FillPolygon(shade(share), []vg.Point{
				{X: x(float64(column) - .5), Y: y(at - .5)}, {X: x(float64(column) + .5), Y: y(at - .5)},
				{X: x(float64(column) + .5), Y: y(at + .5)}, {X: x(float64(column) - .5), Y: y(at + .5)},
			})
			style.Color = color.Black
			if share > .5 {
				style.Color = color.White
			}
			c.FillText(style, vg.Point{X: x(float64(column)), Y: y(at)}, strconv.Itoa(n))
		}
	}
}

// shade goes from white to a dark blue.
func shade(share float64) color.Color {
	mix := func(to float64) uint8 { return uint8(255 + share*(to-255)) }
	return color.RGBA{mix(20), mix(60), mix(120), 255}
}

var _ plot.Plotter = (*matrix)(nil)
