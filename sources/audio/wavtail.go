package audio

import (
	"errors"
	"io"
	"math"
)

// more is what follows the announced sound of a WAV stream: the number of bytes
// of sound in a further "data" chunk, or 0 behind the last chunk. It reads the
// stream to its end, so that who writes it to a pipe can finish.
func (h *wavHeader) more() int64 {
	for size := h.size; ; {
		if p := h.in.peek(1); size%2 == 1 && len(p) == 1 && p[0] == 0 {
			_ = h.in.skip(1)
		}
		var b [8]byte
		if _, err := h.in.full(b[:]); err != nil || !isChunk(b[:4]) {
			break
		}
		size = h.order.Uint32(b[4:])
		if string(b[:4]) == "data" {
			h.size = size
			h.in.damaged("second_data", h.in.off, 1)
			return int64(size)
		}
		if h.in.skip(int64(size)) != nil {
			break
		}
	}
	h.drain()
	return 0
}

// drain reads the stream to its end; an error ends it as well.
func (h *wavHeader) drain() { _ = h.in.skip(math.MaxInt64) }

// isChunk reports whether four bytes can name a chunk.
func isChunk(id []byte) bool {
	for _, c := range id {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(id) == 4
}

// chunkFollows reports whether a chunk comes next, by its name and size.
func (h *wavHeader) chunkFollows() bool {
	b := h.in.peek(8)
	return len(b) == 8 && isChunk(b[:4]) && h.order.Uint32(b[4:]) <= h.riffSize
}

// tailMark is the length of what tells a chunk behind sound without a length:
// "LIST", size, "INFO" or "adtl"; "id3 ", size, "ID3". Twelve bytes of sound are
// not such by chance.
const tailMark = 12

// isTail reports whether b, of up to tailMark bytes, begins like such a chunk.
func isTail(b []byte) bool {
	begins := func(name, kind string) bool {
		n := min(len(b), 4)
		return string(b[:n]) == name[:n] && (len(b) <= 8 || string(b[8:min(len(b), 8+len(kind))]) == kind[:min(len(b)-8, len(kind))])
	}
	return begins("LIST", "INFO") || begins("LIST", "adtl") || begins("id3 ", "ID3")
}

// lookForEnd finds where sound without a length ends before the stream does: at
// a chunk, or at the byte that pads an odd number of bytes. Bytes that may be the
// begin of such are held until more have come.
func (d *pcm) lookForEnd() {
	d.hold = 0
	for i := range d.have {
		if c := d.buf[i]; c != 'L' && c != 'i' {
			continue
		}
		b := d.buf[i:min(d.have, i+tailMark)]
		switch {
		case !isTail(b):
			continue
		case len(b) == tailMark:
			d.odd = d.odd != ((d.have-i)%2 == 1)
			d.have, d.err = i, io.EOF
			_ = d.in.skip(math.MaxInt64) // to the end
		default:
			d.hold = d.have - i
		}
		break
	}
	frame := d.form.size * d.l.channels
	padded := d.have > 0 && d.buf[d.have-1] == 0 && !d.odd && (frame == 1 || d.have%frame == 1)
	switch {
	case errors.Is(d.err, io.EOF):
		d.hold = 0
		if padded {
			d.have, d.odd = d.have-1, true
		}
	case padded:
		d.hold = max(d.hold, 1)
	}
}
