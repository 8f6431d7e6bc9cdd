package table

import (
	"encoding/binary"
	"hash/crc32"
	"math"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// The archive that is written has one stored member, "events.npy". Its sizes
// and checksum stand before it and are filled in at the end:
//
//	local header, name, sizes as 64 bits (an extra field)
//	the member
//	central header, name, and the sizes once more where 32 bits do not hold them
//	the end in 64 bits where it is needed, the end
const (
	zipLocal     = "PK\x03\x04"
	zipCentral   = "PK\x01\x02"
	zipEnd       = "PK\x05\x06"
	zipEnd64     = "PK\x06\x06"
	zipLocator64 = "PK\x06\x07"

	zipLocalSize = 30
	zipVersion   = 45 // of the format, for 64-bit sizes
	zipExtra64   = 1
	zipNewYear80 = 1<<5 | 1 // the date that ZIP begins with

	npzName = "events" + npyEnding
	// npzBefore is what stands before the member, bytes.
	npzBefore = zipLocalSize + len(npzName) + 20
)

func createNPZ(s *format.Sink) (format.Encoder, error) {
	if s.Patch == nil {
		return nil, errNoStream
	}
	return &npzEncoder{s: s}, nil
}

type npzEncoder struct {
	s       *format.Sink
	rows    int64
	sum     uint32 // checksum of the records so far
	started bool
}

func (e *npzEncoder) start(dst []byte) []byte {
	if e.started {
		return dst
	}
	e.started = true
	return append(e.local(dst), npyHeader(0)...)
}

func (e *npzEncoder) Events(dst []byte, events []pipeline.Event) []byte {
	dst = e.start(dst)
	e.rows += int64(len(events))
	at := len(dst)
	dst = appendNPY(dst, events)
	e.sum = crc32.Update(e.sum, crc32.IEEETable, dst[at:])
	return dst
}

func (e *npzEncoder) Side(dst []byte, s *format.Side) []byte {
	e.s.Lose(s)
	return dst
}

func (e *npzEncoder) Finish(dst []byte) []byte {
	dst = e.start(dst)
	header := npyHeader(e.rows)
	e.sum = combineCRC(crc32.ChecksumIEEE(header), e.sum, e.rows*npyRecord)
	dst = e.s.Spill(e.end(dst))
	e.s.Patch(append(e.local(nil), header...), 0)
	return dst
}

// size is the member's length, bytes.
func (e *npzEncoder) size() uint64 { return uint64(npyHeaderSize + e.rows*npyRecord) }

// local appends the local header with what is known by now.
func (e *npzEncoder) local(dst []byte) []byte {
	le := binary.LittleEndian
	dst = append(dst, zipLocal...)
	dst = e.common(dst, math.MaxUint32, 20)
	dst = append(dst, npzName...)
	dst = appendU16(dst, zipExtra64, 16)
	dst = le.AppendUint64(dst, e.size())
	return le.AppendUint64(dst, e.size())
}

// common appends what both headers of the member have.
func (e *npzEncoder) common(dst []byte, size uint32, extra uint16) []byte {
	dst = appendU16(dst, zipVersion, 0, 0, 0, zipNewYear80)
	dst = appendU32(dst, e.sum, size, size)
	return appendU16(dst, uint16(len(npzName)), extra)
}

// end appends all that follows the member.
func (e *npzEncoder) end(dst []byte) []byte {
	le := binary.LittleEndian
	central := uint64(npzBefore) + e.size() // where it begins
	size, extra := uint32(e.size()), uint16(0)
	if central >= math.MaxUint32 {
		size, extra = math.MaxUint32, 20
	}
	at := len(dst)
	dst = append(dst, zipCentral...)
	dst = e.common(appendU16(dst, zipVersion), size, extra)
	dst = appendU16(dst, 0, 0, 0)
	dst = appendU32(dst, 0, 0)
	dst = append(dst, npzName...)
	if extra > 0 {
		dst = appendU16(dst, zipExtra64, 16)
		dst = le.AppendUint64(dst, e.size())
		dst = le.AppendUint64(dst, e.size())
	}
	length := uint64(len(dst) - at)
	offset := uint32(central)
	if extra > 0 {
		dst = appendZipEnd64(dst, central, length)
		offset = math.MaxUint32
	}
	dst = append(dst, zipEnd...)
	dst = appendU16(dst, 0, 0, 1, 1)
	dst = appendU32(dst, uint32(length), offset)
	return appendU16(dst, 0)
}

// appendZipEnd64 appends the 64-bit form of the end and its locator.
func appendZipEnd64(dst []byte, central, length uint64) []byte {
	le := binary.LittleEndian
	dst = append(dst, zipEnd64...)
	dst = le.AppendUint64(dst, 44)
	dst = appendU16(dst, zipVersion, zipVersion)
	dst = appendU32(dst, 0, 0)
	for _, v := range [...]uint64{1, 1, length, central} {
		dst = le.AppendUint64(dst, v)
	}
	dst = append(dst, zipLocator64...)
	dst = appendU32(dst, 0)
	dst = le.AppendUint64(dst, central+length)
	return appendU32(dst, 1)
}

// combineCRC is the CRC-32 of two pieces of data, the second of n bytes, from
// their own ones: a CRC is a remainder of polynomials, so the first is
// multiplied by x^(8n) (zlib crc32_combine).
func combineCRC(first, second uint32, n int64) uint32 {
	power := uint32(1) << 31  // x^0: the highest bit is the lowest power
	square := uint32(1) << 23 // x^8
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			power = multiplyCRC(power, square)
		}
		square = multiplyCRC(square, square)
	}
	return multiplyCRC(power, first) ^ second
}

// multiplyCRC multiplies two polynomials modulo the one of CRC-32.
func multiplyCRC(a, b uint32) (product uint32) {
	for ; a != 0; a <<= 1 {
		if a>>31 != 0 {
			product ^= b
		}
		carry := b & 1
		b >>= 1
		if carry != 0 {
			b ^= crc32.IEEE
		}
	}
	return product
}

func appendU16(dst []byte, values ...uint16) []byte {
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint16(dst, v)
	}
	return dst
}

func appendU32(dst []byte, values ...uint32) []byte {
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint32(dst, v)
	}
	return dst
}
