package h5

import (
	"math"

	h5 "ganglion/internal/hdf5"
)

// column is where one of x, y, t and p stands: a dataset of its own, or a part
// of each row of one that several share.
type column struct {
	data   *h5.Dataset
	typ    h5.Type
	at     int // bytes into a row
	stride int // bytes of a row
	rows   *h5.Rows
}

// impossible stands for what is not a number, or too large for an integer.
const impossible = math.MinInt64

// numeric reports whether values of the type are numbers or bools.
func numeric(t *h5.Type) bool { return t.Class >= h5.Int && t.Class <= h5.Bool }

// floating reports whether the values are floats.
func (c *column) floating() bool { return c.typ.Class == h5.Float }

// plain reports whether the column is a dataset of its own of a type, its lowest
// byte first.
func (c *column) plain(class h5.Class, size int) bool {
	return c.typ.Class == class && c.typ.Size == size && c.stride == size && c.at == 0 && (size == 1 || !c.typ.BigEndian)
}

// open prepares the reading of the column's rows: those of a matrix lie along its
// first axis, even if there is one row alone.
func (c *column) open() (*h5.Rows, error) {
	if c.stride > c.data.Type.Size {
		return c.data.RowsAlong(0)
	}
	return c.data.Rows()
}

// load reads len(dst) values, multiplied by scale, from a band's values.
// Floats are rounded; scratch is as long as dst.
func (c *column) load(dst []int64, scratch []float64, values []byte, scale float64) {
	if !c.floating() {
		c.typ.Ints(dst, values[c.at:], c.stride)
		if scale != 1 {
			for i, v := range dst {
				dst[i] = scaled(v, scale)
			}
		}
		return
	}
	scratch = scratch[:len(dst)]
	c.typ.Floats(scratch, values[c.at:], c.stride)
	for i, v := range scratch {
		dst[i] = rounded(v * scale)
	}
}

// scaled multiplies an integer: exactly, where the scale is whole or the
// inverse of a whole number.
func scaled(v int64, scale float64) int64 {
	if scale < 1 {
		by := int64(math.Round(1 / scale))
		q := v / by
		if v%by < 0 {
			q--
		}
		return q
	}
	by := int64(scale)
	if v > math.MaxInt64/by || v < math.MinInt64/by {
		return impossible
	}
	return v * by
}

func rounded(v float64) int64 {
	if v = math.Floor(v + 0.5); v >= -(1<<62) && v <= 1<<62 {
		return int64(v)
	}
	return impossible
}

// minusOne is what an unsigned type makes of the polarity -1; 0 for any other.
func (c *column) minusOne() int64 {
	switch {
	case c.typ.Class != h5.Uint:
		return 0
	case c.typ.Size == 8:
		return -1
	}
	return 1<<(8*c.typ.Size) - 1
}
