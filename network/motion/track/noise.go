package track

import (
	"slices"
	"time"

	"ganglion/internal/portable"
	"ganglion/pipeline/state"
)

// Noise estimates how often a quiet pixel gives a point. What moves gives many
// points close to each other, so a cell that has more points than noise gives
// makes its surroundings loud for some time, and only quiet cells are counted:
// however much moves, it does not raise the estimate. Where hardly a cell is
// quiet, the calmest blocks are counted.
type Noise struct {
	columns, rows int     // of cells
	dt            float64 // of a period, s
	span          float64 // over which a cell's points add up, s
	hush          int64   // periods for which a cell stays loud
	clump         float64 // points that come of one happening
	start         float64 // what the rate was taken for at first
	rate          float64 // points per pixel and second
	learned       int     // periods seen so far, up to noiseMemory
	now, until    int64   // period; none is loud from until on

	cells   []noiseCell
	loud    []int64   // by cell: the period from which on it is quiet
	touched []int32   // cells with points in this period
	blocks  []int32   // scratch
	fades   []float32 // by periods: what is left of a sum
}

type noiseCell struct {
	points int32   // in this period
	sum    float32 // leaky, at the period last
	last   int64
}

const (
	noiseFloor   = 1e-4 // 1/(px s)
	noisePrior   = 10   // periods that the start is worth
	noiseMemory  = 50   // periods of the average
	noiseSettled = 24   // periods until the average is good
	noiseReach   = 2    // cells around a loud one that are loud
	noiseHush    = 5    // times the span that a cell stays loud
	noiseShare   = 10   // share of the cells that must be quiet, one in so many
	noiseBlock   = 8    // cells along the sides of a block
	noiseFades   = 256  // periods for which what becomes of a sum is known
	noiseCrowd   = 3    // -log10 of how seldom noise makes a cell loud
)

// NewNoise makes an estimator for a sensor, px, a period, and the time over
// which points support an estimate. Until it has seen some periods it assumes
// start, 1/(px s). clump is how many points come of one happening.
func NewNoise(width, height int, period, span time.Duration, clump, start float64) *Noise {
	columns, rows := (width+cellSize-1)/cellSize, (height+cellSize-1)/cellSize
	n := &Noise{
		columns: columns, rows: rows, dt: period.Seconds(), span: span.Seconds(), start: start, rate: start, clump: clump,
		hush: noiseHush * int64((span+period-1)/period), cells: make([]noiseCell, columns*rows),
		loud: make([]int64, columns*rows), touched: make([]int32, 0, columns*rows),
		blocks: make([]int32, ((columns+noiseBlock-1)/noiseBlock)*((rows+noiseBlock-1)/noiseBlock)),
		fades:  make([]float32, noiseFades),
	}
	for k := range n.fades {
		n.fades[k] = n.faded(int64(k))
	}
	return n
}

// Add counts a point at a pixel.
func (n *Noise) Add(x, y int) {
	c := int32(y/cellSize*n.columns + x/cellSize)
	if n.cells[c].points == 0 {
		n.touched = append(n.touched, c)
	}
	n.cells[c].points++
}

// Loud makes the cells that a box touches loud in this period: something is
// known to be there.
func (n *Noise) Loud(b Box) {
	x0, x1 := cellSpan(b.Min.X, b.Max.X, n.columns)
	y0, y1 := cellSpan(b.Min.Y, b.Max.Y, n.rows)
	n.paint(x0, x1, y0, y1, n.now+2)
}

func (n *Noise) paint(x0, x1, y0, y1 int, until int64) {
	n.until = max(n.until, until)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			c := y*n.columns + x
			n.loud[c] = max(n.loud[c], until)
		}
	}
}

