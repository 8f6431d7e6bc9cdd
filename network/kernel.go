package network

import (
	"fmt"

	"ganglion/pipeline"
)

// Kernel reports which neurons a spike of a connection reaches, and with what
// weight: [Conv2d], [Dense], [Sparse] or [Diagonal].
type Kernel interface {
	// outShape checks the kernel against an input shape and returns what it
	// delivers.
	outShape(in pipeline.Shape) (pipeline.Shape, error)
	// synapses counts the synapses it makes from an input shape.
	synapses(in pipeline.Shape) uint64
	// wire lays the kernel out for one shard, which owns some rows of out, and
	// for a layer that keeps its neurons channel first or last.
	wire(in, out pipeline.Shape, own func(row int) bool, order order) wiring
}

// order is how the layer behind a kernel keeps its neurons.
type order int

const (
	channelFirst order = iota // by id
	channelLast               // see layout
)

// wiring is a kernel laid out for the spikes of one shard.
type wiring interface {
	// reach appends the neurons that presynaptic neuron id reaches in this
	// shard, as runs of neighbours with their weights. Each neuron is reached
	// at most once.
	reach(id uint32, dst []segment) []segment
	// weights is what segments index.
	weights() []float32
	// near is the first neuron that id reaches in this shard and the distance
	// to the next run of neurons; ok reports whether it reaches any.
	near(id uint32) (first, stride int32, ok bool)
}

// Deliver is what a kernel makes of one graded spike of each neuron of a layer:
// the sums that its postsynaptic neurons receive, by id.
func Deliver(k Kernel, from pipeline.Shape, values []float32) ([]float32, error) {
	to, err := k.outShape(from)
	if err != nil {
		return nil, err
	}
	w := k.wire(from, to, func(int) bool { return true }, channelFirst)
	sums := make([]float64, to.Size())
	var reach []segment
	for id, v := range values {
		reach = w.reach(uint32(id), reach[:0])
		for _, s := range reach {
			for j, weight := range w.weights()[s.w : s.w+s.n] {
				sums[int(s.first)+j] += float64(weight * v)
			}
		}
	}
	delivered := make([]float32, len(sums))
	for i, sum := range sums {
		delivered[i] = float32(sum)
	}
	return delivered, nil
}

// Dense connects every neuron to every neuron of a flat layer.
type Dense struct {
	Weight  []float32 // [Out, In], row-major
	Out, In int
}

func (k Dense) outShape(in pipeline.Shape) (pipeline.Shape, error) {
	if in.Size() != k.In {
		return nil, fmt.Errorf("dense kernel takes %d neurons, not %v", k.In, in)
	}
	if len(k.Weight) != k.Out*k.In || k.Out < 1 {
		return nil, fmt.Errorf("dense kernel has %d weights where %d x %d are needed", len(k.Weight), k.Out, k.In)
	}
	return pipeline.Shape{k.Out}, nil
}

func (k Dense) synapses(pipeline.Shape) uint64 { return uint64(k.Out) * uint64(k.In) }

func (k Dense) wire(_, out pipeline.Shape, own func(row int) bool, _ order) wiring {
	_, h, _ := extent(out)
	d := &denseWiring{}
	for row := range h {
		if !own(row) {
			continue
		}
		if n := len(d.runs); n > 0 && d.runs[n-1].first+d.runs[n-1].n == int32(row) {
			d.runs[n-1].n++
		} else {
			d.runs = append(d.runs, segment{first: int32(row), n: 1, w: d.width})
		}
		d.width++
	}
	d.weight = make([]float32, int(d.width)*k.In)
	for in := range k.In {
		at := in * int(d.width)
		for _, r := range d.runs {
			for j := range int(r.n) {
				d.weight[at] = k.Weight[(int(r.first)+j)*k.In+in]
				at++
			}
		}
	}
	return d
}

// denseWiring holds the shard's columns of the matrix, by input neuron.
type denseWiring struct {
	weight []float32
	width  int32     // weights per input neuron
	runs   []segment // the shard's neurons; w relative to the input neuron's weights
}

func (d *denseWiring) reach(id uint32, dst []segment) []segment {
	base := int32(id) * d.width
	for _, r := range d.runs {
		r.w += base
		dst = append(dst, r)
	}
	return dst
}

func (d *denseWiring) weights() []float32 { return d.weight }

func (d *denseWiring) near(uint32) (first, stride int32, ok bool) {
	if d.width == 0 {
		return 0, 0, false
	}
	return d.runs[0].first, 0, true
}

// Sparse connects each neuron to a list of neurons of a flat layer (compressed
// sparse rows, by presynaptic neuron).
type Sparse struct {
	Offsets []uint32  // neuron i reaches Targets[Offsets[i]:Offsets[i+1]]; In+1 long
	Targets []uint32  // ascending for each neuron
	Weight  []float32 // parallel to Targets
	Out     int
}

