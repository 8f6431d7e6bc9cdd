package picture

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"strconv"
)

// Confusion is a picture of a confusion matrix: a row for each label, a column
// for each decision, a number of samples in each cell, which is filled as much as
// the share of the label's samples: blue where the decision is right, orange
// where it is not.
type Confusion struct {
	Title  string
	Labels []string
	Counts [][]int // [label][decision]; one more decision than labels means none
}

// The layout of a confusion matrix, px.
const (
	widestCell  = 56
	smallCell   = 8
	longestName = 170
	matrixLine  = 640  // what the cells of a few labels share
	matrixMost  = 4096 // of the cells together
	rampWidth   = 120
)

const wholeLabel = "100 % of the label"

// matrix is a confusion matrix while it is laid out.
type matrix struct {
	*Confusion
	bold, text *typeface
	columns    []string
	upright    bool // the names of the columns read upwards
	cell       int
	area       image.Rectangle
}

// Paint draws the matrix.
func (c *Confusion) Paint() (*image.RGBA, error) {
	m := matrix{Confusion: c, columns: c.Labels}
	if err := m.check(); err != nil {
		return nil, err
	}
	if err := m.fonts(); err != nil {
		return nil, err
	}
	dst := image.NewRGBA(image.Rectangle{Max: m.layOut()})
	fillRect(dst, dst.Bounds(), strip)
	fillRect(dst, m.area, ground)
	m.bold.write(dst, c.Title, captionPad, chartTop-9, ink)
	for row := range c.Labels {
		m.row(dst, row)
	}
	m.names(dst)
	m.legend(dst)
	return dst, nil
}

func (m *matrix) check() error {
	n := len(m.Labels)
	if n == 0 || len(m.Counts) != n {
		return fmt.Errorf("confusion: %d rows of counts for %d labels", len(m.Counts), n)
	}
	decisions := len(m.Counts[0])
	if decisions == n+1 {
		m.columns = append(append([]string(nil), m.Labels...), "none")
	}
	for i, row := range m.Counts {
		if len(row) != len(m.columns) {
			return fmt.Errorf("confusion: %d decisions for label %q, want %d", len(row), m.Labels[i], len(m.columns))
		}
	}
	if n > matrixMost/smallCell {
		return fmt.Errorf("confusion: %d labels, of which at most %d can be drawn", n, matrixMost/smallCell)
	}
	return nil
}

func (m *matrix) fonts() (err error) {
	var err2 error
	m.bold, err = newTypeface(14, true)
	m.text, err2 = newTypeface(12, false)
	return errors.Join(err, err2)
}

// layOut places the cells and returns the size of the picture.
func (m *matrix) layOut() image.Point {
	n := len(m.columns)
	least := 26
	if n > matrixMost/least/2 {
		least = smallCell
	}
	m.cell = max(least, min(widestCell, matrixLine/n))
	widest := 0
	for _, name := range m.columns {
		widest = max(widest, m.text.width(m.short(name)))
	}
	m.upright = widest > m.cell-6
	left := 2*captionPad + m.text.line + widest + 6
	top := chartTop + 8
	m.area = image.Rect(left, top, left+n*m.cell, top+len(m.Labels)*m.cell)
	under := m.text.line + 6
	if m.upright {
		under = widest + 6
	}
	right := m.text.width("100.0 % of 000000") + 2*captionPad
	ramps := 2 * (m.text.width("wrong  0"+wholeLabel) + 12 + rampWidth + 2*legendGap)
	width := max(m.area.Max.X+right, captionPad+ramps, 2*captionPad+m.bold.width(m.Title))
	return image.Pt(width, m.area.Max.Y+under+2*m.text.line+3*captionPad)
}

// short is a name that is not too long to be written.
func (m *matrix) short(name string) string {
	for r := []rune(name); m.text.width(name) > longestName; {
		r = r[:len(r)-1]
		name = string(r) + "…"
	}
	return name
}

// row paints the cells of a label, its name and its recall.
func (m *matrix) row(dst *image.RGBA, row int) {
	total := 0
	for _, n := range m.Counts[row] {
		total += n
	}
	y := m.area.Min.Y + row*m.cell
	base := y + (m.cell+m.text.ascent)/2 - 1
	for column, n := range m.Counts[row] {
		if n == 0 {
			continue
		}
		x := m.area.Min.X + column*m.cell
		share := float32(n) / float32(total)
		fillRect(dst, image.Rect(x, y, x+m.cell-1, y+m.cell-1), cellColor(share, column == row))
		label, tint := strconv.Itoa(n), ink
		if share > .55 {
			tint = ground
		}
		if w := m.text.width(label); w < m.cell && m.text.line <= m.cell {
			m.text.write(dst, label, x+(m.cell-w)/2, base, tint)
		}
	}
	if m.text.line > m.cell {
		return // names would lie on each other
	}
	name := m.short(m.Labels[row])
	m.text.write(dst, name, m.area.Min.X-6-m.text.width(name), base, ink)
	recall := "none"
	if total > 0 {
		recall = fmt.Sprintf("%.1f %% of %d", 100*float64(m.Counts[row][row])/float64(total), total)
	}
	m.text.write(dst, recall, m.area.Max.X+8, base, dimInk)
}

// cellColor is the colour of a share of a label's samples.
func cellColor(share float32, right bool) color.RGBA {
	if right {
		return mix(ground, offTint, .15+.85*share)
	}
	return mix(ground, onTint, .15+.85*share)
}

// names writes what the rows and columns are.
func (m *matrix) names(dst *image.RGBA) {
	under := m.area.Max.Y + 5 + m.text.ascent
	for column, name := range m.columns {
		name = m.short(name)
		x := m.area.Min.X + column*m.cell
		switch {
		case m.text.line > m.cell:
		case m.upright:
			m.text.writeUp(dst, name, x+(m.cell+m.text.ascent)/2-1, m.area.Max.Y+5+m.text.width(name), ink)
		default:
			m.text.write(dst, name, x+(m.cell-m.text.width(name))/2, under, ink)
		}
	}
	m.text.writeUp(dst, "label", captionPad+m.text.ascent, (m.area.Min.Y+m.area.Max.Y+m.text.width("label"))/2, dimInk)
	base := dst.Rect.Max.Y - 2*captionPad - m.text.line
	m.text.write(dst, "decision", (m.area.Min.X+m.area.Max.X-m.text.width("decision"))/2, base, dimInk)
	m.text.write(dst, "recall", m.area.Max.X+8, m.area.Min.Y-4, dimInk)
}

// legend shows what the colours mean.
func (m *matrix) legend(dst *image.RGBA) {
	base, x := dst.Rect.Max.Y-captionPad, captionPad
	for _, side := range []struct {
		name  string
		right bool
	}{{"right", true}, {"wrong", false}} {
		m.text.write(dst, side.name+"  0", x, base, dimInk)
		x += m.text.width(side.name+"  0") + 6
		for i := range rampWidth {
			fillRect(dst, image.Rect(x+i, base-swatch+1, x+i+1, base+1), cellColor(float32(i)/(rampWidth-1), side.right))
		}
		x += rampWidth + 6
		m.text.write(dst, wholeLabel, x, base, dimInk)
		x += m.text.width(wholeLabel) + 2*legendGap
	}
}
