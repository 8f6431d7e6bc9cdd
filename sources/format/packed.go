package format

// MostUnpacked is how many bytes a recording of so many packed ones may unpack to:
// events hardly pack to a twentieth, a file that was made to fill a disk, or to
// keep a reader busy, to a thousandth, or less if nested.
func MostUnpacked(packed int64) int64 { return packedFree + packedExpansion*packed }

const (
	packedExpansion = 256
	packedFree      = 64 << 20
)
