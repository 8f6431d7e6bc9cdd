package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// A WAV stream (Multimedia Programming Interface and Data Specifications 1.0,
// IBM and Microsoft 1991; RF64: EBU Tech 3306):
//
//	0  "RIFF" | "RIFX" (numbers are big-endian) | "RF64" | "BW64" (sizes in ds64)
//	4  size of all that follows, u32
//	8  "WAVE"
//	12 chunks: id [4], size u32, body, padded to an even size
//	     "ds64": RIFF size u64, data size u64, ...
//	     "fmt ": tag u16, channels u16, rate u32, bytes/s u32, frame bytes u16, bits u16,
//	             then for tag 0xFFFE: extra size u16, valid bits u16, speakers u32, GUID [16]
//	     "data": the sound
//
// A program that writes to a pipe cannot go back to state sizes. A data size of
// 0xFFFFFFFF, or from 0x7FFF0000 (GStreamer) on in a RIFF file, or 0 where no
// chunk follows, therefore stands for "up to the end", or up to what a writer
// puts behind it: the padding of an odd number of bytes, a list of tags.
const (
	tagPCM        = 1
	tagFloat      = 3
	tagALaw       = 6
	tagMuLaw      = 7
	tagExtensible = 0xfffe

	// openSize is the least data size that programs write for "unknown".
	openSize = 0x7fff0000
)

type wavHeader struct {
	in       *input
	order    binary.ByteOrder
	long     bool // sizes of 64 bits stand in ds64
	riffSize uint32
	dataSize uint64 // of ds64
	size     uint32 // of the data chunk that is read
	known    bool   // a fmt chunk was met
	low      bool   // its samples are 24 bits in the lower ones of 4 bytes
	form     sampleForm
	l        layout
}

// newWAV reads up to the first sample.
func newWAV(in *input) (decoder, error) {
	h := wavHeader{in: in, order: binary.LittleEndian, l: layout{format: "wav"}}
	if err := h.begin(); err != nil {
		return nil, err
	}
	for {
		var b [8]byte
		if _, err := in.full(b[:]); err != nil {
			return nil, fmt.Errorf("wav: at byte %d: no sound before the end: %w", in.off, unexpected(err))
		}
		id, size := string(b[:4]), h.order.Uint32(b[4:])
		if id == "data" {
			return h.sound(size)
		}
		if err := h.chunk(id, size); err != nil {
			return nil, fmt.Errorf("wav: chunk %q before byte %d: %w", id, in.off, err)
		}
	}
}

func (h *wavHeader) begin() error {
	var b [12]byte
	if _, err := h.in.full(b[:]); err != nil {
		return fmt.Errorf("wav: at byte %d: %w", h.in.off, unexpected(err))
	}
	switch string(b[:4]) {
	case "RIFF":
	case "RIFX":
		h.order = binary.BigEndian
	case "RF64", "BW64":
		h.long = true
	default:
		return fmt.Errorf("wav: begins with %q", b[:4])
	}
	if string(b[8:]) != "WAVE" {
		return fmt.Errorf("wav: a RIFF file of type %q", b[8:])
	}
	h.riffSize = h.order.Uint32(b[4:])
	return nil
}

// chunk takes in one chunk before the sound.
func (h *wavHeader) chunk(id string, size uint32) error {
	var body [40]byte
	n := int(min(size, uint32(len(body))))
	if id != "fmt " && id != "ds64" {
		n = 0
	}
	if _, err := h.in.full(body[:n]); err != nil {
		return unexpected(err)
	}
	if id == "ds64" && n >= 16 {
		h.dataSize = h.order.Uint64(body[8:])
	}
	if id == "fmt " {
		if err := h.format(body[:n]); err != nil {
			return err
		}
	}
	if err := h.in.skip(int64(size) - int64(n)); err != nil {
		return unexpected(err)
	}
	if size%2 == 1 { // some writers forget the padding; no id begins with 0
		if p := h.in.peek(1); len(p) == 1 && p[0] == 0 {
			return h.in.skip(1)
		}
	}
	return nil
}

// format reads a fmt chunk.
func (h *wavHeader) format(b []byte) error {
	if len(b) < 16 {
		return fmt.Errorf("%d bytes of 16", len(b))
	}
	tag, bits := h.order.Uint16(b), int(h.order.Uint16(b[14:]))
	h.l.channels = int(h.order.Uint16(b[2:]))
	h.l.rate = int(min(h.order.Uint32(b[4:]), math.MaxInt32))
	align := int(h.order.Uint16(b[12:]))
	if tag == tagExtensible && len(b) >= 28 {
		tag = uint16(h.order.Uint32(b[24:]) & 0xffff) // the GUID begins with the tag
	}
	if err := h.l.check(); err != nil {
		return err
	}
	size := (bits + 7) / 8
	if size*h.l.channels != align {
		if wider := align / h.l.channels; bits > 0 && wider > size && wider <= 8 && align%h.l.channels == 0 {
			// 24 bits in 4 bytes are ALSA's S24_LE, whose highest byte means
			// nothing; arecord writes it so. All else stands in the upper bits.
			h.low = bits == 24 && wider == 4
			size = wider
		} else {
			h.in.damaged("inconsistent_header", h.in.off-int64(len(b)), 1)
		}
	}
	h.form = sampleForm{size: size, big: h.order == binary.BigEndian, low: h.low}
	h.known = true
	return h.coding(tag, bits)
}

// codecs are what other tags are known to stand for.
var codecs = map[uint16]string{
	0x02: " (Microsoft ADPCM)", 0x11: " (IMA ADPCM)", 0x31: " (GSM 6.10)", 0x40: " (G.721)", 0x50: " (MPEG)", 0x55: " (MP3)", 0xff: " (AAC)",
}

// coding settles what the tag stands for.
func (h *wavHeader) coding(tag uint16, bits int) error {
	size := h.form.size
	switch tag {
	case tagPCM:
		h.form.coding = codingSigned
		if size == 1 {
			h.form.coding = codingUnsigned
		}
		if size < 1 || size > 8 {
			return fmt.Errorf("samples of %d bits", bits)
		}
	case tagFloat:
		h.form.coding = codingFloat
		if size != 4 && size != 8 {
			return fmt.Errorf("float samples of %d bits", bits)
		}
	case tagALaw, tagMuLaw:
		h.form.coding = codingALaw
		if tag == tagMuLaw {
			h.form.coding = codingMuLaw
		}
		if size != 1 {
			return fmt.Errorf("G.711 samples of %d bits", bits)
		}
	default:
		return fmt.Errorf("encoding 0x%04x%s is not among PCM, float, A-law and mu-law; %s", tag, codecs[tag], throughFFmpeg)
	}
	return nil
}

// sound begins the samples.
func (h *wavHeader) sound(size uint32) (decoder, error) {
	if !h.known {
		return nil, fmt.Errorf("wav: at byte %d: the sound comes before its format", h.in.off)
	}
	left := int64(size)
	switch {
	case h.long && size == math.MaxUint32 && h.dataSize > 0 && h.dataSize <= math.MaxInt64:
		left = int64(h.dataSize)
	case size >= openSize && (h.long || h.riffSize >= openSize || size == math.MaxUint32):
		left = -1
	case size == 0 && !h.chunkFollows():
		left = -1
	}
	h.size = size
	return &pcm{in: h.in, l: h.l, form: h.form, left: left, open: left < 0, more: h.more, buf: make([]byte, inputBlock)}, nil
}

// unexpected makes the end of the input an error where more was announced.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
