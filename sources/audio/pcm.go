package audio

import (
	"errors"
	"io"
)

// pcm decodes samples that stand one after another: the sound of a WAV file,
// and raw sound.
type pcm struct {
	in   *input
	l    layout
	form sampleForm
	left int64 // bytes of sound that the header still announces, -1 for up to the end
	buf  []byte
	have int // bytes of a frame that has not come whole yet
	err  error
	gain float32 // of float samples; 0 leaves them as they are

	// Of a WAV stream: what follows the sound that its header announces, and
	// whether that is looked for in sound without a length.
	more func() (left int64)
	open bool
	odd  bool // an odd number of bytes of sound was read
	hold int  // bytes at the end of buf that may be no sound
}

func newRaw(in *input, c RawConfig) *pcm {
	return &pcm{
		in: in, left: -1, form: rawForms[c.Encoding], buf: make([]byte, inputBlock),
		l: layout{format: "raw " + c.Encoding, rate: c.Rate, channels: c.Channels}, gain: c.gain(),
	}
}

func (d *pcm) layout() layout { return d.l }

// decode reads once and converts the whole frames.
func (d *pcm) decode(dst []float32) (int, error) {
	frame := d.form.size * d.l.channels
	want := min(len(d.buf), len(dst)*d.form.size) / frame * frame
	if d.left >= 0 {
		want = int(min(int64(want), d.left+int64(d.have)))
	}
	if d.err == nil && d.have < want {
		d.fill(want)
	}
	n := (d.have - d.hold) / frame * frame
	if n == 0 {
		if d.err == nil && d.left != 0 {
			return 0, nil
		}
		return 0, d.end()
	}
	samples := n / d.form.size
	d.form.convert(dst[:samples], d.buf[:n])
	if d.form.coding == codingFloat {
		if d.gain != 0 {
			for i := range dst[:samples] {
				dst[i] *= d.gain
			}
		}
		d.tame(dst[:samples], int64(d.have))
	}
	d.have = copy(d.buf, d.buf[n:d.have])
	return samples, nil
}

func (d *pcm) fill(want int) {
	n, err := d.in.Read(d.buf[d.have:want])
	d.have += n
	if d.left >= 0 {
		d.left -= int64(n)
	}
	d.err = err
	if d.open {
		d.odd = d.odd != (n%2 == 1)
		d.lookForEnd()
	}
}

// tame makes float samples sound, see [tame], and counts what it changed where
// it stood.
func (d *pcm) tame(x []float32, have int64) {
	if clean(x) {
		return
	}
	for i := range x {
		if kind := tame(&x[i]); kind != "" {
			d.in.damagedIn(kind, d.in.off-have+int64(i*d.form.size), i/d.l.channels, 1)
		}
	}
}

// end settles how the sound ended. It reports once.
func (d *pcm) end() error {
	if d.err != nil && !errors.Is(d.err, io.EOF) {
		return d.err
	}
	if d.left == 0 && d.err == nil && d.more != nil && d.have == 0 {
		if d.left = d.more(); d.left > 0 {
			return nil
		}
	}
	if d.left > 0 {
		d.in.damaged("truncated", d.in.off, 1)
	}
	if d.have > 0 {
		d.in.damaged("partial_frame", d.in.off-int64(d.have), 1)
	}
	d.left, d.have, d.hold, d.err, d.more = 0, 0, 0, io.EOF, nil
	return io.EOF
}
