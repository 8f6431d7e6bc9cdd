package network

import "ganglion/pipeline"

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
