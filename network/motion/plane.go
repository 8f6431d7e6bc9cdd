package motion

// plane is the pixels of a layer of the encoder's size.
type plane struct {
	w, h   int    // px
	size   int    // of one polarity
	perRow uint64 // 1/w, rounded up, behind a point of rowBits
}

// rowBits is enough for a product with perRow to have the whole part of the
// quotient, for sides of up to 2^16 px.
const rowBits = 48

func newPlane(w, h int) plane {
	return plane{w: w, h: h, size: w * h, perRow: 1<<rowBits/uint64(w) + 1}
}

// pixel is the place and polarity of a neuron of the input or coincidence layer.
// A multiplication takes the place of two divisions for each event.
func (p *plane) pixel(id uint32) (x, y int, on bool) {
	i := int(id)
	if on = i >= p.size; on {
		i -= p.size
	}
	y = int(uint64(i) * p.perRow >> rowBits)
	return i - y*p.w, y, on
}
