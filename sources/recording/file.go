package recording

import (
	"fmt"
	"io"
	"os"
)

// file is what a recording is read from.
type file interface {
	io.ReadCloser
	Stat() (os.FileInfo, error)
}

// openFile opens a file, or a directory that holds the parts of a recording.
func openFile(path string) (file, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	st, err := f.Stat()
	if err != nil || !st.IsDir() {
		return f, nil
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	return openFolder(path)
}

// kept is a file that is not closed if it is standard input, which belongs to
// the process.
type kept struct{ *os.File }

func (k kept) Close() error {
	if k.File == os.Stdin {
		return nil
	}
	return k.File.Close()
}
