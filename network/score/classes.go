package score

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Classes is how decisions between labels went.
type Classes struct {
	N         int      `json:"n"`
	Correct   int      `json:"correct"`
	Accuracy  float64  `json:"accuracy"`
	Interval  Interval `json:"interval"`
	Labels    []string `json:"labels"`
	Confusion [][]int  `json:"confusion"` // [label, decision]
}

// NewClasses counts nothing yet.
func NewClasses(labels []string) *Classes {
	c := &Classes{Labels: slices.Clone(labels), Confusion: make([][]int, len(labels))}
	for i := range c.Confusion {
		c.Confusion[i] = make([]int, len(labels))
	}
	return c
}

// Add counts a decision; both are places in Labels.
func (c *Classes) Add(label, decision int) {
	c.Confusion[label][decision]++
	c.N++
	if label == decision {
		c.Correct++
	}
	c.Accuracy = float64(c.Correct) / float64(c.N)
	c.Interval = Share(c.Correct, c.N)
}

// String is the result as text for a terminal.
func (c *Classes) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d correct: %.1f %% (95 %%: %.1f to %.1f)\n\n", c.Correct, c.N, 100*c.Accuracy, 100*c.Interval.Low,
		100*c.Interval.High)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "label\t%s\t\n", strings.Join(c.Labels, "\t"))
	for i, row := range c.Confusion {
		fmt.Fprintf(w, "%s\t", c.Labels[i])
		for _, n := range row {
			fmt.Fprintf(w, "%d\t", n)
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	return b.String()
}
