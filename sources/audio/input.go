package audio

import (
	"bufio"
	"fmt"
	"io"

	"ganglion/pipeline"
)

// inputBlock is how much is read at a time: 4 s of telephone sound, 0.3 s of
// CD sound. A live source returns less as it comes.
const inputBlock = 64 << 10

// input is the bytes of a stream, which it counts.
type input struct {
	r      *bufio.Reader
	off    int64 // offset of the next byte
	report pipeline.DamageReport
	frame  int64 // frames that were decoded, and
	rate   int   // frames/s, to date damage; 0 before the header is read
}

func newInput(r io.Reader) *input { return &input{r: bufio.NewReaderSize(r, inputBlock)} }

// Read reads what is there.
func (in *input) Read(p []byte) (int, error) {
	n, err := in.r.Read(p)
	in.off += int64(n)
	return n, err
}

// full fills p, or returns io.EOF or io.ErrUnexpectedEOF with what there was.
func (in *input) full(p []byte) (int, error) {
	n, err := io.ReadFull(in.r, p)
	in.off += int64(n)
	return n, err
}

// skip leaves out n bytes.
func (in *input) skip(n int64) error {
	for n > 0 {
		k, err := in.r.Discard(int(min(n, inputBlock)))
		in.off += int64(k)
		n -= int64(k)
		if err != nil {
			return fmt.Errorf("at byte %d: %w", in.off, err)
		}
	}
	return nil
}

// peek shows the next n bytes, fewer at the end.
func (in *input) peek(n int) []byte {
	p, _ := in.r.Peek(n) // the error comes again with the next read
	return p
}

// damaged counts n defects of a kind at a byte offset, at the next frame.
func (in *input) damaged(kind string, at int64, n uint64) { in.damagedIn(kind, at, 0, n) }

// damagedIn counts n defects that lie so many frames behind the next one.
func (in *input) damagedIn(kind string, at int64, frames int, n uint64) {
	var t int64
	if in.rate > 0 {
		t = pipeline.StreamInfo{SampleRate: in.rate}.FrameTime(in.frame + int64(frames))
	}
	in.report.Add(kind, at, t, n)
}

// layout is what a decoder found out about its stream.
type layout struct {
	format   string
	rate     int // frames/s
	channels int
}

func (l layout) check() error {
	if l.rate < 1 || l.rate > maxRate {
		return fmt.Errorf("%s: a sample rate of %d Hz", l.format, l.rate)
	}
	if l.channels < 1 || l.channels > maxChannels {
		return fmt.Errorf("%s: %d channels", l.format, l.channels)
	}
	return nil
}

// decoder turns the bytes of an input into samples.
type decoder interface {
	layout() layout
	// decode fills dst, which has room for at least one frame, with whole
	// frames as far as it can without waiting twice, and returns the number of
	// samples; 0 without an error asks to be called again. io.EOF ends the
	// stream and comes with no samples.
	decode(dst []float32) (int, error)
}
