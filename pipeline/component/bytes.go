package component

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is a size: YAML 64KiB, 1.5GB, or a plain number of bytes.
type Bytes int64

// byteUnits are the units of sizes, the decimal ones (SI) beside the binary
// ones (IEC 80000-13), the largest first.
var byteUnits = []struct {
	name string
	size int64
}{
	{"TiB", 1 << 40}, {"TB", 1e12}, {"GiB", 1 << 30}, {"GB", 1e9}, {"MiB", 1 << 20}, {"MB", 1e6}, {"KiB", 1 << 10}, {"kB", 1e3}, {"B", 1},
}

// UnmarshalText reads a size. Units may be written in any case, and a space may
// stand before them.
func (b *Bytes) UnmarshalText(text []byte) error {
	number, unit := strings.TrimSpace(string(text)), int64(1)
	for _, u := range byteUnits {
		if n := len(number) - len(u.name); n > 0 && strings.EqualFold(number[n:], u.name) {
			number, unit = strings.TrimSpace(number[:n]), u.size
			break
		}
	}
	whole := strings.Trim(number, "0123456789") == ""
	if n, err := strconv.ParseInt(number, 10, 64); err == nil && whole && n <= math.MaxInt64/unit {
		*b = Bytes(n * unit)
		return nil
	}
	x, err := strconv.ParseFloat(number, 64)
	size := x * float64(unit)
	if err != nil || strings.Trim(number, "0123456789.") != "" || size >= math.MaxInt64 || size != math.Trunc(size) {
		return fmt.Errorf("%q is not a size such as 64MiB or 1GB", text)
	}
	*b = Bytes(size)
	return nil
}

// String is the inverse of UnmarshalText, in the largest unit of whole numbers.
func (b Bytes) String() string {
	for _, u := range byteUnits {
		if b > 0 && u.size > 1 && int64(b)%u.size == 0 {
			return strconv.FormatInt(int64(b)/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// bytesPattern admits what UnmarshalText admits.
const bytesPattern = `^ *([0-9]+(\.[0-9]*)?|\.[0-9]+) *(([kKmMgGtT][iI]?)?[bB])? *$`

func bytesFault(value any, text string) string {
	var b Bytes
	switch x := value.(type) {
	case int64:
		if x >= 0 {
			return ""
		}
		return text + " is below the minimum 0"
	case string:
		if b.UnmarshalText([]byte(x)) == nil {
			return ""
		}
	}
	return fmt.Sprintf("want a size such as 64MiB or 1GB (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB), got %q", text)
}
