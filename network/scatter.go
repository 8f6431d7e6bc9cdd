package network

import (
	"slices"

	"ganglion/internal/asm"
	"ganglion/pipeline"
)

// wire implements [Kernel].
func (k Conv2d) wire(in, out pipeline.Shape, own func(row int) bool, order order) wiring {
	k = k.filled()
	if order == channelLast {
		return k.wireLast(in, out, own)
	}
	c, h, w := extent(in)
	_, outH, outW := extent(out)
	columns := columnOrder(k.KW, k.Stride.X)
	s := &scatter{weight: reorder(k.Weight, columns), rowOf: newDivider(w), outW: int32(outW)}
	perIn, perOut := c/k.Groups, k.OutChannels/k.Groups
	for i := range c {
		g := i / perIn
		for y := range h {
			s.lineAt = append(s.lineAt, uint32(len(s.lines)))
			for o := g * perOut; o < (g+1)*perOut; o++ {
				for _, t := range k.vertical(y, outH, own) {
					s.lines = append(s.lines, line{
						first: (int32(o*outH) + t.o) * int32(outW),
						w:     (int32((o*perIn+i%perIn)*k.KH) + t.k) * int32(k.KW),
					})
				}
			}
		}
	}
	s.lineAt = append(s.lineAt, uint32(len(s.lines)))
	for x := range w {
		s.colAt = append(s.colAt, uint32(len(s.cols)))
		s.cols = append(s.cols, runsOf(k.horizontal(x, outW), columns, true)...)
	}
	s.colAt = append(s.colAt, uint32(len(s.cols)))
	return s
}

// scatter is a Conv2d laid out for spikes: tables from an input row and column
// to the output rows (of one shard) and columns it reaches. The columns that
// one input reaches lie side by side, and weights are stored in their order, so
// that the innermost loop runs over two contiguous slices.
type scatter struct {
	lineAt []uint32  // row r of the input, of all channels, reaches lines[lineAt[r]:lineAt[r+1]]
	lines  []line    // this shard's
	colAt  []uint32  // column x reaches cols[colAt[x]:colAt[x+1]]
	cols   []segment // runs of output columns; w within the kernel's row
	weight []float32
	rowOf  divider
	outW   int32 // output width
}

// line is a row of the output: its first neuron, and where the kernel's row for
// it stands in the weights.
type line struct{ first, w int32 }

func (s *scatter) reach(id uint32, dst []segment) []segment {
	lines, cols := s.targets(id)
	for _, l := range lines {
		for _, c := range cols {
			dst = append(dst, segment{first: l.first + c.first, n: c.n, w: l.w + c.w})
		}
	}
	return dst
}

// targets are the lines and columns that input neuron id reaches.
func (s *scatter) targets(id uint32) ([]line, []segment) {
	row, x := s.rowOf.div(id)
	return s.lines[s.lineAt[row]:s.lineAt[row+1]], s.cols[s.colAt[x]:s.colAt[x+1]]
}

func (s *scatter) near(id uint32) (first, stride int32, ok bool) {
	lines, cols := s.targets(id)
	if len(lines) == 0 || len(cols) == 0 {
		return 0, 0, false
	}
	return lines[0].first + cols[0].first, s.outW, true
}

func (s *scatter) weights() []float32 { return s.weight }

// vectorise lets vectors add the spikes that reach as many rows and columns as
// most do: all but those at the borders of the sensor and of a shard's stripes.
func (b *lifBlock) vectorise(from pipeline.Shape) {
	a := &b.inputs[0]
	s, ok := a.wiring.(*scatter)
	_, _, w := extent(from)
	if !ok || a.depress == nil || a.fan != nil || w < 2 || !asm.ScatterVectors() {
		return
	}
	lines, runs := s.most()
	if len(lines) == 0 || len(runs) != 1 || runs[0].n > 4 {
		return
	}
	n, step := runs[0].n, int32(0)
	if len(lines) > 1 {
		step = lines[1].w - lines[0].w
	}
	rows, cols := make([]int64, len(s.lineAt)-1), make([]int64, w)
	for row := range rows {
		rows[row] = asm.Apart
		if l := s.lines[s.lineAt[row]:s.lineAt[row+1]]; len(l) == len(lines) && evenly(l, s.outW, step) {
			rows[row] = asm.Touch(l[0].first, l[0].w)
		}
	}
	for x := range cols {
		cols[x] = asm.Apart
		if r := s.cols[s.colAt[x]:s.colAt[x+1]]; len(r) == 1 && r[0].n == n && r[0].first+4 <= s.outW {
			cols[x] = asm.Touch(r[0].first, r[0].w)
		}
	}
	weight := append(slices.Clone(s.weight), 0, 0, 0) // a vector reads four from the last on
	d := a.depress
	b.touches = uint64(len(lines)) * uint64(n)
	b.touch = &asm.Scatter{
		V: &b.v[0], Spent: &d.used[0], Weight: &weight[0], Row: &rows[0], Col: &cols[0],
		Reciprocal: asm.Reciprocal(w), Width: int64(w), Size: int64(from.Size()),
		Lines: int64(len(lines)), Stride: 4 * int64(s.outW), Step: 4 * int64(step),
		Fine: &b.growth.fine[0], Coarse: &b.growth.coarse[0], SpentFine: &d.growth.fine[0], SpentCoarse: &d.growth.coarse[0],
		Threshold: b.threshold, Use: d.use,
	}
	for i := range n {
		b.touch.Mask[i] = -1
	}
}

