package hdf5

import (
	"fmt"
	"strings"
)

// Class is the kind of a value.
type Class uint8

// The classes of values that can be read.
const (
	Int       Class = iota + 1 // signed integer
	Uint                       // unsigned integer
	Float                      // IEEE 754
	Bool                       // h5py's bool: an enumeration of FALSE and TRUE
	FixedText                  // string of fixed length
	Text                       // string of variable length
	Compound                   // a record of named members
)

// Type is the type of the values of an [Array].
type Type struct {
	Class     Class
	Size      int // bytes of one value in the file
	BigEndian bool
	Members   []Member // of a compound, in the order of the file
	nulls     bool     // a fixed string is padded with NUL or ends at it, not with blanks
}

// Member is a member of a compound. Where a member is an array, the first of its
// elements are members, named as in "xy[1]".
type Member struct {
	Name   string
	Offset int // bytes into the record
	Type   Type
}

// String reads "int64", "float32", "bool", "string" or "{x uint16, t int64}".
func (t Type) String() string {
	switch t.Class {
	case Int:
		return fmt.Sprintf("int%d", 8*t.Size)
	case Uint:
		return fmt.Sprintf("uint%d", 8*t.Size)
	case Float:
		return fmt.Sprintf("float%d", 8*t.Size)
	case Bool:
		return "bool"
	case Compound:
		var list []string
		for _, m := range t.Members {
			list = append(list, m.Name+" "+m.Type.String())
		}
		return "{" + strings.Join(list, ", ") + "}"
	}
	return "string"
}

var refusedTypes = map[uint8]string{
	2: "time", 4: "bit field", 5: "opaque", 7: "reference", 10: "array", 11: "complex",
}

// mostElements is how many elements of a member that is an array are members of
// their own.
const mostElements = 16

// datatype reads a datatype message (IV.A.2.d).
func (c *cursor) datatype() Type {
	t, n := c.element()
	if n > 0 {
		c.fail(unsupported("datatype class %s (%d)", refusedTypes[10], 10))
	}
	return t
}

// element reads a datatype message: the type, or that of the elements of an array of
// n; n is 0 for any other.
func (c *cursor) element() (t Type, n int) {
	class := c.u8()
	flags := uint32(c.uint(3))
	size := c.u32()
	if v := class >> 4; c.err == nil && (v < 1 || v > 5) {
		c.fail(unsupported("datatype version %d", v))
	}
	if size == 0 || size > 1<<20 {
		c.fail(malformed("datatype of %d bytes", size))
	}
	t = Type{Size: int(size), BigEndian: flags&1 != 0}
	switch class & 15 {
	case 10:
		return c.elements(class >> 4)
	case 0:
		c.integer(&t, flags)
	case 1:
		c.float(&t, flags)
	case 3:
		t.Class, t.BigEndian, t.nulls = FixedText, false, flags&15 != 2
	case 6:
		c.compound(&t, int(flags&0xffff), class>>4)
	case 8:
		c.enumeration(&t, int(flags&0xffff), class>>4)
	case 9:
		c.variable(&t, flags)
	default:
		c.fail(unsupported("datatype class %s (%d)", refusedTypes[class&15], class&15))
	}
	return t, 0
}

// elements reads the axes and the elements' type of an array.
func (c *cursor) elements(version uint8) (t Type, n int) {
	rank := c.u8()
	if version < 3 {
		c.skip(3)
	}
	n = 1
	for range rank {
		axis := int(c.u32())
		if c.err == nil && (axis < 1 || axis > 1<<20/n) {
			c.fail(malformed("array of %d times %d elements", n, axis))
			return t, 1
		}
		n *= max(axis, 1)
	}
	if version < 3 {
		c.skip(4 * uint64(rank))
	}
	return c.datatype(), n
}

func (c *cursor) integer(t *Type, flags uint32) {
	t.Class = Uint
	if flags&(1<<3) != 0 {
		t.Class = Int
	}
	offset, precision := c.u16(), c.u16()
	whole := t.Size == 1 || t.Size == 2 || t.Size == 4 || t.Size == 8
	if c.err == nil && (!whole || offset != 0 || int(precision) != 8*t.Size) {
		c.fail(unsupported("integer of %d bytes with %d bits from bit %d", t.Size, precision, offset))
	}
}

