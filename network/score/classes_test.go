package score

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClassesCountRightAndWrong(t *testing.T) {
	t.Parallel()
	c := NewClasses([]string{"no", "yes"})
	for range 9 {
		c.Add(1, 1)
	}
	c.Add(0, 1)
	if c.N != 10 || c.Correct != 9 || c.Accuracy != .9 {
		t.Errorf("%+v", c)
	}
	if d := cmp.Diff([][]int{{0, 1}, {0, 9}}, c.Confusion); d != "" {
		t.Error(d)
	}
	// Wilson's interval for 9 of 10.
	if math.Abs(float64(c.Interval.Low)-.5958) > 1e-4 || math.Abs(float64(c.Interval.High)-.9821) > 1e-4 {
		t.Errorf("interval %v", c.Interval)
	}
	if s := c.String(); !strings.Contains(s, "9 of 10 correct: 90.0 % (95 %: 59.6 to 98.2)") || !strings.Contains(s, "yes") {
		t.Error(s)
	}
}
