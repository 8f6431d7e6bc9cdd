// Package floor has integer division that rounds down, also below zero, as times
// before the first event want it: Go's own rounds towards zero.
package floor

// Div is a/b, rounded down.
func Div(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Mod is what a has beyond the largest multiple of b that is not above it, in [0, b).
func Mod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}

// To is the largest multiple of step that is not above t.
func To(t, step int64) int64 { return Div(t, step) * step }

// Up is the smallest multiple of step that is not below t.
func Up(t, step int64) int64 { return -To(-t, step) }
