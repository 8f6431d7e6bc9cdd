package simulator

import "ganglion/pipeline"

// packed is an event and its cause in one word that sorts as they do: from the
// top, time since the begin of the step (11 bits), row, column (12 bits each),
// polarity (1 bit), cause - Hot (28 bits).
type packed uint64

func pack(dt int64, x, y int, p uint8, cause int32) packed {
	return packed(uint64(dt)<<53 | uint64(y)<<41 | uint64(x)<<29 | uint64(p)<<28 | uint64(cause-Hot))
}

func (v packed) unpack(start int64) (pipeline.Event, int32) {
	return pipeline.Event{
		T: start + int64(v>>53), Y: uint16(v >> 41 & 0xfff), X: uint16(v >> 29 & 0xfff), P: uint8(v >> 28 & 1),
	}, int32(v&(1<<28-1)) + Hot
}
