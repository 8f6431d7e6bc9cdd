//go:build unix

package formattest

import "syscall"

// CPUSeconds is the processor time that the process has used: on a machine
// shared with others it says more of the code than the wall clock does.
func CPUSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}
