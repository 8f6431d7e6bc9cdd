package recording

// memFile is a file in memory, whose beginning can be filled in at the end.
type memFile struct{ b []byte }

func (f *memFile) Write(p []byte) (int, error) {
	f.b = append(f.b, p...)
	return len(p), nil
}

func (f *memFile) WriteAt(p []byte, at int64) (int, error) { return copy(f.b[at:], p), nil }

// discardFile is a file that keeps nothing.
type discardFile struct{}

func (discardFile) Write(p []byte) (int, error)            { return len(p), nil }
func (discardFile) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }
