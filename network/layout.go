package network

import (
	"math/bits"
	"slices"

	"ganglion/pipeline"
)

// layout is how a clocked layer keeps its neurons: channel last, so that the
// neurons that a convolution reaches together lie together. Ids stay channel
// first (see [pipeline.Shape]); the two agree for a single channel.
type layout struct {
	channels, plane int32
	byChannel       divider // place to pixel and channel
	byPlane         divider // id to channel and pixel
}

func newLayout(s pipeline.Shape) layout {
	c, h, w := extent(s)
	return layout{channels: int32(c), plane: int32(h * w), byChannel: newDivider(c), byPlane: newDivider(h * w)}
}

// place is where neuron id is kept.
func (l *layout) place(id uint32) int32 {
	if l.channels == 1 {
		return int32(id)
	}
	c, pixel := l.byPlane.div(id)
	return int32(pixel)*l.channels + int32(c)
}

// id is the neuron kept at a place.
func (l *layout) id(place int32) uint32 {
	if l.channels == 1 {
		return uint32(place)
	}
	pixel, c := l.byChannel.div(uint32(place))
	return c*uint32(l.plane) + pixel
}

// arrange puts values that stand by id, or one for all, or otherwise for all,
// to their places.
func (l *layout) arrange(v []float32, otherwise float32) []float32 {
	all := make([]float32, l.channels*l.plane)
	for i := range all {
		switch len(v) {
		case 0:
			all[i] = otherwise
		case 1:
			all[i] = v[0]
		default:
			all[i] = v[l.id(int32(i))]
		}
	}
	return all
}

// flatBlock is how many neurons of a flat layer are woken together.
const flatBlock = 16

// block is how many neighbouring places are woken together: the channels of a
// pixel.
func (l *layout) block() int32 {
	if l.channels > 1 {
		return l.channels
	}
	return flatBlock
}

// ownRuns lists a shard's places, channel last, as runs of neighbours,
// ascending.
func ownRuns(shape pipeline.Shape, own func(row int) bool) []segment {
	channels, h, w := extent(shape)
	var runs []segment
	for y := range h {
		if !own(y) {
			continue
		}
		first, n := int32(y*w*channels), int32(w*channels)
		if k := len(runs); k > 0 && runs[k-1].first+runs[k-1].n == first {
			runs[k-1].n += n
		} else {
			runs = append(runs, segment{first: first, n: n})
		}
	}
	return runs
}

// ownIDs lists the neurons of a shard as runs of neighbours, ascending.
func ownIDs(s pipeline.Shape, own func(row int) bool) (runs []segment) {
	c, h, w := extent(s)
	for row := range c * h {
		if !own(row % h) {
			continue
		}
		first := int32(row * w)
		if k := len(runs); k > 0 && runs[k-1].first+runs[k-1].n == first {
			runs[k-1].n += int32(w)
		} else {
			runs = append(runs, segment{first: first, n: int32(w)})
		}
	}
	return slices.Clip(runs)
}

// divider divides ids below maxNeurons = 2^24 by a constant without a division.
//
// With e = magic*n - 2^shift, which is below n, v*magic>>shift is v/n for every v
// with v*e < 2^shift (Granlund and Montgomery 1994, theorem 4.2). shift is
// 40+floor(log2 n), so v*e < 2^24 * 2^(1+floor(log2 n)) < 2^shift, and v*magic
// < 2^64 because magic is 2^40 at most. A shift of 40 for all n, which is a
// constant, errs from n = 2^16 on: in a layer of 4 channels of 1280x720.
type divider struct {
	n     uint32
	shift uint8
	magic uint64
}

func newDivider(n int) divider {
	shift := 39 + bits.Len(uint(n))
	return divider{n: uint32(n), shift: uint8(shift), magic: (1<<shift + uint64(n) - 1) / uint64(n)}
}

// div returns v/n and v%n, for v and n below 2^24.
func (d divider) div(v uint32) (q, r uint32) {
	q = uint32(uint64(v) * d.magic >> (d.shift & 63))
	return q, v - q*d.n
}