func (c *cursor) float(t *Type, flags uint32) {
	t.Class = Float
	var got [6]int
	got[0], got[1] = int(c.u16()), int(c.u16()) // bit offset, precision
	for i := 2; i < 6; i++ {                    // exponent at, bits; mantissa at, bits
		got[i] = int(c.u8())
	}
	bias := c.u32()
	half := t.Size == 2 && got == [6]int{0, 16, 10, 5, 0, 10} && bias == 15
	single := t.Size == 4 && got == [6]int{0, 32, 23, 8, 0, 23} && bias == 127
	double := t.Size == 8 && got == [6]int{0, 64, 52, 11, 0, 52} && bias == 1023
	if c.err == nil && (!half && !single && !double || flags&(1<<6) != 0) {
		c.fail(unsupported("float of %d bytes that is not IEEE half, single or double", t.Size))
	}
}

// enumeration reads the base type and the members. FALSE = 0 and TRUE = 1 are
// a bool, every other enumeration is read as its integers.
func (c *cursor) enumeration(t *Type, members int, version uint8) {
	base := c.datatype()
	if base.Class != Int && base.Class != Uint {
		c.fail(malformed("enumeration over %v", base))
	}
	if c.err != nil || base.Size != t.Size {
		c.fail(malformed("enumeration of %d bytes over %v", t.Size, base))
		return
	}
	*t = base
	boolean := members == 2
	for i := 0; i < members && c.err == nil; i++ {
		boolean = boolean && c.member(version) == [...]string{"FALSE", "TRUE"}[i]
		if !boolean { // the names and values do not matter
			return
		}
	}
	values := c.bytes(uint64(2 * t.Size))
	if boolean && t.Size == 1 && c.err == nil && values[0] == 0 && values[1] == 1 {
		t.Class = Bool
	}
}

// compound reads the members of a record: a name, an offset and a type each.
func (c *cursor) compound(t *Type, members int, version uint8) {
	t.Class, t.BigEndian = Compound, false
	if c.depth++; c.depth > maxDepth {
		c.fail(overLimit("compound types nested more than %d deep", maxDepth))
	}
	for i := 0; i < members && c.err == nil; i++ {
		m := Member{Name: c.member(version)}
		if version < 3 {
			m.Offset = int(c.u32())
		} else {
			m.Offset = int(c.uint(bytesFor(uint64(t.Size))))
		}
		if version == 1 {
			if rank := c.u8(); c.err == nil && rank != 0 {
				c.fail(unsupported("compound member %q, an array", m.Name))
			}
			c.skip(3 + 4 + 4 + 16) // the permutation and sizes of its dimensions
		}
		var n int
		m.Type, n = c.element()
		if size := m.Type.Size * max(n, 1); c.err == nil && (m.Offset < 0 || m.Offset > t.Size-size) {
			c.fail(malformed("compound member %q of %d bytes at %d of %d", m.Name, size, m.Offset, t.Size))
		}
		if n == 0 {
			c.charge(memberCost + uint64(len(m.Name)))
			t.Members = append(t.Members, m)
		}
		for k := range min(n, mostElements) {
			c.charge(memberCost + uint64(len(m.Name)))
			t.Members = append(t.Members, Member{fmt.Sprintf("%s[%d]", m.Name, k), m.Offset + k*m.Type.Size, m.Type})
		}
	}
	c.depth--
}

// memberCost is what a member takes in a list that grows, bytes.
const memberCost = 256

// member reads a member's name; before version 3 it is padded to 8 bytes.
func (c *cursor) member(version uint8) string {
	start := c.pos
	name := c.text()
	if version < 3 {
		c.skip(uint64(-(c.pos - start) & 7))
	}
	return name
}

// variable reads a variable-length type; only strings are read.
func (c *cursor) variable(t *Type, flags uint32) {
	if flags&15 != 1 {
		c.fail(unsupported("datatype class variable-length sequence"))
	}
	if want := 4 + c.f.offsetSize + 4; t.Size != want {
		c.fail(malformed("variable-length string of %d bytes instead of %d", t.Size, want))
	}
	t.Class, t.BigEndian = Text, false
}

// text takes a string that ends with a NUL, without it.
func (c *cursor) text() string {
	start := c.pos
	for c.err == nil {
		if b := c.bytes(1); c.err == nil && b[0] == 0 {
			return string(c.b[start : c.pos-1])
		}
	}
	return ""
}
