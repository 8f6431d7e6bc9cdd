package picture

import "image/color"

// The colours of everything but events. Blue and orange, dark ground and light
// ink can also be told apart with the common forms of colour blindness.
var (
	ground  = rgb(0x0b0e14)
	strip   = rgb(0x141924) // under the caption
	ink     = rgb(0xe6e9ef)
	dimInk  = rgb(0x8b94a7)
	onTint  = rgb(0xff9e3d)
	offTint = rgb(0x3fa7ff)
	bothMix = rgb(0xf2e6ff) // a pixel with as many on as off events
)

// trackTints are the colours of tracks, by id.
var trackTints = []color.RGBA{
	rgb(0x7dff8a), rgb(0xff6ad5), rgb(0xfff06a), rgb(0x6af2e4), rgb(0xc4a1ff), rgb(0xff7a7a),
}

// ageTints are the colours of a surface's newest events down to its oldest,
// with lightness falling evenly.
var ageTints = []color.RGBA{
	rgb(0xfff7c9), rgb(0xffd166), rgb(0xff9248), rgb(0xe4555f), rgb(0xa83a8c), rgb(0x6a3aa8), rgb(0x36337f), rgb(0x1a2048),
}

func rgb(v uint32) color.RGBA {
	return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xff}
}

// mix goes from a to b by share s in [0, 1].
func mix(a, b color.RGBA, s float32) color.RGBA {
	part := func(a, b uint8) uint8 { return uint8(float32(a) + float32(s*(float32(b)-float32(a))) + 0.5) }
	return color.RGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 0xff}
}

// ageColor is the colour of an age in [0, 1].
func ageColor(age float32) color.RGBA {
	at := age * float32(len(ageTints)-1)
	i := min(int(at), len(ageTints)-2)
	return mix(ageTints[i], ageTints[i+1], at-float32(i))
}

// polarityColor is the colour of a pixel with so many on and off events, which
// may be fractions: the hue says which are more, the strength how many; with
// half it is half of the full one.
func polarityColor(on, off, half float32) color.RGBA {
	n := on + off
	if n <= 0 {
		return ground
	}
	lean := (on - off) / n // in [-1, 1]
	hue := mix(bothMix, onTint, lean)
	if lean < 0 {
		hue = mix(bothMix, offTint, -lean)
	}
	return mix(ground, hue, n/(n+half))
}

// shadeLevels is how many colours a ramp of a GIF's palette has.
const shadeLevels = 40

// gifPalette is the colours of a film: ramps of what events, captions and
// tracks can look like, and transparent at the end.
func gifPalette(s Style) color.Palette {
	var p color.Palette
	ramp := func(from, to color.RGBA, n int) {
		for i := range n {
			p = append(p, mix(from, to, float32(i)/float32(n-1)))
		}
	}
	if s == Surface {
		p = append(p, ground)
		for i := range 3 * shadeLevels {
			p = append(p, ageColor(float32(i)/(3*shadeLevels-1)))
		}
	} else {
		ramp(ground, onTint, shadeLevels)
		ramp(ground, offTint, shadeLevels)
		ramp(ground, bothMix, shadeLevels/2)
		ramp(ground, mix(bothMix, onTint, 0.5), shadeLevels/2)
		ramp(ground, mix(bothMix, offTint, 0.5), shadeLevels/2)
	}
	ramp(strip, ink, 16)
	ramp(strip, dimInk, 8)
	for _, c := range trackTints {
		ramp(mix(ground, c, 0.2), c, 8)
	}
	return append(p, color.RGBA{})
}
