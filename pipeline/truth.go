package pipeline

// Truth is the ground truth of one object at one time, as the simulator
// writes it (one JSON object per line, one line per object every 10 ms) and
// the evaluation reads it. Boxes are pixels, half-open, y down.
type Truth struct {
	T          int64   `json:"t_us"`
	ID         int     `json:"id"`
	X0         float64 `json:"x0"`
	Y0         float64 `json:"y0"`
	X1         float64 `json:"x1"`
	Y1         float64 `json:"y1"`
	VX         float64 `json:"vx"` // px/s
	VY         float64 `json:"vy"` // px/s
	Visible    float64 `json:"visible"`
	Events20ms int     `json:"events_20ms"` // the object's own events in [T-20 ms, T)

	Recording string `json:"recording,omitempty"` // that it is the truth of, as [Recording] names it
}