// Turn ends a period.
func (n *Noise) Turn() {
	n.now++
	crowd := n.crowd()
	for _, i := range n.touched {
		c := &n.cells[i]
		c.sum = float32(c.sum*n.fade(n.now-c.last)) + float32(c.points)
		if c.last = n.now; c.sum >= crowd {
			x, y := int(i)%n.columns, int(i)/n.columns
			n.paint(max(x-noiseReach, 0), min(x+noiseReach, n.columns-1), max(y-noiseReach, 0), min(y+noiseReach, n.rows-1), n.now+n.hush)
		}
	}
	points, quiet := 0, 0
	for _, i := range n.touched {
		if n.loud[i] <= n.now {
			points += int(n.cells[i].points)
		}
	}
	for _, l := range n.loud {
		if l <= n.now {
			quiet++
		}
	}
	if loudest := len(n.loud) / noiseShare; quiet >= loudest {
		n.learn(points, quiet)
	} else if points, quiet = n.calmest(); points > 0 {
		n.learn(points, quiet)
	}
	for _, i := range n.touched {
		n.cells[i].points = 0
	}
	n.touched = n.touched[:0]
}

// fade is what becomes of a sum in some periods.
func (n *Noise) fade(periods int64) float32 {
	if periods >= 0 && periods < int64(len(n.fades)) {
		return n.fades[periods]
	}
	return n.faded(periods)
}

func (n *Noise) faded(periods int64) float32 {
	return float32(portable.Exp(-float64(periods) * n.dt / n.span))
}

// calmest counts the points of the calmer blocks where hardly a cell is quiet:
// noise that is stronger than it was thought is alike everywhere, what moves is
// not.
func (n *Noise) calmest() (points, cells int) {
	clear(n.blocks)
	wide := (n.columns + noiseBlock - 1) / noiseBlock
	for _, i := range n.touched {
		x, y := int(i)%n.columns, int(i)/n.columns
		n.blocks[y/noiseBlock*wide+x/noiseBlock] += n.cells[i].points
	}
	slices.Sort(n.blocks)
	return int(n.blocks[len(n.blocks)/5]), noiseBlock * noiseBlock
}

// learn takes in how many points a number of quiet cells had in a period.
func (n *Noise) learn(points, quiet int) {
	gain := max(1./noiseMemory, 1/float64(noisePrior+n.learned))
	n.learned = min(n.learned+1, noiseMemory)
	area := float64(quiet * cellSize * cellSize)
	most := 4 + float64(4*n.Expected(area, n.dt)) // a flash is not noise
	seen := min(float64(points), most) / (area * n.dt)
	n.rate = max(n.rate+float64(gain*(seen-n.rate)), noiseFloor)
}

// crowd is how many points in a cell noise seldom gives.
func (n *Noise) crowd() float32 {
	mean := n.Expected(cellSize*cellSize, n.span) / n.clump
	k := 2
	for poissonTail(k, mean) < noiseCrowd {
		k++
	}
	return float32((float64(k) - .5) * n.clump)
}

// Settled reports whether enough has been seen to tell noise from what moves
// slowly: noise that is weaker than was assumed at the start is told sooner.
func (n *Noise) Settled() bool {
	return n.learned >= noiseSettled || n.learned >= noiseSettled/2 && n.rate <= n.start
}

// Silent reports whether nothing changes while there are no points.
func (n *Noise) Silent() bool {
	return n.learned == noiseMemory && n.now >= n.until && n.rate == noiseFloor
}

// Expected is how many points noise puts into an area over a time, px² and s.
func (n *Noise) Expected(area, span float64) float64 { return n.rate * area * span }

// Fields carries the estimate. It is called between two periods.
func (n *Noise) Fields(s *state.Codec) {
	state.Integer(s, &n.learned)
	state.Integer(s, &n.now)
	state.Integer(s, &n.until)
	Finite(s, &n.rate)
	s.Demand(n.learned >= 0 && n.learned <= noiseMemory && n.rate >= noiseFloor && n.rate < 1e9, "a rate of noise that cannot be")
	for i := range n.cells {
		Finite(s, &n.cells[i].sum)
		state.Integer(s, &n.cells[i].last)
		state.Integer(s, &n.loud[i])
	}
}
