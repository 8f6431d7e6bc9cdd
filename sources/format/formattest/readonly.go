package formattest

import (
	"encoding/binary"
	"slices"
)

var (
	be = binary.BigEndian
	le = binary.LittleEndian
)

// aedat1 makes a recording of AEDAT 1 with n events, of a DVS128.
func aedat1(n int) []byte {
	b := []byte("#!AER-DAT1.0\r\n# made for a test\r\n")
	for _, e := range Events(n) {
		b = be.AppendUint16(b, e.Y%128<<8|e.X%128<<1|uint16(1-e.P))
		b = be.AppendUint32(b, uint32(e.T))
	}
	return b
}

// aedat3 makes a recording of AEDAT 3.1 with n events, one IMU sample and one
// frame.
func aedat3(n int) []byte {
	b := []byte("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DAVIS240C\r\n#Start-Time: 2017-01-01 12:00:00 (TZ+0100)\r\n#!END-HEADER\r\n")
	words := func(values ...uint32) {
		for _, v := range values {
			b = le.AppendUint32(b, v)
		}
	}
	for events := range slices.Chunk(Events(n), 100) {
		number, room := uint32(len(events)), uint32(2)
		words(1|1<<16, 8, 4, 0, number+room, number, number)
		for _, e := range events {
			words(1|uint32(e.P)<<1|uint32(e.Y)<<2|uint32(e.X)<<17, uint32(e.T))
		}
		b = append(b, make([]byte, 8*room)...)
	}
	words(3|1<<16, 36, 4, 0, 1, 1, 1)
	words(1, 1, 0x3F800000, 0x40000000, 0x40400000, 0x40800000, 0x40A00000, 0x40C00000, 0x40E00000) // 1 to 7
	words(2|1<<16, 40, 12, 0, 1, 1, 1)
	words(1|1<<1, 7, 11, 9, 10, 2, 1, 3, 4, 7|8<<16)
	return b
}

// EVT4 makes a recording of EVT4 with n events, in vectors and single words.
func EVT4(n int) []byte {
	b := []byte("% evt 4.0\n% format EVT4;height=180;width=240\n% end\n")
	high := int64(-1)
	events := Events(n)
	for i := 0; i < len(events); {
		e := events[i]
		if h := e.T >> 6; h != high {
			b = le.AppendUint32(b, 0xE<<28|uint32(h))
			high = h
		}
		mask := uint32(0)
		last := e.X
		for ; i < len(events); i++ {
			f := events[i]
			if f.T != e.T || f.Y != e.Y || f.P != e.P || f.X < last || f.X-e.X > 31 || f.X == last && mask != 0 {
				break
			}
			mask |= 1 << (f.X - e.X)
			last = f.X
		}
		w := uint32(e.T&63)<<22 | uint32(e.X)<<11 | uint32(e.Y)
		if mask == 1 {
			b = le.AppendUint32(b, (0xA+uint32(e.P))<<28|w)
		} else {
			b = le.AppendUint32(b, (0xC+uint32(e.P))<<28|w)
			b = le.AppendUint32(b, mask)
		}
	}
	return b
}

// bs1 makes a recording of n spikes: the format holds no rows and 8 s.
func bs1(n int) []byte {
	var b []byte
	for i, e := range Events(n) {
		t, neuron := int64(i)*(1<<23-1)/int64(n), e.Y*240+e.X
		b = append(b, byte(neuron>>8), byte(neuron), e.P<<7|byte(t>>16), byte(t>>8), byte(t))
	}
	return b
}
