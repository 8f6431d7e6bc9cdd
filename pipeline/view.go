package pipeline

// View tells where on the sensor the pixels of an encoder's layer lie: a region of
// interest, coarser pixels and turns move them. It maps a place (x, y) of the layer
// to (XX x + XY y + X, YX x + YY y + Y) on the sensor, px. The zero value is the
// view of an encoder that takes the sensor as it is.
type View struct{ XX, XY, X, YX, YY, Y float64 }

// Viewed is implemented by encoders of events that move their addresses.
type Viewed interface {
	// View is where the encoder's layer lies on the sensor.
	View() View
}

// Placed is implemented by readouts that report places, which are those of the
// sensor whatever the encoder makes of it.
type Placed interface {
	// Place is called once, before anything is read or restored.
	Place(v View)
}

// Same reports whether places stay as they are.
func (v View) Same() bool { return v == View{} || v == View{XX: 1, YY: 1} }

// At maps a place.
func (v View) At(x, y float64) (float64, float64) {
	if v.Same() {
		return x, y
	}
	dx, dy := v.Way(x, y)
	return dx + v.X, dy + v.Y
}

// Way maps a displacement, such as a velocity.
func (v View) Way(x, y float64) (float64, float64) {
	if v.Same() {
		return x, y
	}
	return float64(v.XX*x) + float64(v.XY*y), float64(v.YX*x) + float64(v.YY*y)
}

// Of is the view through v of what is seen through w.
func (v View) Of(w View) View {
	if v.Same() {
		return w
	}
	if w.Same() {
		return v
	}
	var u View
	u.XX, u.YX = v.Way(w.XX, w.YX)
	u.XY, u.YY = v.Way(w.XY, w.YY)
	u.X, u.Y = v.At(w.X, w.Y)
	return u
}
