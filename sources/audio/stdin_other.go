//go:build !unix

package audio

import "os"

// openStdin returns standard input; a read that waits does not end with its
// context here.
func openStdin() (*os.File, error) { return os.Stdin, nil }
