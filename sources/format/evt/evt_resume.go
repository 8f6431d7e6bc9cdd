package evt

import "ganglion/sources/format"

func flag(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

func (h *highTime) snapshot() format.Snapshot { return format.Snapshot{h.base, h.loop, flag(h.known)} }

func (h *highTime) resume(s format.Snapshot) { h.base, h.loop, h.known = s[0], s[1], s[2] != 0 }

func (d *evt2Decoder) Snapshot() format.Snapshot { return d.time.snapshot() }

func (d *evt2Decoder) Resume(s format.Snapshot) {
	d.time.resume(s)
	d.imu = d.imu[:0]
}

func (d *evt21Decoder) Snapshot() format.Snapshot { return d.time.snapshot() }

func (d *evt21Decoder) Resume(s format.Snapshot) { d.time.resume(s) }

func (d *evt4Decoder) Snapshot() format.Snapshot { return d.time.snapshot() }

func (d *evt4Decoder) Resume(s format.Snapshot) { d.time.resume(s) }

func (d *evt3Decoder) Snapshot() format.Snapshot {
	flags := flag(d.time.known) | flag(d.hasY)<<1 | flag(d.isEM)<<2 | flag(d.hasX)<<3 | int64(d.pol)<<4
	return format.Snapshot{d.time.t, d.time.loop, int64(d.time.high), int64(d.y) | int64(d.base)<<16, flags}
}

func (d *evt3Decoder) Resume(s format.Snapshot) {
	d.time.t, d.time.loop, d.time.high = s[0], s[1], int(s[2]&evt3Payload)
	d.y, d.base = uint16(s[3]), uint16(s[3]>>16)
	d.time.known, d.hasY, d.isEM, d.hasX = s[4]&1 != 0, s[4]&2 != 0, s[4]&4 != 0, s[4]&8 != 0
	d.pol = uint8(s[4] >> 4 & 1)
}

var (
	_ format.Resumable = (*evt2Decoder)(nil)
	_ format.Resumable = (*evt21Decoder)(nil)
	_ format.Resumable = (*evt3Decoder)(nil)
	_ format.Resumable = (*evt4Decoder)(nil)
)
