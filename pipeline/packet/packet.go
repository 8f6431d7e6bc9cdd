package packet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"ganglion/internal/compression"
	"ganglion/pipeline"
)

// The largest packets.
const (
	maxEvents  = 1 << 18
	maxSamples = 1 << 18
	maxGyro    = 1 << 16
)

// Packet is a piece of a stream.
type Packet struct {
	Run    string // that the feeder gave the stream
	Number uint64 // of the packet in the run, from 0 without gaps
	End    bool   // the run ends behind this packet, which may hold nothing
	Info   pipeline.StreamInfo

	// Batch is what the packet holds. Its Seq is not kept.
	Batch pipeline.Batch
}

const (
	flagCompressed = 1 << iota
	flagEnd
	flagSound
	flagLive
	flagDated
	flagGyro
)

const (
	version     = 1
	versionGyro = 2 // of packets with a gyroscope, which earlier programs do not read
	sumSize     = 4
	headSize    = 4
)

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) } // made once by the library

// Encoder writes packets. The zero value is ready; it is used from one
// goroutine.
type Encoder struct {
	zstd    compression.Encoder
	columns []byte
	parts   [6][]byte // while the columns are made
	packed  []byte
}

// Append appends the packet to dst.
func (e *Encoder) Append(dst []byte, p *Packet) ([]byte, error) {
	b, begin := &p.Batch, len(dst)
	if len(b.Events) > maxEvents || len(b.PCM) > maxSamples || len(b.Gyro) > maxGyro {
		return dst, fmt.Errorf("packet of %d events, %d samples and %d of a gyroscope: at most %d, %d and %d",
			len(b.Events), len(b.PCM), len(b.Gyro), maxEvents, maxSamples, maxGyro)
	}
	sound := p.Info.Modality == pipeline.AudioStream
	flags := when(flagEnd, p.End) | when(flagSound, sound) | when(flagLive, p.Info.Live) | when(flagDated, p.Info.Dated)
	dst = append(dst, 'G', 'P', version, flags)
	if len(b.Gyro) > 0 {
		dst[begin+2], dst[begin+3] = versionGyro, flags|flagGyro
	}
	dst = appendText(dst, p.Run)
	dst = binary.AppendUvarint(dst, p.Number)
	dst = binary.AppendVarint(dst, b.Start)
	dst = binary.AppendUvarint(dst, uint64(b.End-b.Start))
	dst = appendInfo(dst, &p.Info)
	dst = appendGyro(dst, b)
	e.columns = e.columns[:0]
	if sound {
		form := formOf(b.PCM)
		dst = binary.AppendUvarint(dst, uint64(len(b.PCM)))
		dst = binary.AppendVarint(dst, b.FrameIndex)
		dst = append(dst, byte(form))
		e.columns = appendSamples(e.columns, b.PCM, form, max(1, p.Info.Channels))
	} else {
		dst = binary.AppendUvarint(dst, uint64(len(b.Events)))
		e.appendEvents(b)
	}
	dst = binary.AppendUvarint(dst, uint64(len(e.columns)))
	if e.packed = e.zstd.Append(e.packed[:0], e.columns, compression.Zstd); len(e.packed) < len(e.columns) {
		dst[begin+3] |= flagCompressed
		dst = append(dst, e.packed...)
	} else {
		dst = append(dst, e.columns...)
	}
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[begin:], castagnoli())), nil
}

func when(flag byte, set bool) byte {
	if set {
		return flag
	}
	return 0
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendInfo(b []byte, i *pipeline.StreamInfo) []byte {
	b = appendText(appendText(b, i.Format), i.Content)
	one, two := i.Width, i.Height
	if i.Modality == pipeline.AudioStream {
		one, two = i.SampleRate, i.Channels
	}
	b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(one)), uint64(two))
	b = binary.AppendVarint(b, i.SizeBytes)
	if i.Dated {
		b = binary.AppendVarint(b, i.UnixUS)
	}
	return b
}

// Decoder reads packets. The zero value is ready; it is used from one
// goroutine.
type Decoder struct {
	zstd    compression.Decoder
	columns []byte
}

