package track

import "math"

// Vec is a place, px, a size, px, or a velocity, px/s; y points down. Its
// products are rounded before they are summed, so that no processor fuses them
// into results of its own.
type Vec struct{ X, Y float64 }

// Plus is a + b.
func (a Vec) Plus(b Vec) Vec { return Vec{a.X + b.X, a.Y + b.Y} }

// Minus is a - b.
func (a Vec) Minus(b Vec) Vec { return Vec{a.X - b.X, a.Y - b.Y} }

// Times is s*a.
func (a Vec) Times(s float64) Vec { return Vec{float64(a.X * s), float64(a.Y * s)} }

// Dot is the scalar product.
func (a Vec) Dot(b Vec) float64 { return float64(a.X*b.X) + float64(a.Y*b.Y) }

// Norm is the length.
func (a Vec) Norm() float64 { return math.Sqrt(a.Dot(a)) }

// Box is a half-open rectangle, px.
type Box struct{ Min, Max Vec }

// Centre is the middle of the box.
func (b Box) Centre() Vec { return b.Min.Plus(b.Max).Times(.5) }

// Size is width and height.
func (b Box) Size() Vec { return b.Max.Minus(b.Min) }

// Outside is how far a point lies outside the box along the axis on which it
// lies further out; 0 inside.
func (b Box) Outside(p Vec) float64 {
	return max(b.Min.X-p.X, p.X-b.Max.X, b.Min.Y-p.Y, p.Y-b.Max.Y, 0)
}

// gaps are the distances of two boxes along the axes, negative where they
// overlap.
func (b Box) gaps(c Box) Vec {
	return Vec{
		max(b.Min.X, c.Min.X) - min(b.Max.X, c.Max.X),
		max(b.Min.Y, c.Min.Y) - min(b.Max.Y, c.Max.Y),
	}
}

// Gap is the larger of the gaps.
func (b Box) Gap(c Box) float64 {
	g := b.gaps(c)
	return max(g.X, g.Y)
}

// Union is the smallest box that holds both.
func (b Box) Union(c Box) Box {
	return Box{
		Vec{min(b.Min.X, c.Min.X), min(b.Min.Y, c.Min.Y)},
		Vec{max(b.Max.X, c.Max.X), max(b.Max.Y, c.Max.Y)},
	}
}
