package component

import (
	"fmt"
	"strconv"
)

// Count is a number that may be left to the program: YAML "auto" (0 here) or a
// positive integer.
type Count int

// Auto is the Count that leaves the choice to the program.
const Auto Count = 0

// UnmarshalText reads "auto" or a positive integer.
func (c *Count) UnmarshalText(text []byte) error {
	if string(text) == "auto" {
		*c = Auto
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 {
		return fmt.Errorf("%q is neither auto nor a positive integer", text)
	}
	*c = Count(n)
	return nil
}

// String is the inverse of UnmarshalText.
func (c Count) String() string {
	if c == Auto {
		return "auto"
	}
	return strconv.Itoa(int(c))
}
