package chart

import (
	"bytes"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// drawable refuses names of files that cannot be drawn.
func drawable(file string) error {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".png", ".svg", ".pdf":
		return nil
	}
	return fmt.Errorf("%s: want a name that ends in .png, .svg or .pdf", file)
}

func plotColor(i int) color.Color { return plotutil.Color(i) }

// saveStack writes plots one above another.
func saveStack(file string, plots []*plot.Plot) error {
	const width, height = 18 * vg.Centimeter, 9 * vg.Centimeter
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(file)), ".")
	canvas, err := draw.NewFormattedCanvas(width, vg.Length(len(plots))*height, format)
	if err != nil {
		return err
	}
	column := make([][]*plot.Plot, len(plots))
	for i, p := range plots {
		column[i] = []*plot.Plot{p}
	}
	tiles := draw.Tiles{Rows: len(plots), Cols: 1, PadY: vg.Points(6), PadTop: vg.Points(4), PadBottom: vg.Points(4), PadLeft: vg.Points(4),
		PadRight: vg.Points(8)}
	for i, cells := range plot.Align(column, tiles, draw.New(canvas)) {
		plots[i].Draw(cells[0])
	}
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}
