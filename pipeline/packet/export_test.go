package packet

// The bounds, for tests from outside.
const (
	MaxEvents  = maxEvents
	MaxSamples = maxSamples
)
