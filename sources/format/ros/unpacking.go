package ros

import (
	"fmt"
	"io"

	"ganglion/sources/format"
)

// unpacking reads what packed chunks hold. They end with an error where, with those
// before them, they unpack to more than recordings do.
type unpacking struct {
	r         io.Reader
	packed, n int64 // bytes of the chunks so far, packed and unpacked
}

// begin goes to the next chunk, which r unpacks.
func (u *unpacking) begin(r io.Reader, packed int64) *unpacking {
	u.r = r
	u.packed += packed
	return u
}

// rewind forgets the chunks so far.
func (u *unpacking) rewind() { *u = unpacking{} }

func (u *unpacking) Read(b []byte) (int, error) {
	left := format.MostUnpacked(u.packed) - u.n
	if left <= 0 {
		return 0, fmt.Errorf("%w: it unpacks to more than recordings do", errBroken)
	}
	n, err := u.r.Read(b[:min(int64(len(b)), left)])
	u.n += int64(n)
	return n, err
}
