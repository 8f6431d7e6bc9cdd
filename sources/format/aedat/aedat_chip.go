package aedat

import (
	"encoding/binary"
	"fmt"
	"strings"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// Keys of header fields that say how to read a file.
const (
	aedatChipKey  = "AEChip"
	aedatGeometry = "geometry" // an extension
	aedatT0       = "t0"       // an extension
)

// aedatChip is how a chip's addresses are laid out.
type aedatChip struct {
	class         string // jAER's name, as it stands in files
	width, height int    // px
	davis         bool
	special       uint32 // these bits mark an address that is not a pixel's
}

// Bits of DAVIS addresses (jaer DavisChip.java).
const (
	davisOther   = 1 << 31 // IMU or image, no event
	davisIMU     = davisOther | 3<<10
	davisPin     = 1 << 10
	davisFalling = 2 // pin events (caer)
	davisRising  = 3
	davisColumns = 1 << 10
	davisRows    = 1 << 9
)

const dvs128Special = 1 << 15

// aedatChips are the chips by the last part of their name in files. The first
// one whose size fits is written.
var aedatChips = []aedatChip{
	{"ch.unizh.ini.jaer.chip.cochlea.CochleaAMS1c", 128, 4, false, dvs128Special},
	{"ch.unizh.ini.jaer.chip.retina.DVS128", 128, 128, false, dvs128Special},
	{"eu.seebetter.ini.chips.davis.DAVIS240C", 240, 180, true, davisOther | davisPin},
	{"eu.seebetter.ini.chips.davis.Davis346blue", 346, 260, true, davisOther | davisPin},
	{"eu.seebetter.ini.chips.davis.Davis640", 640, 480, true, davisOther | davisPin},
}

// aedatFamilies are the beginnings of chip names, each with the chip whose
// addresses it has.
var aedatFamilies = []struct {
	prefix string
	chip   int // in aedatChips
}{
	{"cochleaams", 0}, {"dvs128", 1}, {"tmpdiff128", 1},
	{"davis240", 2}, {"sbret10", 2}, {"davis346", 3}, {"davis640", 4},
}

// aedatChipOf finds the chip that a header names or, where it names none, that
// the first addresses look like: those of a CochleaAMS have 10 bits, those of
// a DVS128 have 16. It is a DVS128 when nothing else is known.
func aedatChipOf(h format.Header, head []byte, record int) aedatChip {
	if chip, ok := aedatChipNamed(h.Get(aedatChipKey)); ok {
		return chip
	}
	const few = 64
	most, n := uint32(0), 0
	for ; len(head) >= record && record == 8; head = head[record:] {
		most = max(most, binary.BigEndian.Uint32(head))
		n++
	}
	switch {
	case n >= few && most < 1<<10:
		return aedatChips[0]
	case most >= 1<<16:
		return aedatChips[3]
	}
	return aedatChips[1]
}

// Cochlea reports whether the recording is of a silicon cochlea, whose
// addresses are those of a CochleaAMS and not pixels.
func Cochlea(i format.Info) bool {
	if chip, ok := aedatChipNamed(i.Header.Get(aedatChipKey)); ok {
		return chip.class == aedatChips[0].class
	}
	return i.Format == AEDAT2().Name && i.Width == aedatChips[0].width && i.Height == aedatChips[0].height
}

// aedatChipNamed finds a chip by its class or by its name alone.
func aedatChipNamed(name string) (aedatChip, bool) {
	name = strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	for _, f := range aedatFamilies {
		if strings.HasPrefix(name, f.prefix) {
			return aedatChips[f.chip], true
		}
	}
	return aedatChip{}, false
}

// aedatChipFor chooses the chip for a recording to write: the one that its
// header names, or the smallest that has its pixels.
func aedatChipFor(info format.Info) (aedatChip, error) {
	if info.Width <= 0 || info.Height <= 0 {
		return aedatChip{}, errNoSize
	}
	for _, c := range aedatChips {
		if info.Header.Get(aedatChipKey) == c.class {
			return c, nil
		}
	}
	for _, c := range aedatChips {
		if info.Width <= c.width && info.Height <= c.height {
			return c, nil
		}
	}
	return aedatChips[len(aedatChips)-1], nil
}

// aedatSize reads the extension that states the size.
func aedatSize(h format.Header) (width, height int, ok bool) {
	n, err := fmt.Sscanf(h.Get(aedatGeometry), "%dx%d", &width, &height)
	return width, height, err == nil && n == 2 && width > 0 && height > 0
}

// event takes a pixel's address apart.
func (c *aedatChip) event(a uint32, t int64) pipeline.Event {
	if c.davis {
		return pipeline.Event{T: t, X: uint16(a >> 12 & (davisColumns - 1)), Y: uint16(a >> 22 & (davisRows - 1)), P: uint8(a >> 11 & 1)}
	}
	return pipeline.Event{T: t, X: uint16(a >> 1 & 0x7F), Y: uint16(a >> 8 & 0x7F), P: uint8(a&1) ^ 1}
}

// address puts a pixel's address together; false when the chip has no such
// pixel.
func (c *aedatChip) address(e *pipeline.Event) (uint32, bool) {
	on := uint32(0)
	if e.P != pipeline.Off {
		on = 1
	}
	if c.davis {
		return uint32(e.Y)<<22 | uint32(e.X)<<12 | on<<11, e.X < davisColumns && e.Y < davisRows
	}
	return uint32(e.Y)<<8 | uint32(e.X)<<1 | on ^ 1, e.X < 1<<7 && e.Y < 1<<7
}
