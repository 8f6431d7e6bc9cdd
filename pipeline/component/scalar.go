package component

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// ScalarFault reports why a YAML scalar does not fit the field's type, or "". It
// is strict: a quoted number is a string, and a duration needs its unit. value
// is nil, bool, int64, uint64, float64 or string; text is the scalar as it was
// written, for the message, and is not shown when the field is a secret.
func (f Field) ScalarFault(value any, text string) string {
	if value == nil {
		return "has no value"
	}
	s, isString := value.(string)
	switch f.Type {
	case TypeString:
		if !isString && f.word(value) == "" {
			return fmt.Sprintf("want a string, got %s; write %q in quotes", text, text)
		}
	case TypeSecret:
		if !isString {
			return "want a string; write it in quotes"
		}
	case TypeBool:
		if _, ok := value.(bool); !ok {
			return fmt.Sprintf("want true or false, got %q", text)
		}
	case TypeInteger:
		return f.integerFault(value, text)
	case TypeNumber:
		return numberFault(value, text)
	case TypeDuration:
		if _, err := time.ParseDuration(s); !isString || err != nil {
			return fmt.Sprintf("want a number with its unit such as %s (ns, us, ms, s, m, h), got %q", f.sampleDuration(), text)
		}
	case TypeCount:
		return countFault(value, text)
	case TypeBytes:
		return bytesFault(value, text)
	default:
		return fmt.Sprintf("want a %s, got %q", f.TypeText(), text)
	}
	return ""
}

// Scalar is a YAML scalar that fits the field, as it is decoded. A tool that
// reads YAML 1.1 makes booleans of the words on and off.
func (f Field) Scalar(value any) any {
	if word := f.word(value); word != "" {
		return word
	}
	return value
}

// word is the one allowed word that YAML 1.1 reads as the boolean, or "".
func (f Field) word(value any) string {
	b, ok := value.(bool)
	if !ok || f.Type != TypeString {
		return ""
	}
	for _, word := range f.Enum {
		if booleanOf(word) == strconv.FormatBool(b) {
			return word
		}
	}
	return ""
}

func (f Field) integerFault(value any, text string) string {
	switch x := value.(type) {
	case int64:
		if x >= 0 || !f.unsigned {
			return ""
		}
		return text + " is below the minimum 0"
	case uint64:
		if x <= math.MaxInt64 || f.unsigned {
			return ""
		}
		return fmt.Sprintf("%s is above the maximum %d", text, int64(math.MaxInt64))
	}
	return fmt.Sprintf("want a whole number, got %q", text)
}

func numberFault(value any, text string) string {
	switch x := value.(type) {
	case int64, uint64:
		return ""
	case float64:
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			return ""
		}
	}
	return fmt.Sprintf("want a number, got %q", text)
}

func countFault(value any, text string) string {
	var c Count
	switch x := value.(type) {
	case int64:
		if x > 0 {
			return ""
		}
	case string:
		if c.UnmarshalText([]byte(x)) == nil {
			return ""
		}
	}
	return fmt.Sprintf("want auto or a positive integer, got %q", text)
}

// sampleDuration is the default where that shows a unit worth copying.
func (f Field) sampleDuration() string {
	if d, err := time.ParseDuration(f.Default); err == nil && d > 0 {
		return f.Default
	}
	return "10ms"
}
