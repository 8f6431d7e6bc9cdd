package outfile

import "os"

// State is what became of a file that is being written.
type State int

// The states.
const (
	Intact  State = iota
	Moved         // the path leads elsewhere, or nowhere: the file lives on under another name
	Removed       // the file has no name any more, and goes when it is closed
	Cut           // it is shorter than what was written
)

// String is the state in a sentence: "the output was moved".
func (s State) String() string {
	return [...]string{"is intact", "was moved", "was removed", "was truncated"}[s]
}

// Look finds out what became of an open file that was at a path and has size
// bytes as far as its writer knows.
func Look(f *os.File, path string, size int64) State {
	mine, err := f.Stat()
	if err != nil || !mine.Mode().IsRegular() {
		return Intact // writing will tell
	}
	there, err := os.Stat(path)
	switch {
	case (err != nil || !os.SameFile(mine, there)) && links(mine) == 0:
		return Removed
	case err != nil && !os.IsNotExist(err):
		return Intact // the way there may be closed to us for now
	case err != nil || !os.SameFile(mine, there):
		return Moved
	case mine.Size() < size:
		return Cut
	}
	return Intact
}
