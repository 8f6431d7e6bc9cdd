package motion

import "testing"

// A neuron's row is its id over the width, whatever the width.
func TestANeuronHasTheRowAndColumnOfItsPixel(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{1, 7}, {3, 5}, {346, 260}, {640, 480}, {1279, 721}, {65_535, 16}, {16, 65_535}} {
		p := newPlane(size[0], size[1])
		for i := 0; i < 2*size[0]*size[1]; i += 1 + i%3 {
			x, y, on := p.pixel(uint32(i))
			if (y*size[0]+x)+int(bit(on))*size[0]*size[1] != i || x < 0 || x >= size[0] || y >= size[1] {
				t.Fatalf("neuron %d of %v is at %d, %d, %v", i, size, x, y, on)
			}
		}
	}
}
