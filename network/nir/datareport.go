package nir

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
)

// DataReport sums recorded activity up; it marshals to JSON.
type DataReport struct {
	Series []SeriesReport `json:"series"`
}

// SeriesReport is one observable of a node.
type SeriesReport struct {
	Node       string  `json:"node"` // names in nested graphs are joined by dots
	Observable string  `json:"observable"`
	Type       string  `json:"type"`
	Samples    int     `json:"samples"`
	Neurons    int     `json:"neurons"`
	Seconds    float64 `json:"seconds"`          // length of a sample
	Events     int     `json:"events"`           // of all samples; of a grid, values that are not 0
	Steps      int     `json:"steps,omitempty"`  // of a grid
	DT         float64 `json:"dt_s,omitempty"`   // of a grid
	Valued     bool    `json:"valued,omitempty"` // events carry values
}

// DescribeData reports on recorded activity.
func DescribeData(d *Data) *DataReport {
	r := &DataReport{}
	r.add("", d)
	return r
}

func (r *DataReport) add(under string, d *Data) {
	for _, n := range d.Nodes {
		name := join(under, n.Name)
		if n.Graph != nil {
			r.add(name, n.Graph)
		}
		for _, o := range n.Observables {
			s := SeriesReport{Node: name, Observable: o.Name, Type: o.Series.Type()}
			switch v := o.Series.(type) {
			case *Events:
				s.events(v)
			case *TimeGrid:
				s.grid(v)
			}
			r.Series = append(r.Series, s)
		}
	}
}

func (s *SeriesReport) events(e *Events) {
	s.Samples, s.Neurons, s.Seconds, s.Valued = e.Samples, e.Neurons, e.TMax, e.Value != nil
	for i := range e.Index {
		if e.Index[i] >= 0 && !math.IsInf(e.Time[i], 1) {
			s.Events++
		}
	}
}

func (s *SeriesReport) grid(g *TimeGrid) {
	s.Samples, s.Steps, s.Neurons, s.DT = g.Data.Shape[0], g.Data.Shape[1], g.Data.Shape[2], g.DT
	s.Seconds = float64(s.Steps) * g.DT
	for i := range g.Data.Len() {
		if g.Data.At(i) != 0 {
			s.Events++
		}
	}
}

// String is the report as text for a terminal.
func (r *DataReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "NIRData: %d series\n\n", len(r.Series))
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "node\tobservable\ttype\tsamples\tneurons\tseconds\tevents")
	for _, s := range r.Series {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%g\t%d\n", s.Node, s.Observable, s.Type, s.Samples, s.Neurons, s.Seconds, s.Events)
	}
	w.Flush()
	return b.String()
}
