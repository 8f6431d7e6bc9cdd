package picture

import (
	"slices"
	"strings"
	"testing"
)

func TestAConfusionHasARowForEachLabel(t *testing.T) {
	t.Parallel()
	c := Confusion{Title: "t", Labels: []string{"a", "b"}, Counts: [][]int{{3, 1, 0}, {0, 0, 2}}}
	m := matrix{Confusion: &c, columns: c.Labels}
	if err := m.check(); err != nil {
		t.Fatal(err)
	}
	if err := m.fonts(); err != nil {
		t.Fatal(err)
	}
	m.layOut()
	img, err := c.Paint()
	if err != nil {
		t.Fatal(err)
	}
	for row, counts := range c.Counts {
		for column, n := range counts {
			got := img.RGBAAt(m.area.Min.X+column*m.cell+3, m.area.Min.Y+row*m.cell+3)
			want := ground
			if total := 4 - 2*row; n > 0 {
				want = cellColor(float32(n)/float32(total), row == column)
			}
			if got != want {
				t.Errorf("label %d, decision %d: %v, want %v", row, column, got, want)
			}
		}
	}
}

func TestConfusionsOfAnySizeAreDrawnOrRefused(t *testing.T) {
	t.Parallel()
	square := func(n int, name string) *Confusion {
		c := &Confusion{Labels: slices.Repeat([]string{name}, n)}
		for i := range n {
			c.Counts = append(c.Counts, make([]int, n))
			c.Counts[i][i] = i // none of the first label
		}
		return c
	}
	for _, c := range []*Confusion{square(1, ""), square(30, strings.Repeat("wide name ", 9)), square(512, "x")} {
		img, err := c.Paint()
		if err != nil {
			t.Fatal(err)
		}
		if size := img.Rect.Size(); size.X < 400 || size.X > 5000 || size.Y > 5000 {
			t.Errorf("%d labels: %v px", len(c.Labels), size)
		}
	}
	ragged := square(2, "a")
	ragged.Counts[1] = nil
	short := square(2, "a")
	short.Counts = short.Counts[:1]
	for want, c := range map[string]*Confusion{
		"513 labels": square(513, "x"), "0 decisions": ragged, "1 rows of counts for 2 labels": short, "0 rows": {},
	} {
		if _, err := c.Paint(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