// Decode reads a packet, which must fill b, into p, whose memory it uses again.
// After an error p holds nothing of use.
func (d *Decoder) Decode(b []byte, p *Packet) error {
	body, flags, err := envelope(b)
	if err != nil {
		return err
	}
	r := &cursor{b: body[headSize:]}
	p.Batch.Reset()
	p.End = flags&flagEnd != 0
	p.Run = r.text(p.Run)
	p.Number = r.uvarint()
	p.Batch.Start = r.varint()
	p.Batch.End = p.Batch.Start + int64(r.uvarint())
	readInfo(r, flags, &p.Info)
	if flags&flagGyro != 0 {
		readGyro(r, &p.Batch)
	}
	count := r.uvarint()
	if count > maxEvents || count > maxSamples {
		return fmt.Errorf("packet: holds %d events or samples, at most %d", count, maxEvents)
	}
	form := formEvents
	if flags&flagSound != 0 {
		p.Batch.FrameIndex = r.varint()
		form = sampleForm(r.byte())
	}
	length := r.uvarint()
	if r.err != nil {
		return r.err
	}
	if length > count*columnBytes {
		return fmt.Errorf("packet: %d bytes of columns for %d events or samples", length, count)
	}
	columns := r.b
	if flags&flagCompressed != 0 {
		if d.columns, err = d.zstd.Append(d.columns[:0], r.b, compression.Zstd, int(length)); err != nil {
			return fmt.Errorf("packet: columns: %w", err)
		}
		columns = d.columns
	}
	if uint64(len(columns)) != length {
		return fmt.Errorf("packet: %d bytes of columns where it announces %d", len(columns), length)
	}
	if flags&flagSound != 0 {
		p.Batch.PCM, err = readSamples(p.Batch.PCM, columns, int(count), form, p.Info.Channels)
		return err
	}
	return readEvents(&p.Batch, columns, int(count))
}

// columnBytes is the most that one event takes in the columns: 10 bytes of time,
// 10 of row, 10 of length and 2 of column.
const columnBytes = 32

// envelope checks what stands around the body.
func envelope(b []byte) (body []byte, flags byte, err error) {
	switch {
	case len(b) < headSize+sumSize || b[0] != 'G' || b[1] != 'P':
		return nil, 0, fmt.Errorf("packet: %d bytes that are not a packet, or only the beginning of one", len(b))
	case b[2] != version && b[2] != versionGyro:
		return nil, 0, fmt.Errorf("packet: version %d, this program reads versions %d and %d", b[2], version, versionGyro)
	}
	body = b[:len(b)-sumSize]
	if crc32.Checksum(body, castagnoli()) != binary.LittleEndian.Uint32(b[len(body):]) {
		return nil, 0, errors.New("packet: damaged or cut off: the checksum is wrong")
	}
	return body, b[3], nil
}

func readInfo(r *cursor, flags byte, i *pipeline.StreamInfo) {
	format, content := r.text(i.Format), r.text(i.Content)
	*i = pipeline.StreamInfo{Modality: pipeline.EventStream, Format: format, Content: content,
		Live: flags&flagLive != 0, Dated: flags&flagDated != 0}
	one, two := r.small(), r.small()
	if flags&flagSound != 0 {
		i.Modality, i.SampleRate, i.Channels = pipeline.AudioStream, one, two
	} else {
		i.Width, i.Height = one, two
	}
	i.SizeBytes = r.varint()
	if i.Dated {
		i.UnixUS = r.varint()
	}
	if flags&flagSound != 0 && (one == 0 || two == 0) {
		r.fail(fmt.Errorf("packet: sound of %d Hz and %d channels", one, two))
	}
}

// cursor reads numbers; after the first error it returns zeros.
type cursor struct {
	b   []byte
	err error
}

var errShort = errors.New("packet: ends before its last value")

func (r *cursor) uvarint() uint64 {
	if len(r.b) > 0 && r.b[0] < 0x80 {
		v := r.b[0]
		r.b = r.b[1:]
		return uint64(v)
	}
	return r.long()
}

// long reads a number of several bytes.
func (r *cursor) long() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.b = r.b[n:]
	return v
}

// fail keeps the first error; nothing is left to read then.
func (r *cursor) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
}

func (r *cursor) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// small reads a number that fits 31 bits.
func (r *cursor) small() int {
	v := r.uvarint()
	if v > math.MaxInt32 {
		r.fail(fmt.Errorf("packet: %d is out of range", v))
		return 0
	}
	return int(v)
}

func (r *cursor) byte() byte {
	if len(r.b) == 0 {
		r.fail(errShort)
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

// text reads a text; have is returned where it is the same, so that nothing is
// allocated.
func (r *cursor) text(have string) string {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.fail(errShort)
	}
	if r.err != nil {
		return ""
	}
	v := r.b[:n]
	r.b = r.b[n:]
	if string(v) == have {
		return have
	}
	return string(v)
}
