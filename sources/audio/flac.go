package audio

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/mewkiz/flac/frame"
)

// A FLAC stream (RFC 9639): "fLaC", metadata blocks (last flag and type u8,
// size u24, body), frames. The first block, STREAMINFO, holds
//
//	0 block size min, max u16   4 frame size min, max u24
//	10 rate u20, channels-1 u3, bits-1 u5, samples u36   18 MD5 [16]
//
// The frames are decoded by github.com/mewkiz/flac, which checks the CRC-8 of
// each header and the CRC-16 of each frame. Framing is done here, because a
// broken frame must not end the stream: decoding resumes at the next frame
// whose checksums hold, and its number tells how many samples are missing.
type flacDecoder struct {
	in *input
	fr frameReader
	l  layout

	bits  uint8
	total uint64 // samples that STREAMINFO announces, 0 for unknown
	sum   [md5.Size]byte
	hash  hash.Hash
	bytes []byte // of a frame as the checksum takes them

	next    uint64 // number of the next sample
	block   uint64 // the stream's block size: frame number times it is a sample number
	lost    bool   // bytes were skipped since the last sound frame
	skipped uint64 // how many
	damaged bool   // the checksum cannot hold any more

	frame   *frame.Frame // decoded, from sample pos on not delivered yet
	pos     int
	silence uint64 // samples of silence due before it
}

const (
	flacStreamInfo = 0
	maxFLACBits    = 24 // that the library decodes right: frames cannot state 32
	// maxFrame bounds the bytes of one frame: 8 channels of 65,535 samples of
	// 33 bits stored plainly, and headers.
	maxFrame = 8*65535*33/8 + 1024
	// minFrame is about the least size of a sound frame, bytes.
	minFrame = 8
)

func newFLAC(in *input) (decoder, error) {
	d := &flacDecoder{in: in, hash: md5.New(), l: layout{format: "flac"}}
	d.fr.in = in
	if err := in.skip(4); err != nil {
		return nil, fmt.Errorf("flac: %w", unexpected(err))
	}
	for last := false; !last; {
		var err error
		if last, err = d.metadata(); err != nil {
			return nil, fmt.Errorf("flac: metadata before byte %d: %w", in.off, unexpected(err))
		}
	}
	if d.l.rate == 0 {
		in.damaged("missing_streaminfo", 4, 1)
	}
	if d.bits > maxFLACBits {
		return nil, fmt.Errorf("flac: samples of %d bits, and up to %d are read here; %s", d.bits, maxFLACBits, throughFFmpeg)
	}
	if err := d.first(); err != nil {
		return nil, fmt.Errorf("flac: %w", err)
	}
	return d, d.l.check()
}

// metadata reads one block and reports whether it was the last.
func (d *flacDecoder) metadata() (bool, error) {
	var b [4]byte
	if _, err := d.in.full(b[:]); err != nil {
		return false, err
	}
	size := int64(binary.BigEndian.Uint32(b[:]) & 0xffffff)
	if b[0]&0x7f != flacStreamInfo || size < 34 {
		return b[0]&0x80 != 0, d.in.skip(size)
	}
	var s [34]byte
	if _, err := d.in.full(s[:]); err != nil {
		return false, err
	}
	if lo, hi := binary.BigEndian.Uint16(s[:]), binary.BigEndian.Uint16(s[2:]); lo == hi {
		d.block = uint64(hi)
	}
	v := binary.BigEndian.Uint64(s[10:])
	d.l.rate, d.l.channels = int(v>>44), int(v>>41&7)+1
	d.bits, d.total = uint8(v>>36&31)+1, v&(1<<36-1)
	d.sum = [md5.Size]byte(s[18:])
	return b[0]&0x80 != 0, d.in.skip(size - 34)
}

// first reads up to the first sound frame, whose layout is that of the stream:
// it has a checksum and STREAMINFO has none.
func (d *flacDecoder) first() error {
	at := d.in.off
	stated := d.l.channels
	d.l.channels = 0
	for d.frame == nil {
		err := d.read()
		if errors.Is(err, io.EOF) && d.l.rate > 0 {
			d.l.channels = stated
			return nil // a stream without sound
		}
		if err != nil {
			return fmt.Errorf("no sound frame: %w", unexpected(err))
		}
	}
	if stated != 0 && stated != d.l.channels {
		d.in.damaged("inconsistent_header", at, 1)
	}
	if d.l.rate == 0 {
		d.l.rate = int(d.frame.SampleRate)
	}
	d.bits = d.frame.BitsPerSample
	return nil
}

