package aedat

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"ganglion/sources/format"
)

// AEDAT 1 and 2 (jAER): behind the header records of an address and a time,
// both big-endian: u16 and i32 in version 1, u32 and i32 in version 2; µs. The
// time wraps around after 2^32 µs (71.6 min). What an address means depends on
// the chip, see aedat_chip.go; a file of version 1 may have no header at all.
//
//	DVS128, CochleaAMS           DAVIS
//	15     special event         31     0: event   1: IMU or image
//	14..8  row, threshold        30..22 row        30..28 IMU value, 27..12 its bits
//	7..1   column, channel, ear  21..12 column
//	0      0 ON, 1 OFF           11     1 ON       11..10 3: IMU, else image read-out
//	                             10     input pin
//	                             9..0   pin event  9..0   sample
//
// Rows and columns are as stored; jAER shows them mirrored. Special events,
// image read-outs and pin events other than edges are side data (special
// aedatWord: the address as it stands).
//
// Two extensions: a header line "# t0: N" is added to all times, so that
// recordings that do not start near zero keep their 64-bit times; a line
// "# geometry: WxH" states a size that no chip has.
func AEDAT2() format.Format {
	return format.Format{
		Name:       "aedat2",
		Summary:    "jAER AEDAT 2.0: DVS, DAVIS, Prophesee and NRV chips, CochleaAMS",
		Extensions: []string{".aedat", ".aedat2"},
		Sniff:      sniffAEDAT("2"),
		Open:       func(s *format.Stream) (format.Decoder, error) { return openAEDAT2(s, 8) },
		Create:     createAEDAT2,
	}
}

func AEDAT1() format.Format {
	return format.Format{
		Name:       "aedat1",
		Summary:    "jAER AEDAT 1.0, with or without a header",
		Extensions: []string{".aedat", ".aedat1", ".dat"},
		Sniff:      sniffAEDAT1,
		Open:       func(s *format.Stream) (format.Decoder, error) { return openAEDAT2(s, 6) },
	}
}

// aedatWord is the code of special side data that is an address in Value.
const aedatWord = 0xAED2

// sniffAEDAT1 recognises the header, or plausible records of a DVS128.
func sniffAEDAT1(p format.Probe) format.Claim {
	if c := sniffAEDAT("1")(p); c != (format.Claim{}) {
		return c
	}
	const record = 6
	if format.IsText(p.Head, true) || p.Size%record != 0 {
		return format.Claim{}
	}
	var records format.Records
	for head := p.Head; len(head) >= record; head = head[record:] {
		a, t := binary.BigEndian.Uint16(head), int64(int32(binary.BigEndian.Uint32(head[2:])))
		if a&dvs128Special != 0 {
			continue
		}
		records.Add(t, a>>1&0x7F, a>>8&0x7F)
	}
	return format.Claim{Weight: records.Weight(128, 128), Why: "records of six bytes with ascending times"}
}

func openAEDAT2(s *format.Stream, record int) (format.Decoder, error) {
	h, err := readAEDATHeader(s.In, aedatEnd)
	if err != nil {
		return nil, err
	}
	s.Info.Header = h
	head, _, err := s.In.Window(format.ProbeLength)
	if err != nil {
		return nil, err
	}
	chip, err := aedatChipOf(s.Chip, h, head, record)
	if err != nil {
		return nil, err
	}
	if record < 8 && chip.wide() {
		return nil, fmt.Errorf("addresses of 16 bits cannot be those of the chip %s; --chip NAME chooses another", shortName(chip.class))
	}
	if s.Chip == "" && h.Get(aedatChipKey) == "" {
		s.Info.Notes = append(s.Info.Notes, fmt.Sprintf("names no chip: its addresses are read as those of %s, which --chip NAME changes",
			shortName(chip.class)))
	}
	if w, h, ok := aedatSize(h); ok {
		chip.width, chip.height = w, h
	}
	s.Size(chip.width, chip.height)
	if chip.davis {
		s.Info.Gyro = aedatGyro
	}
	t0, _ := strconv.ParseInt(h.Get(aedatT0), 10, 64)
	return &aedat2Decoder{s: s, record: record, chip: chip, time: counter32{t0: t0}}, nil
}

