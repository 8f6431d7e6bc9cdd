package network

import "ganglion/pipeline"

// scatterLast is a Conv2d laid out for spikes and a layer that keeps its
// channels together: each kernel position reaches all output channels of one
// pixel, which lie side by side.
type scatterLast struct {
	rows            [][]tap   // by input row: this shard's output rows
	cols            [][]tap   // by input column
	weight          []float32 // [in channel, ky, kx, output channel of the group]
	groupOf         []int32   // by input channel: first output channel of its group
	n               int32     // output channels of a group
	kh, kw          int32
	outW, channels  int32
	rowOf, heightOf divider
}

func (k Conv2d) wireLast(in, out pipeline.Shape, own func(row int) bool) wiring {
	c, h, w := extent(in)
	_, outH, outW := extent(out)
	perIn, perOut := c/k.Groups, k.OutChannels/k.Groups
	s := &scatterLast{
		rows: make([][]tap, h), cols: make([][]tap, w), groupOf: make([]int32, c),
		weight: make([]float32, c*k.KH*k.KW*perOut), n: int32(perOut),
		kh: int32(k.KH), kw: int32(k.KW), outW: int32(outW), channels: int32(k.OutChannels),
		rowOf: newDivider(w), heightOf: newDivider(h),
	}
	for y := range s.rows {
		s.rows[y] = k.vertical(y, outH, own)
	}
	for x := range s.cols {
		s.cols[x] = k.horizontal(x, outW)
	}
	area := k.KH * k.KW
	for i := range c {
		g := i / perIn
		s.groupOf[i] = int32(g * perOut)
		for p := range area {
			for o := range perOut {
				s.weight[(i*area+p)*perOut+o] = k.Weight[((g*perOut+o)*perIn+i%perIn)*area+p]
			}
		}
	}
	return s
}

func (s *scatterLast) reach(id uint32, dst []segment) []segment {
	row, x := s.rowOf.div(id)
	c, y := s.heightOf.div(row)
	first := s.groupOf[c]
	for _, ty := range s.rows[y] {
		kernel := (int32(c)*s.kh + ty.k) * s.kw
		line := ty.o * s.outW
		for _, tx := range s.cols[x] {
			dst = append(dst, segment{first: (line+tx.o)*s.channels + first, n: s.n, w: (kernel + tx.k) * s.n})
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
	return (rows[0].o*s.outW + cols[0].o) * s.channels, s.outW * s.channels, true
}
