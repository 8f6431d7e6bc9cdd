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

// Secret is a string that never shows: it prints, logs and marshals as
// [REDACTED]. Convert it with string(s) at the one place that needs it.
type Secret string

const redacted = "[REDACTED]"

// String hides the secret; an empty one stays empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the secret from JSON, YAML and slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
