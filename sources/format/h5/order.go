package h5

import (
	"fmt"
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
var units = map[string]float64{"s": 1e6, "ms": 1e3, "us": 1, "µs": 1, "ns": 1e-3}

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

// guessOrder takes the order that a layout has, unless only the other one has
// times that ascend over the first rows.
func guessOrder(d *h5.Dataset, addresses bool) (order, error) {
	usual, other := timeFirst, addressFirst
	if addresses {
		usual, other = other, usual
	}
	rows, err := d.RowsAlong(0)
	if err != nil {
		return usual, err
	}
	if rows.Len() == 0 || ascends(d, rows, usual.at[2]) || !ascends(d, rows, other.at[2]) {
		return usual, nil
	}
	return other, nil
}

// ascends reports whether a column never falls over the first rows, and rises.
func ascends(d *h5.Dataset, rows *h5.Rows, at int) bool {
	band := rows.Band(0)
	n := min(band.Len, 1000)
	if band.Err != nil {
		return false
	}
	c := column{typ: d.Type, at: at * d.Type.Size, stride: d.Shape[1] * d.Type.Size}
	v := make([]int64, n)
	c.load(v, make([]float64, n), band.Values, 1e6)
	for i := 1; i < n; i++ {
		if v[i] < v[i-1] {
			return false
		}
	}
	return v[0] < v[n-1] || n == 1
}