func (k Sparse) outShape(in pipeline.Shape) (pipeline.Shape, error) {
	if len(k.Offsets) != in.Size()+1 || k.Offsets[0] != 0 {
		return nil, fmt.Errorf("sparse kernel has %d offsets for %v", len(k.Offsets), in)
	}
	if n := int(k.Offsets[in.Size()]); n != len(k.Targets) || n != len(k.Weight) {
		return nil, fmt.Errorf("sparse kernel has %d targets and %d weights where its offsets need %d", len(k.Targets), len(k.Weight), n)
	}
	for i := range in.Size() {
		if k.Offsets[i] > k.Offsets[i+1] {
			return nil, fmt.Errorf("sparse kernel: offsets of neuron %d descend", i)
		}
		row := k.Targets[k.Offsets[i]:k.Offsets[i+1]]
		for j, t := range row {
			if int(t) >= k.Out || j > 0 && t <= row[j-1] {
				return nil, fmt.Errorf("sparse kernel: targets of neuron %d do not ascend below %d", i, k.Out)
			}
		}
	}
	return pipeline.Shape{k.Out}, nil
}

func (k Sparse) synapses(pipeline.Shape) uint64 { return uint64(len(k.Targets)) }

func (k Sparse) wire(_, _ pipeline.Shape, own func(row int) bool, _ order) wiring {
	s := &sparseWiring{offsets: make([]uint32, 1, len(k.Offsets))}
	for i := range len(k.Offsets) - 1 {
		for j := k.Offsets[i]; j < k.Offsets[i+1]; j++ {
			if own(int(k.Targets[j])) {
				s.targets = append(s.targets, k.Targets[j])
				s.weight = append(s.weight, k.Weight[j])
			}
		}
		s.offsets = append(s.offsets, uint32(len(s.targets)))
	}
	return s
}

// sparseWiring holds the shard's targets of neuron i, and their weights, from
// offsets[i] to offsets[i+1].
type sparseWiring struct {
	offsets []uint32
	targets []uint32
	weight  []float32 // by synapse, or by presynaptic neuron where even
	even    bool      // all synapses of a presynaptic neuron have the same weight: half of the memory to read
}

// gather keeps one weight of each presynaptic neuron where its synapses have no
// other, for connections whose weights and delays stay.
func (s *sparseWiring) gather() {
	even := make([]float32, len(s.offsets)-1)
	for i := range even {
		row := s.weight[s.offsets[i]:s.offsets[i+1]]
		for _, w := range row {
			if w != row[0] {
				return
			}
		}
		if len(row) > 0 {
			even[i] = row[0]
		}
	}
	s.weight, s.even = even, true
}

func (s *sparseWiring) reach(id uint32, dst []segment) []segment {
	for i := s.offsets[id]; i < s.offsets[id+1]; i++ {
		w := i
		if s.even {
			w = id
		}
		dst = append(dst, segment{first: int32(s.targets[i]), n: 1, w: int32(w)})
	}
	return dst
}

func (s *sparseWiring) weights() []float32 { return s.weight }

func (s *sparseWiring) near(id uint32) (first, stride int32, ok bool) {
	if s.offsets[id] == s.offsets[id+1] {
		return 0, 0, false
	}
	return int32(s.targets[s.offsets[id]]), 0, true
}

// Diagonal connects each neuron to its counterpart.
type Diagonal struct {
	Weight []float32      // by neuron; nil means 1 everywhere
	Shape  pipeline.Shape // of the counterpart when it differs (flatten); nil keeps the shape
}

// Identity connects each neuron to its counterpart with weight 1.
func Identity() Diagonal { return Diagonal{} }

func (k Diagonal) outShape(in pipeline.Shape) (pipeline.Shape, error) {
	if k.Weight != nil && len(k.Weight) != in.Size() {
		return nil, fmt.Errorf("diagonal kernel has %d weights for %v", len(k.Weight), in)
	}
	if k.Shape == nil {
		return in, nil
	}
	if k.Shape.Size() != in.Size() {
		return nil, fmt.Errorf("%v does not reshape to %v", in, k.Shape)
	}
	return k.Shape, nil
}

func (k Diagonal) synapses(in pipeline.Shape) uint64 { return uint64(in.Size()) }

func (k Diagonal) wire(_, out pipeline.Shape, own func(row int) bool, order order) wiring {
	_, h, w := extent(out)
	d := &diagonalWiring{weight: k.Weight, rowOf: newDivider(w), heightOf: newDivider(h), own: make([]bool, h)}
	if d.weight == nil {
		d.weight = []float32{1}
		d.same = true
	}
	for y := range d.own {
		d.own[y] = own(y)
	}
	if order == channelLast {
		l := newLayout(out)
		d.layout = &l
	}
	return d
}

type diagonalWiring struct {
	layout          *layout // nil when the layer keeps its neurons by id
	weight          []float32
	same            bool // one weight for all
	own             []bool
	rowOf, heightOf divider
}

func (d *diagonalWiring) near(id uint32) (first, stride int32, ok bool) {
	row, _ := d.rowOf.div(id)
	_, y := d.heightOf.div(row)
	return int32(id), 0, d.own[y]
}

func (d *diagonalWiring) reach(id uint32, dst []segment) []segment {
	if _, _, ok := d.near(id); !ok {
		return dst
	}
	s := segment{first: int32(id), n: 1, w: int32(id)}
	if d.layout != nil {
		s.first = d.layout.place(id)
	}
	if d.same {
		s.w = 0
	}
	return append(dst, s)
}

func (d *diagonalWiring) weights() []float32 { return d.weight }
