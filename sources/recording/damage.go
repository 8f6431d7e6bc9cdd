package recording

// Kinds of damage that more than one format knows. The rest stand as literals
// where they are found; docs of the format's file explain them.
const (
	outOfRangeX   = "out_of_range_x" // an address outside the sensor
	outOfRangeY   = "out_of_range_y"
	timeBackwards = "time_backwards" // an event earlier than one before it
	truncated     = "truncated"      // the recording ends within a record
)

// What a format could not hold, among [Writer.Lost], beside the kinds of side
// data.
const (
	addressRange = "address_range" // an event's address
	timeRange    = "time_range"    // an event's time
)

// limit is the first coordinate outside a sensor of the given size; an unknown
// size excludes nothing.
func limit(size int) uint32 {
	if size == 0 {
		return 1 << 16
	}
	return uint32(size)
}

// outside counts an event whose address is not on the sensor. It is delivered
// all the same: what to do with it is the reader's business.
func (s *stream) outside(x, y uint32, at, t int64) {
	if x >= limit(s.info.Width) {
		s.damage.Add(outOfRangeX, at, t, 1)
	}
	if y >= limit(s.info.Height) {
		s.damage.Add(outOfRangeY, at, t, 1)
	}
}