func (d *flacDecoder) layout() layout { return d.l }

// decode delivers silence that is due, then the frame, then reads on.
func (d *flacDecoder) decode(dst []float32) (int, error) {
	ch := d.l.channels
	room := len(dst) / ch
	if d.silence > 0 {
		n := int(min(uint64(room), d.silence))
		clear(dst[:n*ch])
		d.silence -= uint64(n)
		return n * ch, nil
	}
	if d.frame == nil {
		return 0, d.read()
	}
	n := min(room, len(d.frame.Subframes[0].Samples)-d.pos)
	scale := 1 / float32(uint64(1)<<(d.frame.BitsPerSample-1))
	for c, sub := range d.frame.Subframes {
		for i, v := range sub.Samples[d.pos : d.pos+n] {
			dst[i*ch+c] = max(-1, min(float32(v)*scale, 1))
		}
	}
	if d.pos += n; d.pos == len(d.frame.Subframes[0].Samples) {
		d.frame = nil
	}
	return n * ch, nil
}

// read tries to decode the next frame, or skips to where one may begin.
func (d *flacDecoder) read() error {
	at := d.fr.offset()
	f, err := d.parse()
	switch {
	case err == nil && d.fits(f):
		d.fr.keep()
		d.accept(f, at)
		return nil
	case err == nil:
		d.in.damaged("frame_layout", at, 1)
		d.fr.keep()
		d.damaged, d.lost, d.skipped = true, true, d.skipped+minFrame
		return nil
	case d.fr.failed != nil:
		return d.fr.failed
	case d.fr.empty():
		return d.end()
	}
	if !d.lost {
		d.in.damaged("lost_sync", at, 1)
	}
	d.damaged, d.lost = true, true
	d.skipped += uint64(d.fr.resync())
	return nil
}

// parse decodes the frame at the reader's place. The library holds no panic
// that is known; one that a broken frame finds is an error of that frame.
func (d *flacDecoder) parse() (f *frame.Frame, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("flac: %v", r)
		}
	}()
	if f, err = frame.New(&d.fr); err != nil {
		return nil, err
	}
	if f.BitsPerSample == 0 {
		f.BitsPerSample = d.bits
	}
	if f.BitsPerSample == 0 || f.BlockSize == 0 {
		return nil, errors.New("flac: a frame without width or samples")
	}
	return f, f.Parse()
}

// fits reports whether the frame belongs to the stream.
func (d *flacDecoder) fits(f *frame.Frame) bool {
	if d.l.channels == 0 { // the first
		d.l.channels = len(f.Subframes)
	}
	return len(f.Subframes) == d.l.channels && len(f.Subframes[0].Samples) > 0
}

// accept takes in a sound frame that began at byte at.
func (d *flacDecoder) accept(f *frame.Frame, at int64) {
	n := uint64(len(f.Subframes[0].Samples))
	if d.block == 0 {
		d.block = n
	}
	first := f.Num
	if f.HasFixedBlockSize {
		first *= d.block
	}
	if d.lost && first > d.next {
		// A number is believed as far as the bytes could have held as much.
		if gap := first - d.next; gap <= (d.skipped/minFrame+1)*65535 && (d.total == 0 || first <= d.total) {
			d.in.damaged("lost_samples", at, gap)
			d.silence, d.next = gap, first
		}
	}
	d.next += n
	d.lost, d.skipped = false, 0
	d.frame, d.pos = f, 0
	d.digest(f)
}

// digest adds the frame to the checksum of the stream: all samples interleaved,
// little-endian, in whole bytes.
func (d *flacDecoder) digest(f *frame.Frame) {
	size := (int(f.BitsPerSample) + 7) / 8
	d.bytes = d.bytes[:0]
	for i := range f.Subframes[0].Samples {
		for _, sub := range f.Subframes {
			for v, k := sub.Samples[i], 0; k < size; k++ {
				d.bytes = append(d.bytes, byte(v))
				v >>= 8
			}
		}
	}
	d.hash.Write(d.bytes)
}

// end compares the stream with what STREAMINFO says of it.
func (d *flacDecoder) end() error {
	if d.total > d.next {
		d.in.damaged("truncated", d.in.off, 1)
	} else if !d.damaged && d.sum != [md5.Size]byte{} && !bytes.Equal(d.hash.Sum(nil), d.sum[:]) {
		d.in.damaged("wrong_md5", 0, 1)
	}
	d.total, d.damaged = 0, true // report once
	return io.EOF
}
