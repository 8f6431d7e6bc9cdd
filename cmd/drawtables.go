package cmd

import (
	"fmt"
	"path/filepath"

	"ganglion/network/sound/hearing"
	"ganglion/sinks/chart"
)

// drawTables draws the trade-offs of tables.
func drawTables(file string, tables []*hearing.Table) error {
	least := 1.
	var curves []chart.Curve
	for _, t := range tables {
		_, chosen := t.At(t.Chosen.Threshold)
		c := chart.Curve{Name: t.Condition(), Chosen: chosen}
		for _, r := range t.Thresholds {
			c.Points = append(c.Points, chart.Point{
				FalsePerHour: float64(r.FAPerHour), Miss: float64(r.FRR),
				FalsePerHour95: [2]float64{float64(r.FAPerHour95[0]), float64(r.FAPerHour95[1])},
				Miss95:         [2]float64{float64(r.FRR95[0]), float64(r.FRR95[1])},
			})
			least = 1 / max(r.Hours, 1e-3)
		}
		curves = append(curves, c)
	}
	return chart.Tradeoff(file, fmt.Sprintf("%s, %s", tables[0].Word, filepath.Base(tables[0].Model)), least, curves)
}
