package aedat

import (
	"encoding/binary"
	"fmt"
	"slices"
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
	width, height int    // px; 0 when that is not known
	aedatLayout
}

// aedatLayout reports which bits of an address are what.
type aedatLayout struct {
	x, y, p      uint8  // lowest bits
	xBits, yBits uint8  // how many they have
	onIsZero     bool   // of p
	davis        bool   // the other words are those of a DAVIS
	special      uint32 // these bits mark an address that is not a pixel's
}

// Bits of DAVIS addresses (jaer DavisChip.java).
const (
	davisOther   = 1 << 31 // IMU or image, no event
	davisIMU     = davisOther | 3<<10
	davisPin     = 1 << 10
	davisFalling = 2 // pin events (caer)
	davisRising  = 3
)

const dvs128Special = 1 << 15

// Layouts of jAER's chips (DVS128.java, Tmpdiff128.java, DavisChip.java,
// DVS640.java, DVS1280x720SD.java, PropheseeIMX636HD.java, NRVS5KRC1S.java).
var (
	dvs128Layout  = aedatLayout{x: 1, xBits: 7, y: 8, yBits: 7, onIsZero: true, special: dvs128Special}
	tmpdiffLayout = aedatLayout{x: 1, xBits: 7, y: 8, yBits: 7, onIsZero: true}
	davisLayout   = aedatLayout{x: 12, xBits: 10, y: 22, yBits: 9, p: 11, davis: true, special: davisOther | davisPin}
	dvs640Layout  = aedatLayout{x: 1, xBits: 10, y: 11, yBits: 10}
	dvs1280Layout = aedatLayout{x: 1, xBits: 11, y: 12, yBits: 10}
	imx636Layout  = aedatLayout{xBits: 11, y: 11, yBits: 11, p: 22}
	nrvLayout     = aedatLayout{xBits: 10, y: 10, yBits: 10, p: 20}
)

// aedatChips are the chips; the first one whose size fits is written.
var aedatChips = []aedatChip{
	{"ch.unizh.ini.jaer.chip.cochlea.CochleaAMS1c", 128, 4, dvs128Layout},
	{"ch.unizh.ini.jaer.chip.retina.DVS128", 128, 128, dvs128Layout},
	{"eu.seebetter.ini.chips.davis.DAVIS240C", 240, 180, davisLayout},
	{"eu.seebetter.ini.chips.davis.Davis346blue", 346, 260, davisLayout},
	{"eu.seebetter.ini.chips.davis.Davis640", 640, 480, davisLayout},
	{"ch.unizh.ini.jaer.chip.retina.DVS1280x720SD", 1280, 720, dvs1280Layout},
}

// Places in aedatChips.
const (
	cochleaChip = iota
	dvs128Chip
	davis240Chip
	davis346Chip
	davis640Chip
	dvs1280Chip
)

// dvs640Chip is jAER's DVS640, which v2e writes as well without naming it.
var dvs640Chip = aedatChip{"ch.unizh.ini.jaer.chip.retina.DVS640", 640, 480, dvs640Layout}

// aedatFamilies are the beginnings of chip names, in lower case, longer ones
// first, each with what its addresses are. The size of a DAVIS that is not named
// here, and of an NRV, is not known.
var aedatFamilies = []struct {
	prefix string
	chip   aedatChip
}{
	{"cochleaams", aedatChips[cochleaChip]},
	{"dvs1280", aedatChips[dvs1280Chip]},
	{"dvs128", aedatChips[dvs128Chip]},
	{"tmpdiff128", aedatChip{"ch.unizh.ini.jaer.chip.retina.Tmpdiff128", 128, 128, tmpdiffLayout}},
	{"dvs640", dvs640Chip},
	{"dvs240", aedatChips[davis240Chip]},
	{"davis128", aedatChip{"eu.seebetter.ini.chips.davis.Davis128", 128, 128, davisLayout}},
	{"davis208pixelparade", aedatChip{"eu.seebetter.ini.chips.davis.Davis208PixelParade", 208, 192, davisLayout}},
	{"davis240", aedatChips[davis240Chip]},
	{"sbret10", aedatChips[davis240Chip]},
	{"davis346", aedatChips[davis346Chip]},
	{"davis640", aedatChips[davis640Chip]},
	{"davis", aedatChip{"eu.seebetter.ini.chips.davis.Davis", 0, 0, davisLayout}},
	{"dvxplorer", aedatChip{"eu.seebetter.ini.chips.davis.DVXplorer", 640, 480, davisLayout}},
	{"propheseeimx636", aedatChip{"prophesee.chip.PropheseeIMX636HD", 1280, 720, imx636Layout}},
	{"nrvs5krc1s", aedatChip{"nrv.chip.NRVS5KRC1S", 0, 0, nrvLayout}},
}

