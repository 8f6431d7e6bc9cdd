//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package outfile

import "os"

// links is taken for 1 where nobody tells.
func links(os.FileInfo) int { return 1 }