type aedat2Decoder struct {
	s      *format.Stream
	record int // bytes
	chip   aedatChip
	time   counter32
	sample aedatSample
	imu    []format.IMU // of the current block
}

func (d *aedat2Decoder) Decode(b *format.Block, src []byte, at int64, _ bool) (int, error) {
	d.imu = d.imu[:0]
	width, height := format.Limit(d.s.Info.Width), format.Limit(d.s.Info.Height)
	i := 0
	for ; i+d.record <= len(src) && !b.Full(); i += d.record {
		var a uint32
		if d.record == 8 {
			a = binary.BigEndian.Uint32(src[i:])
		} else {
			a = uint32(binary.BigEndian.Uint16(src[i:]))
		}
		t := d.time.at(binary.BigEndian.Uint32(src[i+d.record-4:]))
		if a&d.chip.special != 0 {
			d.side(b, a, at+int64(i), t)
			continue
		}
		e := d.chip.event(a, t)
		if uint32(e.X) >= width || uint32(e.Y) >= height {
			d.s.Outside(uint32(e.X), uint32(e.Y), at+int64(i), t)
		}
		b.Events = append(b.Events, e)
	}
	return i, nil
}

// side takes an address that is not a pixel's.
func (d *aedat2Decoder) side(b *format.Block, a uint32, at, t int64) {
	if !d.chip.davis {
		b.Add(aedatSpecial(a, t))
		return
	}
	switch {
	case a&davisIMU == davisIMU:
		complete, broken := d.sample.add(a, t)
		if broken {
			d.s.Damage.Add("partial_imu", at, t, 1)
		}
		if complete {
			d.imu = append(d.imu, d.sample.imu())
			b.Add(format.Side{Kind: format.IMUSample, T: d.sample.t, IMU: &d.imu[len(d.imu)-1]})
		}
	case a == davisPin|davisFalling || a == davisPin|davisRising:
		b.Add(format.Side{Kind: format.Trigger, T: t, Value: uint64(a & 1)})
	default:
		b.Add(aedatSpecial(a, t))
	}
}

// aedatSpecial keeps an address as it stands.
func aedatSpecial(a uint32, t int64) format.Side {
	return format.Side{Kind: format.Special, T: t, Code: aedatWord, Value: uint64(a), Bits: 32}
}

// aedatSample collects the seven words of an IMU sample: acceleration x, y, z,
// temperature, rotation x, y, z (jaer IMUSample.java).
type aedatSample struct {
	t      int64 // of the first word, µs
	values [imuValues]float32
	have   int // words so far
}

const imuValues = 7

// aedatGyro are the factors of [format.Info]: 65.5 counts for a degree/s, as at the
// range of ±500 degrees/s that jAER sets, and the axes of jAER's IMUSample.java,
// which tells how the picture moves that jAER shows, turned by 180 degrees as the
// stored one is.
var aedatGyro = [3]float32{math.Pi / 180 / 65.5, -math.Pi / 180 / 65.5, -math.Pi / 180 / 65.5}

// add takes a word; broken says that it does not follow the one before.
func (s *aedatSample) add(a uint32, t int64) (complete, broken bool) {
	number := int(a >> 28 & 7)
	switch {
	case number == 0:
		broken = s.have > 0
		s.have, s.t = 0, t
	case number != s.have:
		s.have = 0
		return false, true
	}
	s.values[number] = float32(int16(a >> 12))
	s.have = (number + 1) % imuValues
	return s.have == 0, broken
}

// imu is the sample in the sensor's integers.
func (s *aedatSample) imu() format.IMU {
	v := s.values
	return format.IMU{Accel: [3]float32(v[:3]), Temperature: v[3], Gyro: [3]float32(v[4:]), Counts: true}
}

// counter32 rebuilds 64-bit time from a 32-bit counter that wraps around. A
// step of less than half its range is taken as it is, forward or back.
type counter32 struct {
	t0    int64 // what is added to every time, µs
	count int64 // without the wraps, µs
	known bool
}

func (c *counter32) at(count uint32) int64 {
	if !c.known {
		c.known = true
		c.count = int64(int32(count))
	} else {
		c.count += int64(int32(count - uint32(c.count)))
	}
	return c.t0 + c.count
}
