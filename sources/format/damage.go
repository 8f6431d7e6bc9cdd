package format

// Kinds of damage that more than one format knows. The rest stand as literals
// where they are found; docs of the format's file explain them.
const (
	outOfRangeX   = "out_of_range_x" // an address outside the sensor
	outOfRangeY   = "out_of_range_y"
	TimeBackwards = "time_backwards" // an event earlier than one before it
	Truncated     = "truncated"      // the recording ends within a record
)

// What a format could not hold, among [Writer.Lost], beside the kinds of side
// data.
const (
	AddressRange = "address_range" // an event's address
	TimeRange    = "time_range"    // an event's time
)

// Limit is the first coordinate outside a sensor of the given size; an unknown
// size excludes nothing.
func Limit(size int) uint32 {
	if size == 0 {
		return 1 << 16
	}
	return uint32(size)
}

// Outside counts an event whose address is not on the sensor. It is delivered
// all the same: what to do with it is the reader's business.
func (s *Stream) Outside(x, y uint32, at, t int64) {
	if x >= Limit(s.Info.Width) {
		s.Damage.Add(outOfRangeX, at, t, 1)
	}
	if y >= Limit(s.Info.Height) {
		s.Damage.Add(outOfRangeY, at, t, 1)
	}
}
