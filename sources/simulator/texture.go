package simulator

import "math"

// texture is a background of smooth random blobs that repeats itself.
type texture struct {
	side   int       // px, after which it repeats
	stride int       // side+1: the first column and row stand again at the end
	levels []float32 // stride x stride

	// The shift of the moment: whole pixels, and the weights of the four
	// neighbours for the rest, the same for every pixel.
	x, y               int
	w00, w01, w10, w11 float32
}

const (
	textureCells = 32 // cells of the coarse octave until it repeats
	textureCell  = 7. // u
	textureLow   = 30.
	textureHigh  = 190.
)

func newTexture(rnd source, unit float64) *texture {
	side := int(math.Ceil(textureCells * textureCell * unit))
	t := &texture{side: side, stride: side + 1, levels: make([]float32, (side+1)*(side+1))}
	for y := range t.stride {
		for x := range t.stride {
			u, v := float64(x)*textureCells/float64(side), float64(y)*textureCells/float64(side)
			n := float64(.65*blob(rnd, 0, textureCells, u, v)) + float64(.35*blob(rnd, 1, 2*textureCells, 2*u, 2*v))
			t.levels[y*t.stride+x] = float32(textureLow + float64((textureHigh-textureLow)*n))
		}
	}
	return t
}

// blob is value noise in [0, 1] on a lattice that repeats after n cells.
func blob(rnd source, octave uint64, n int, u, v float64) float64 {
	iu, iv := int(u), int(v)
	knot := func(a, b int) float64 {
		return rnd.uniform(forTexture, octave, uint64(b%n)<<16|uint64(a%n))
	}
	fu, fv := ease(u-float64(iu)), ease(v-float64(iv))
	top := knot(iu, iv) + float64(fu*(knot(iu+1, iv)-knot(iu, iv)))
	bottom := knot(iu, iv+1) + float64(fu*(knot(iu+1, iv+1)-knot(iu, iv+1)))
	return top + float64(fv*(bottom-top))
}

func ease(v float64) float64 { return v * v * (3 - 2*v) }

// moveTo shifts the texture right and down by (dx, dy), px.
func (t *texture) moveTo(dx, dy float64) {
	u, v := math.Mod(-dx, float64(t.side)), math.Mod(-dy, float64(t.side))
	if u < 0 {
		u += float64(t.side)
	}
	if v < 0 {
		v += float64(t.side)
	}
	t.x, t.y = int(u), int(v)
	fu, fv := float32(round16(u-float64(t.x))), float32(round16(v-float64(t.y)))
	t.w00, t.w01 = (1-fu)*(1-fv), fu*(1-fv)
	t.w10, t.w11 = (1-fu)*fv, fu*fv
}

// at is the level that pixel (x, y) sees.
func (t *texture) at(x, y int) float64 {
	i := (y+t.y)%t.side*t.stride + (x+t.x)%t.side
	return float64(t.blend(t.levels[i:i+2], t.levels[i+t.stride:i+t.stride+2]))
}

// row writes the levels that row y sees.
func (t *texture) row(y int, dst []float32) {
	i := (y + t.y) % t.side * t.stride
	top, bottom := t.levels[i:i+t.stride], t.levels[i+t.stride:i+2*t.stride]
	at := t.x % t.side
	for x := range dst {
		dst[x] = t.blend(top[at:at+2], bottom[at:at+2])
		if at++; at == t.side {
			at = 0
		}
	}
}

// blend weighs four neighbours, two of each row.
func (t *texture) blend(top, bottom []float32) float32 {
	return float32(t.w00*top[0]) + float32(t.w01*top[1]) + float32(t.w10*bottom[0]) + float32(t.w11*bottom[1])
}

// sample is the level at a place of the texture, px.
func (t *texture) sample(u, v float64) float32 {
	side := float64(t.side)
	u, v = u-float64(side*math.Floor(u/side)), v-float64(side*math.Floor(v/side))
	x, y := min(int(u), t.side-1), min(int(v), t.side-1)
	fu, fv := float32(round16(u-float64(x))), float32(round16(v-float64(y)))
	top, bottom := t.levels[y*t.stride+x:], t.levels[(y+1)*t.stride+x:]
	up, down := top[0]+float32(fu*(top[1]-top[0])), bottom[0]+float32(fu*(bottom[1]-bottom[0]))
	return up + float32(fv*(down-up))
}