// most are the most lines that a row reaches and the most runs and neurons of a
// column's.
func (s *scatter) most() (lines []line, runs []segment) {
	for row := range len(s.lineAt) - 1 {
		if l := s.lines[s.lineAt[row]:s.lineAt[row+1]]; len(l) > len(lines) {
			lines = l
		}
	}
	for x := range len(s.colAt) - 1 {
		r := s.cols[s.colAt[x]:s.colAt[x+1]]
		if len(r) > len(runs) || len(r) == 1 && len(runs) == 1 && r[0].n > runs[0].n {
			runs = r
		}
	}
	return lines, runs
}

// evenly reports whether lines follow each other at the same distances.
func evenly(lines []line, stride, step int32) bool {
	for i, l := range lines {
		if l != (line{lines[0].first + int32(i)*stride, lines[0].w + int32(i)*step}) {
			return false
		}
	}
	return true
}

// columnOrder is the order of kernel columns in which tapsOf walks them: by
// remainder of the stride, each descending.
func columnOrder(kw, stride int) []int {
	var order []int
	for r := range stride {
		for k := kw - 1; k >= 0; k-- {
			if k%stride == r {
				order = append(order, k)
			}
		}
	}
	return order
}

func reorder(weight []float32, order []int) []float32 {
	w := make([]float32, len(weight))
	for row := 0; row < len(weight); row += len(order) {
		for i, k := range order {
			w[row+i] = weight[row+k]
		}
	}
	return w
}

// scatterLast is a Conv2d laid out for spikes and a layer that keeps its
// channels together: each kernel position reaches all output channels of one
// pixel, which lie side by side. Without groups the pixels of a row that one
// input reaches lie side by side too, and so do their weights.
type scatterLast struct {
	rows            [][]tap     // by input row: this shard's output rows
	cols            [][]segment // by input column: runs of output columns; w within the kernel's row
	weight          []float32   // [in channel, ky, kx in columnOrder, output channel of the group]
	groupOf         []int32     // by input channel: first output channel of its group
	n               int32       // output channels of a group
	kh, kw          int32
	outW, channels  int32
	rowOf, heightOf divider
}

func (k Conv2d) wireLast(in, out pipeline.Shape, own func(row int) bool) wiring {
	c, h, w := extent(in)
	_, outH, outW := extent(out)
	perIn, perOut := c/k.Groups, k.OutChannels/k.Groups
	s := &scatterLast{
		rows: make([][]tap, h), cols: make([][]segment, w), groupOf: make([]int32, c),
		weight: make([]float32, 0, c*k.KH*k.KW*perOut), n: int32(perOut),
		kh: int32(k.KH), kw: int32(k.KW), outW: int32(outW), channels: int32(k.OutChannels),
		rowOf: newDivider(w), heightOf: newDivider(h),
	}
	for y := range s.rows {
		s.rows[y] = k.vertical(y, outH, own)
	}
	columns := columnOrder(k.KW, k.Stride.X)
	for x := range s.cols {
		s.cols[x] = runsOf(k.horizontal(x, outW), columns, k.Groups == 1)
	}
	area := k.KH * k.KW
	for i := range c {
		g := i / perIn
		s.groupOf[i] = int32(g * perOut)
		for y := range k.KH {
			for _, x := range columns {
				for o := range perOut {
					s.weight = append(s.weight, k.Weight[((g*perOut+o)*perIn+i%perIn)*area+y*k.KW+x])
				}
			}
		}
	}
	return s
}

// runsOf lists taps along a row by the place of their kernel columns, neighbours
// joined if they may be.
func runsOf(taps []tap, columns []int, join bool) (runs []segment) {
	for _, t := range taps {
		at := int32(slices.Index(columns, int(t.k)))
		if n := len(runs); n > 0 && join {
			if last := &runs[n-1]; last.first+last.n == t.o && last.w+last.n == at {
				last.n++
				continue
			}
		}
		runs = append(runs, segment{first: t.o, n: 1, w: at})
	}
	return runs
}

func (s *scatterLast) reach(id uint32, dst []segment) []segment {
	row, x := s.rowOf.div(id)
	c, y := s.heightOf.div(row)
	first := s.groupOf[c]
	for _, ty := range s.rows[y] {
		kernel := (int32(c)*s.kh + ty.k) * s.kw
		line := ty.o * s.outW
		for _, r := range s.cols[x] {
			dst = append(dst, segment{first: (line+r.first)*s.channels + first, n: r.n * s.n, w: (kernel + r.w) * s.n})
		}
	}
	return dst
}

func (s *scatterLast) weights() []float32 { return s.weight }

func (s *scatterLast) near(id uint32) (first, stride int32, ok bool) {
	row, x := s.rowOf.div(id)
	_, y := s.heightOf.div(row)
	rows, cols := s.rows[y], s.cols[x]
	if len(rows) == 0 || len(cols) == 0 {
		return 0, 0, false
	}
	return (rows[0].o*s.outW + cols[0].first) * s.channels, s.outW * s.channels, true
}
