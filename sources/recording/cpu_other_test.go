//go:build !unix

package recording

func cpuSeconds() float64 { return 0 }
