package baseline

import (
	"slices"

	"ganglion/network/motion/track"
)

// none marks a point without a cluster.
const none = -1

// clusterer finds the density clusters of a set of points. It keeps scratch
// memory between calls.
type clusterer struct {
	eps       float64 // px
	minPoints int
	cols      int     // cells in a row
	cells     []int32 // first point of each cell's list, or none
	next      []int32 // by point: the next one in its cell
	used      []int32 // cells with points
	of        []int32 // by point: its cluster, or none
	core      []bool
	queue     []int32
}

// newClusterer makes a clusterer for a sensor, px. Its cells are Eps wide, so
// that neighbours stand in adjoining cells.
func newClusterer(eps float64, minPoints, width, height int) *clusterer {
	cols, rows := int(float64(width)/eps)+1, int(float64(height)/eps)+1
	c := &clusterer{eps: eps, minPoints: minPoints, cols: cols, cells: make([]int32, cols*rows)}
	for i := range c.cells {
		c.cells[i] = none
	}
	return c
}

// run clusters the points and returns the number of clusters. c.of tells each
// point's cluster; clusters are numbered by their first core.
func (c *clusterer) run(points []track.Point) int {
	n := len(points)
	c.next, c.of, c.core = slices.Grow(c.next[:0], n)[:n], slices.Grow(c.of[:0], n)[:n], slices.Grow(c.core[:0], n)[:n]
	for i := n - 1; i >= 0; i-- { // backwards, so that lists ascend
		k := c.cell(points[i].X, points[i].Y)
		if c.cells[k] == none {
			c.used = append(c.used, k)
		}
		c.next[i], c.cells[k] = c.cells[k], int32(i)
		c.of[i] = none
	}
	for i := range points {
		c.core[i] = c.count(points, i) >= c.minPoints
	}
	clusters := 0
	for i := range points {
		if c.core[i] && c.of[i] == none {
			c.grow(points, int32(i), int32(clusters))
			clusters++
		}
	}
	for _, k := range c.used {
		c.cells[k] = none
	}
	c.used = c.used[:0]
	return clusters
}

func (c *clusterer) cell(x, y float32) int32 {
	return int32(float64(y)/c.eps)*int32(c.cols) + int32(float64(x)/c.eps)
}

// count is the number of points within eps of a point, itself included, at
// most minPoints.
func (c *clusterer) count(points []track.Point, i int) (n int) {
	c.near(points, i, func(int32) bool {
		n++
		return n < c.minPoints
	})
	return n
}

// near calls visit for every point within eps until it returns false.
func (c *clusterer) near(points []track.Point, i int, visit func(j int32) bool) {
	p := points[i]
	col, row := int(float64(p.X)/c.eps), int(float64(p.Y)/c.eps)
	rows := len(c.cells) / c.cols
	for y := max(row-1, 0); y <= min(row+1, rows-1); y++ {
		for x := max(col-1, 0); x <= min(col+1, c.cols-1); x++ {
			for j := c.cells[y*c.cols+x]; j != none; j = c.next[j] {
				q := points[j]
				if (track.Vec{X: float64(p.X - q.X), Y: float64(p.Y - q.Y)}).Norm() <= c.eps && !visit(j) {
					return
				}
			}
		}
	}
}

// grow spreads a cluster from a core.
func (c *clusterer) grow(points []track.Point, from, cluster int32) {
	c.of[from] = cluster
	c.queue = append(c.queue[:0], from)
	for len(c.queue) > 0 {
		i := c.queue[len(c.queue)-1]
		c.queue = c.queue[:len(c.queue)-1]
		c.near(points, int(i), func(j int32) bool {
			if c.of[j] == none {
				c.of[j] = cluster
				if c.core[j] {
					c.queue = append(c.queue, j)
				}
			}
			return true
		})
	}
}
