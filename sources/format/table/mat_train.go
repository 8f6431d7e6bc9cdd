package table

import (
	"fmt"
	"io"
	"math"

	"ganglion/internal/matfile"
	"ganglion/pipeline"
	"ganglion/sources/format"
)

// trainReader reads ST-MNIST's matrix.
type trainReader struct {
	s     *format.Stream
	in    *format.Input
	field numpyField
	side  int   // of the square of taxels
	rows  int   // of the matrix
	next  int   // of the column that is read
	left  int64 // columns
	size  int64 // of the file, bytes
	total int64 // columns
}

func newTrainReader(s *format.Stream, a *matfile.Array, size int64) (format.BlockReader, error) {
	side := int(math.Sqrt(float64(a.Rows - 1)))
	if int64(side*side) != a.Rows-1 || side > 1<<10 {
		return nil, fmt.Errorf("%s has %d rows, which are not a square of taxels and the time", matTrain, a.Rows)
	}
	r, err := a.Open(0)
	if err != nil {
		return nil, err
	}
	s.Size(side, side)
	d := &trainReader{s: s, in: format.NewInput(r), field: matField(matTrain, a), side: side, rows: int(a.Rows), left: a.Columns, size: size}
	d.total = max(a.Columns, 1)
	return d, nil
}

// ReadBlock reads columns of the matrix.
func (d *trainReader) ReadBlock(b *format.Block) (int64, error) {
	stride := d.rows * d.field.size
	for d.left > 0 && !b.Full() {
		src, _, err := d.in.Window(stride)
		if err != nil || len(src) < stride {
			d.s.Damage.Add("bad_member", 0, 0, 1)
			d.left = 0
			break
		}
		if !d.column(b, src[:stride]) {
			break
		}
		d.in.Advance(stride)
		d.left--
		d.next = 0
	}
	if d.left == 0 && len(b.Events) == 0 {
		return d.size, io.EOF
	}
	return int64(float64(d.size) * float64(d.total-d.left) / float64(d.total)), nil
}

// column appends the events of one time, and reports whether all had room.
func (d *trainReader) column(b *format.Block, src []byte) bool {
	value := func(i int) float64 {
		cell := src[i*d.field.size : (i+1)*d.field.size]
		if d.field.kind == 'f' {
			return d.field.float(cell)
		}
		var v [1]int64
		d.field.load(v[:], cell, d.field.size)
		return float64(v[0])
	}
	t := value(d.rows-1) * 1e6
	if !(math.Abs(t) < math.MaxInt64) {
		d.s.Damage.Add("fractional_value", 0, 0, 1)
		return true
	}
	for ; d.next < d.rows-1; d.next++ {
		v := value(d.next)
		if v == 0 || v != v {
			continue
		}
		if b.Full() {
			return false
		}
		e := pipeline.Event{T: int64(math.Round(t)), X: uint16(d.next % d.side), Y: uint16(d.next / d.side)}
		if v > 0 {
			e.P = pipeline.On
		}
		b.Events = append(b.Events, e)
	}
	return true
}
