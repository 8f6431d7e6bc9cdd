package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// InputBlock is how much is read at a time: large enough to make calls rare,
// small enough to stay in the second-level cache.
const InputBlock = 64 << 10

// inputRoom bounds the memory that is spent on moving little: up to it, the
// buffer grows when records fill half of it.
const inputRoom = 8 * InputBlock

// Input gives decoders the bytes of a stream in pieces that need not be
// copied, and knows at which byte of the stream they are.
type Input struct {
	r   io.Reader
	buf []byte // unread bytes are buf[pos:end]
	pos int
	end int
	off int64 // stream offset of buf[pos]
	err error // what ended reading; io.EOF at the end of the stream
}

func NewInput(r io.Reader) *Input { return NewInputOf(r, InputBlock) }

// NewInputOf makes an input that reads room bytes at a time, for short streams.
func NewInputOf(r io.Reader, room int) *Input { return &Input{r: r, buf: make([]byte, room)} }

// InputOf makes an input of all of a stream.
func InputOf(b []byte) *Input { return &Input{buf: b, end: len(b), err: io.EOF} }

// Window returns the unread bytes after reading on until there are at least
// min, or nothing follows them. last says that nothing follows. The buffer
// grows only as far as bytes really arrive. A read error comes once the bytes
// before it are consumed.
func (in *Input) Window(min int) (src []byte, last bool, err error) {
	for in.end-in.pos < min && in.err == nil {
		in.fill()
	}
	src = in.buf[in.pos:in.end]
	if in.err != nil && !errors.Is(in.err, io.EOF) && len(src) < min {
		return nil, true, in.err
	}
	return src, in.err != nil, nil
}

// fill reads once, behind the unread bytes.
func (in *Input) fill() {
	if in.pos > 0 {
		in.end = copy(in.buf, in.buf[in.pos:in.end])
		in.pos = 0
	}
	if in.end == len(in.buf) || in.end > len(in.buf)/2 && len(in.buf) < inputRoom {
		in.buf = slices.Grow(in.buf, len(in.buf))
		in.buf = in.buf[:cap(in.buf)]
	}
	for range 100 { // as bufio: a reader may return nothing now and then
		n, err := in.r.Read(in.buf[in.end:])
		in.end += n
		if err != nil {
			in.err = err
		}
		if n > 0 || err != nil {
			return
		}
	}
	in.err = io.ErrNoProgress
}

// Advance consumes n of the unread bytes.
func (in *Input) Advance(n int) {
	in.pos += n
	in.off += int64(n)
}

// Cut consumes n of the unread bytes and returns them in memory that is the
// caller's: its spare, or the input's own buffer, for which the input takes the
// spare. Whichever is less is copied, the bytes or what follows them.
func (in *Input) Cut(n int, spare *[]byte) []byte {
	taken := in.buf[in.pos : in.pos+n]
	rest := in.buf[in.pos+n : in.end]
	if len(rest) > n {
		*spare = append((*spare)[:0], taken...)
		in.Advance(n)
		return *spare
	}
	if cap(*spare) < len(in.buf) {
		*spare = make([]byte, len(in.buf))
	}
	next := (*spare)[:cap(*spare)]
	*spare, in.buf = in.buf, next
	in.pos, in.end = 0, copy(next, rest)
	in.off += int64(n)
	return taken
}

// seekable is what a file has.
type seekable interface {
	io.ReaderAt
	io.Seeker
	Stat() (os.FileInfo, error)
}

// File is what is read, and its size, if that is a regular file that has been
// read from its beginning on.
func (in *Input) File() (src io.ReaderAt, size int64, ok bool) {
	f, ok := in.r.(seekable)
	if !ok {
		return nil, 0, false
	}
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		return nil, 0, false
	}
	at, err := f.Seek(0, io.SeekCurrent)
	return f, st.Size(), err == nil && at == in.off+int64(in.end-in.pos)
}

// maxHeld bounds what is read of a pipe for what needs a file, bytes.
const maxHeld = 1 << 30

// Hold is all of the input, for what is read at any place: the file, or memory
// that everything was read into. The name of what needs it appears in errors.
func (in *Input) Hold(name string) (src io.ReaderAt, size int64, err error) {
	src, size, ok := in.File()
	if ok {
		return src, size, nil
	}
	all, _, err := in.Window(maxHeld)
	if err != nil {
		return nil, 0, err
	}
	if len(all) >= maxHeld {
		return nil, 0, fmt.Errorf("more than %d bytes come from a pipe or are packed: %s needs a file", maxHeld, name)
	}
	in.buf = make([]byte, InputBlock) // what was read is the caller's
	in.pos, in.end = 0, 0
	return bytes.NewReader(all), int64(len(all)), nil
}

// Reset reads from r, whose first byte stands at an offset, and keeps the memory.
func (in *Input) Reset(r io.Reader, off int64) {
	in.r = r
	in.Jump(off)
}

// Jump forgets what is buffered: the reader now stands at an offset.
func (in *Input) Jump(off int64) {
	in.pos, in.end, in.off, in.err = 0, 0, off, nil
}

// Wrap puts a reader between the input and all that is unread, with what was read
// ahead.
func (in *Input) Wrap(wrap func(rest io.Reader) io.Reader) {
	ahead := bytes.NewReader(bytes.Clone(in.buf[in.pos:in.end]))
	rest := io.MultiReader(ahead, in.r)
	if in.err != nil {
		rest = io.MultiReader(ahead, ended{in.err})
	}
	in.r = wrap(rest)
	in.Jump(in.off)
}

// ended gives the error that ended reading.
type ended struct{ err error }

func (e ended) Read([]byte) (int, error) { return 0, e.err }

// Offset is at which byte of the stream the unread bytes begin.
func (in *Input) Offset() int64 { return in.off }
