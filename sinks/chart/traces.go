package chart

import (
	"fmt"
	"image/color"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Traces writes the spikes of a layer, and the membranes of some of its
// neurons where it keeps them, to a .png, .svg or .pdf file.
func Traces(file, title string, spikes []Spike, membranes [][]float32, stepMS float64, which []int) error {
	if err := drawable(file); err != nil {
		return err
	}
	raster := plot.New()
	raster.Title.Text, raster.Y.Label.Text, raster.X.Label.Text = title, "neuron", "time, ms"
	xys := make(plotter.XYs, len(spikes))
	for i, s := range spikes {
		xys[i] = plotter.XY{X: s.MS, Y: float64(s.Neuron)}
	}
	dots, err := plotter.NewScatter(xys)
	if len(xys) > 0 && err != nil {
		return err
	}
	if len(xys) > 0 {
		dots.GlyphStyle = draw.GlyphStyle{Color: color.Black, Radius: vg.Points(1), Shape: draw.BoxGlyph{}}
		raster.Add(dots)
	}
	end := stepMS
	for _, s := range spikes {
		end = max(end, s.MS)
	}
	end = max(end, stepMS*float64(len(membranes)))
	raster.X.Min, raster.X.Max = 0, end
	plots := []*plot.Plot{raster}
	if len(membranes) > 0 && len(which) > 0 {
		lines, err := membraneLines(membranes, stepMS, which)
		if err != nil {
			return err
		}
		lines.X.Min, lines.X.Max = 0, end
		plots = append(plots, lines)
	}
	return saveStack(file, plots)
}

// Spike is one spike of a raster.
type Spike struct {
	MS     float64
	Neuron int
}

func membraneLines(membranes [][]float32, stepMS float64, which []int) (*plot.Plot, error) {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "time, ms", "membrane"
	p.Legend.Top = true
	for i, n := range which {
		xys := make(plotter.XYs, len(membranes))
		for k, v := range membranes {
			if n >= len(v) {
				return nil, fmt.Errorf("chart: no neuron %d", n)
			}
			xys[k] = plotter.XY{X: float64(k+1) * stepMS, Y: float64(v[n])}
		}
		line, err := plotter.NewLine(xys)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = plotColor(i), vg.Points(1)
		p.Add(line)
		p.Legend.Add(strconv.Itoa(n), line)
	}
	return p, nil
}
