//go:build !unix

package formattest

// CPUSeconds is not known here.
func CPUSeconds() float64 { return 0 }
