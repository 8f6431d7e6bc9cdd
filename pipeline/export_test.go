package pipeline

import "slices"

// The kinds of detection, for tests that look at every one.
var (
	MotionKinds = motionKinds
	SoundKinds  = soundKinds
	AllKinds    = slices.Concat(motionKinds, soundKinds)
)
