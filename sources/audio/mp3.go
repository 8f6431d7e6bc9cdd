package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/hajimehoshi/go-mp3"
)

// mp3Decoder decodes MPEG-1 and -2 layer III by github.com/hajimehoshi/go-mp3,
// which gives two channels of 16 bits whatever the file holds. A stream whose
// first sound frame has one channel has one: the mean of the two, which differ
// only in later frames that have two. Where the library gives up, it is started
// again behind that place.
type mp3Decoder struct {
	in  *input
	dec *mp3.Decoder
	l   layout
	buf [4096]byte
	n   int // bytes in buf

	skip int   // samples of each channel still to leave out
	left int64 // and then to deliver, -1 for all
}

func newMP3(in *input) (decoder, error) {
	d := &mp3Decoder{in: in, l: layout{format: "mp3", channels: 2}, left: -1}
	if f, ok := infoFrame(in.peek(maxInfo)); ok {
		d.skip, d.left = f.delay, f.length
		if err := in.skip(f.size); err != nil {
			return nil, fmt.Errorf("mp3: %w", unexpected(err))
		}
	}
	if oneChannel(in.peek(4)) {
		d.l.channels = 1
	}
	for d.dec == nil {
		if err := d.start(); err != nil {
			return nil, fmt.Errorf("mp3: no sound frame: %w", unexpected(err))
		}
	}
	d.l.rate = d.dec.SampleRate()
	return d, d.l.check()
}

// maxInfo is how many bytes of the first frame say what was done to the sound.
const maxInfo = 192

func (d *mp3Decoder) layout() layout { return d.l }

// start looks for the next sound frame. What the decoder refuses is counted
// and leaves d.dec nil; an error ends the stream.
func (d *mp3Decoder) start() error {
	at := d.in.off
	dec, err := d.guarded()
	switch {
	case err == nil && (d.l.rate == 0 || dec.SampleRate() == d.l.rate):
		d.dec = dec
	case err == nil:
		d.in.damaged("frame_layout", at, 1)
	case errors.Is(err, io.EOF) || d.in.off == at:
		return io.EOF
	default:
		d.in.damaged("lost_sync", at, 1)
	}
	return nil
}

// guarded keeps a panic of the library, which broken frames can cause, an
// error.
func (d *mp3Decoder) guarded() (dec *mp3.Decoder, err error) {
	defer func() {
		if r := recover(); r != nil {
			dec, err = nil, fmt.Errorf("mp3: %v", r)
		}
	}()
	return mp3.NewDecoder(onlyReader{d.in})
}

func (d *mp3Decoder) read(p []byte) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = 0, fmt.Errorf("mp3: %v", r)
		}
	}()
	return d.dec.Read(p)
}

func (d *mp3Decoder) decode(dst []float32) (int, error) {
	if d.dec == nil {
		return 0, d.start()
	}
	at := d.in.off
	n, err := d.read(d.buf[d.n:min(len(d.buf), len(dst)/d.l.channels*4)])
	d.n += n
	whole := d.n / 4 * 4
	sound := d.trim(d.buf[:whole])
	samples := len(sound) / 4 * d.l.channels
	for i := range samples {
		if d.l.channels == 1 {
			dst[i] = (sampleAt(sound, 2*i) + sampleAt(sound, 2*i+1)) / 2
		} else {
			dst[i] = sampleAt(sound, i)
		}
	}
	d.n = copy(d.buf[:], d.buf[whole:d.n])
	if whole > 0 || err == nil {
		return samples, nil
	}
	d.dec, d.n = nil, 0
	if errors.Is(err, io.EOF) {
		return 0, io.EOF
	}
	d.in.damaged("lost_sync", at, 1)
	return 0, nil
}

// sampleAt is sample i of little-endian samples of 16 bits, as a share of full scale.
func sampleAt(b []byte, i int) float32 {
	return float32(float32(int16(binary.LittleEndian.Uint16(b[2*i:]))) / (1 << 15))
}

// trim leaves out what the encoder put before and behind the sound.
func (d *mp3Decoder) trim(b []byte) []byte {
	n := min(d.skip, len(b)/4)
	d.skip, b = d.skip-n, b[4*n:]
	if d.left >= 0 {
		b = b[:4*min(int64(len(b)/4), d.left)]
		d.left -= int64(len(b) / 4)
	}
	return b
}

// onlyReader hides everything but Read, lest the library seek.
type onlyReader struct{ io.Reader }