// aedatChipOf finds the chip that the reader or the header names or, where
// neither does, that the first addresses can only come from. A chip that is
// named and not known is refused.
func aedatChipOf(given string, h format.Header, head []byte, record int) (aedatChip, error) {
	if given != "" {
		chip, ok := aedatChipNamed(given)
		if !ok {
			return chip, fmt.Errorf("chip %.40q is not known; known are %s", given, aedatChipNames())
		}
		return chip, nil
	}
	if name := h.Get(aedatChipKey); name != "" {
		chip, ok := aedatChipNamed(name)
		if !ok {
			return chip, fmt.Errorf("addresses of the chip %.60q are not known; --chip NAME reads them as those of %s", name, aedatChipNames())
		}
		return chip, nil
	}
	return aedatChipByAddresses(head, record)
}

// aedatChipByAddresses finds the one layout that all addresses fit into: those
// of a CochleaAMS have 10 bits, those of a DVS128 have 16. It is a DVS128 when
// nothing else is known.
func aedatChipByAddresses(head []byte, record int) (aedatChip, error) {
	const few = 64
	most, n := uint32(0), 0
	for b := head; len(b) >= record && record == 8; b = b[record:] {
		most = max(most, binary.BigEndian.Uint32(b))
		n++
	}
	switch {
	case n >= few && most < 1<<10:
		return aedatChips[cochleaChip], nil
	case most < 1<<16:
		return aedatChips[dvs128Chip], nil
	}
	var fit []aedatChip
	for _, c := range []aedatChip{aedatChips[davis346Chip], aedatChips[davis640Chip], dvs640Chip, aedatChips[dvs1280Chip]} {
		if c.fits(head) && (len(fit) == 0 || fit[0].aedatLayout != c.aedatLayout) {
			fit = append(fit, c)
		}
	}
	switch len(fit) {
	case 1:
		return fit[0], nil
	case 0:
		return aedatChip{}, fmt.Errorf("names no chip, and its addresses are not those of a known one; --chip NAME reads them as those of %s",
			aedatChipNames())
	}
	return aedatChip{}, fmt.Errorf("names no chip, and its addresses could be those of %s and of %s: --chip NAME chooses",
		shortName(fit[0].class), shortName(fit[1].class))
}

// fits reports whether the addresses at the front of a recording are all of
// the chip: on the sensor, and without a bit that the chip has none of.
func (c *aedatChip) fits(head []byte) bool {
	known := uint32(1)<<c.p | (1<<c.xBits-1)<<c.x | (1<<c.yBits-1)<<c.y
	seen := false
	for ; len(head) >= 8; head = head[8:] {
		a := binary.BigEndian.Uint32(head)
		if a&c.special != 0 {
			seen = seen || a&davisOther != 0
			continue
		}
		seen = true
		if e := c.event(a, 0); a&^known != 0 || int(e.X) >= c.width || int(e.Y) >= c.height {
			return false
		}
	}
	return seen
}

// aedatChipNames lists the chips for a message.
func aedatChipNames() string {
	var names []string
	for _, f := range aedatFamilies {
		if name := shortName(f.chip.class); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// shortName is the last part of a class.
func shortName(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

// Cochlea reports whether the recording is of a silicon cochlea, whose
// addresses are those of a CochleaAMS and not pixels.
func Cochlea(i format.Info) bool {
	if chip, ok := aedatChipNamed(i.Header.Get(aedatChipKey)); ok {
		return chip.class == aedatChips[cochleaChip].class
	}
	return i.Format == AEDAT2().Name && i.Width == aedatChips[cochleaChip].width && i.Height == aedatChips[cochleaChip].height
}

// aedatChipNamed finds a chip by its class or by its name alone. In the addresses
// of a pair of chips, such as Tmpdiff128StereoPair or
// Tmpdiff128AndCochleaAERb, a bit says which: it is none of the two.
func aedatChipNamed(name string) (aedatChip, bool) {
	name = strings.ToLower(shortName(name))
	for _, f := range aedatFamilies {
		if rest, ok := strings.CutPrefix(name, f.prefix); ok {
			if strings.Contains(rest, "stereo") || strings.Contains(rest, "cochlea") {
				return aedatChip{}, false
			}
			return f.chip, true
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
	for _, f := range aedatFamilies {
		if info.Header.Get(aedatChipKey) == f.chip.class {
			return f.chip, nil
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

// wide reports whether addresses have more than 16 bits.
func (c *aedatLayout) wide() bool { return max(c.x+c.xBits, c.y+c.yBits, c.p+1) > 16 }

// event takes a pixel's address apart.
func (c *aedatLayout) event(a uint32, t int64) pipeline.Event {
	e := pipeline.Event{T: t, X: uint16(a >> c.x & (1<<c.xBits - 1)), Y: uint16(a >> c.y & (1<<c.yBits - 1)), P: uint8(a >> c.p & 1)}
	if c.onIsZero {
		e.P ^= 1
	}
	return e
}

// address puts a pixel's address together; false when the chip has no such
// pixel.
func (c *aedatLayout) address(e *pipeline.Event) (uint32, bool) {
	p := uint32(min(e.P, 1))
	if c.onIsZero {
		p ^= 1
	}
	return uint32(e.Y)<<c.y | uint32(e.X)<<c.x | p<<c.p, e.X>>c.xBits == 0 && e.Y>>c.yBits == 0
}
