package cmd

import (
	"cmp"
	"fmt"
	"image"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ganglion/internal/outfile"
	"ganglion/network/nir/nirnet"
	"ganglion/network/sound/hearing"
	"ganglion/pipeline"
	"ganglion/sinks/picture"
)

// checkPicture refuses the name of a picture, given with a flag, that is not a
// PNG's.
func checkPicture(flag, file string) error {
	if file != "" && !strings.EqualFold(filepath.Ext(file), ".png") {
		return usage(fmt.Errorf("--%s %s: want a name that ends in .png", flag, file))
	}
	return nil
}

// savePicture writes a picture, whole or not at all, and returns its size.
func savePicture(file string, paint func() (*image.RGBA, error)) (image.Point, error) {
	img, err := paint()
	if err != nil {
		return image.Point{}, err
	}
	return img.Rect.Size(), outfile.Replace(file, func(w io.Writer) error { return picture.WritePNG(w, img) })
}

// drawTables draws the trade-offs of tables.
func drawTables(file string, tables []*hearing.Table) error {
	t := picture.Tradeoff{Title: fmt.Sprintf("%s, %s", tables[0].Word, filepath.Base(tables[0].Model))}
	for _, table := range tables {
		_, chosen := table.At(table.Chosen.Threshold)
		c := picture.Curve{Name: table.Condition(), Chosen: chosen}
		for _, r := range table.Thresholds {
			c.Points = append(c.Points, picture.Point{
				Threshold: r.Threshold, Accepts: float64(r.FAPerHour), Rejects: float64(r.FRR),
				Accepts95: [2]float64{float64(r.FAPerHour95[0]), float64(r.FAPerHour95[1])},
				Rejects95: [2]float64{float64(r.FRR95[0]), float64(r.FRR95[1])},
			})
		}
		t.Curves = append(t.Curves, c)
	}
	_, err := savePicture(file, t.Paint)
	return err
}

// mostTraced is how many membranes are drawn.
const mostTraced = 6

// draw draws the spikes of one layer, and the membranes of its busiest neurons,
// [step][neuron], where it keeps them.
func (f inferFlags) draw(l *nirnet.Lowered, layer pipeline.Layer, a *pipeline.Activity, membranes [][]float32, file string,
	at int) error {
	if f.plot == "" {
		return nil
	}
	s := &a.Layers[at].Spikes
	what := "spikes"
	if layer.Graded {
		what = "values"
	}
	raster := &picture.Raster{Name: what + ", by neuron", Bands: layer.Shape.Size(), Channels: 1}
	step := l.Step.Microseconds()
	chart := picture.Chart{
		Title: fmt.Sprintf("%s, layer %s", filepath.Base(file), layer.Name), To: max(step, int64(len(membranes))*step),
		Panels: []picture.Panel{raster},
	}
	counts := make([]int, layer.Shape.Size())
	for run, t := range s.T {
		for _, id := range s.Run(run) {
			counts[id]++
			if !layer.Graded || len(membranes) == 0 {
				raster.Marks = append(raster.Marks, picture.Mark{T: t, Band: int(id)})
			}
		}
		chart.To = max(chart.To, t+1)
	}
	chart.Note = fmt.Sprintf("%d neurons, %d %s", len(counts), s.Len(), what)
	if len(membranes) > 0 {
		chart.Panels = append(chart.Panels, traces(membranes, step, busiest(counts)))
	}
	_, err := savePicture(f.plot, chart.Paint)
	return err
}

// busiest are the neurons with the most spikes, mostTraced at the most.
func busiest(counts []int) []int {
	ids := make([]int, len(counts))
	for i := range ids {
		ids[i] = i
	}
	slices.SortStableFunc(ids, func(a, b int) int { return cmp.Compare(counts[b], counts[a]) })
	return ids[:min(mostTraced, len(ids))]
}

// traces are the membranes of some neurons, each at the end of its step.
func traces(membranes [][]float32, step int64, ids []int) *picture.Lines {
	lines := &picture.Lines{Name: "membrane of the neurons with the most spikes"}
	for k := range membranes {
		lines.Times = append(lines.Times, int64(k+1)*step)
	}
	for _, id := range ids {
		line := picture.Line{Name: strconv.Itoa(id)}
		for _, v := range membranes {
			line.Values = append(line.Values, v[id])
		}
		lines.Curves = append(lines.Curves, line)
	}
	return lines
}
