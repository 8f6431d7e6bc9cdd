package h5

import (
	"errors"
	"fmt"
	"math"
	"strings"

	h5 "ganglion/internal/hdf5"
)

// order is which column of a matrix is which, and the unit of time where it is
// named.
type order struct {
	at    [4]int // of x, y, t and p
	scale float64
	given bool
}

// units are the µs of a unit of time.
var units = map[string]float64{"s": 1e6, "ms": 1e3, "us": 1, "µs": 1, "ns": 1e-3,
	"seconds": 1e6, "milliseconds": 1e3, "microseconds": 1, "nanoseconds": 1e-3}

// parseOrder reads "t[s],x,y,p"; - stands for a column that is not wanted.
func parseOrder(columns string) (o order, err error) {
	if columns == "" {
		return o, nil
	}
	var found [4]bool
	for i, name := range strings.Split(columns, ",") {
		name, unit, has := strings.Cut(strings.TrimSuffix(strings.TrimSpace(name), "]"), "[")
		if has {
			if o.scale = units[unit]; o.scale == 0 {
				return o, fmt.Errorf("columns %q: unit %q is not s, ms, us or ns", columns, unit)
			}
		}
		for k, names := range roles {
			if name == names[0] {
				o.at[k], found[k] = i, true
			}
		}
	}
	if found != [4]bool{true, true, true, true} {
		return o, fmt.Errorf("columns %q do not name t, x, y and p once each", columns)
	}
	o.given = true
	return o, nil
}

var (
	timeFirst    = order{at: [4]int{1, 2, 0, 3}}
	addressFirst = order{at: [4]int{0, 1, 2, 3}}
)

// orders are those of known layouts, of the matrices that laboratories save
// themselves, and MVSEC's.
var orders = []order{timeFirst, {at: [4]int{0, 1, 3, 2}}, {at: [4]int{2, 3, 0, 1}}, addressFirst}

// errOrder reports that it cannot be told which column is which.
var errOrder = errors.New("it cannot be told which of its columns are t, x, y and p: name them, such as --columns t[s],x,y,p")

// guessOrder takes the order that a layout has, unless only another one goes with
// the first rows: times that never fall, and rise, addresses, and polarities.
func guessOrder(d *h5.Dataset, addresses bool) (order, error) {
	usual := timeFirst
	if addresses {
		usual = addressFirst
	}
	rows, err := d.RowsAlong(0)
	if err != nil || rows.Len() == 0 {
		return usual, err
	}
	band := rows.Band(0)
	if band.Err != nil {
		return usual, nil // reading counts it
	}
	if fits(d, band, usual) {
		return usual, nil
	}
	for _, o := range orders {
		if fits(d, band, o) {
			return o, nil
		}
	}
	return usual, fmt.Errorf("%s (%v of %v): %w", d.Path, d.Type, d.Shape, errOrder)
}

// fits reports whether the first rows of a band are events in an order.
func fits(d *h5.Dataset, band *h5.Band, o order) bool {
	n := min(band.Len, 1000)
	var v [4][]int64
	for i, at := range o.at {
		c := column{typ: d.Type, at: at * d.Type.Size, stride: d.Shape[1] * d.Type.Size}
		v[i] = make([]int64, n)
		scale := 1.0
		if i == 2 {
			scale = 1e6
		}
		c.load(v[i], make([]float64, n), band.Values, scale)
	}
	good, last := 0, int64(math.MinInt64)
	for i := range n {
		x, y, t, p := v[0][i], v[1][i], v[2][i], v[3][i]
		if x >= 0 && x <= math.MaxUint16 && y >= 0 && y <= math.MaxUint16 && t >= last && isPolarity(p) {
			good++
			last = t
		}
	}
	return good*10 >= 9*n && (v[2][0] < v[2][n-1] || n == 1)
}

// isPolarity reports whether a number is one of those that stand for polarities.
func isPolarity(p int64) bool {
	return p >= -1 && p <= 1 || p == math.MaxUint8 || p == math.MaxUint16 || p == math.MaxUint32
}
