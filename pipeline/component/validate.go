package component

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Problem is one thing that is wrong with a config value.
type Problem struct {
	Path  string // key path inside the config, such as "tiles.0.width"; empty for the config as a whole
	Cause string // never shows a secret
}

func (p Problem) Error() string {
	if p.Path == "" {
		return p.Cause
	}
	return p.Path + ": " + p.Cause
}

// Validate checks a decoded config against its tags, then calls the Validate
// methods of the struct and of its sections. A required field counts as
// missing while it has the zero value of its type. cfg is a pointer to a
// struct.
func Validate(cfg any) []Problem {
	return validateStruct(nil, "", reflect.ValueOf(cfg).Elem())
}

func validateStruct(ps []Problem, path string, v reflect.Value) []Problem {
	before := len(ps)
	fields := structFields(v)
	for _, f := range fields {
		ps = f.validate(ps, join(path, f.Key), v.FieldByIndex(f.index))
	}
	if len(ps) > before {
		return ps // the method may rely on what the tags promise
	}
	if c, ok := v.Addr().Interface().(interface{ Validate() error }); ok {
		for _, err := range parts(c.Validate()) {
			at := path
			key, cause := located(fields, err.Error())
			if key != "" {
				at = join(path, key)
			}
			ps = append(ps, Problem{at, cause})
		}
	}
	return ps
}

// parts takes apart what errors.Join put together.
func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// Located splits a message that begins with the path of one of a config's keys;
// the key is empty for any other.
func Located(cfg any, message string) (key, cause string) { return located(Fields(cfg), message) }

// located splits a message that begins with a key path, such as
// "otlp.endpoint: is not a URL".
func located(fields []Field, message string) (key, cause string) {
	path, rest, ok := strings.Cut(message, ": ")
	if !ok {
		return "", message
	}
	for name := range strings.SplitSeq(path, ".") {
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Key == name })
		if i < 0 {
			return "", message
		}
		fields = fields[i].Fields
	}
	return path, rest
}

func (f Field) validate(ps []Problem, path string, v reflect.Value) []Problem {
	if v.IsZero() && f.Required {
		return append(ps, Problem{path, "required"})
	}
	switch f.Type {
	case TypeSection:
		return validateStruct(ps, path, v)
	case TypeList:
		for i := range v.Len() {
			ps = f.Elem.validate(ps, join(path, strconv.Itoa(i)), v.Index(i))
		}
		return ps
	}
	if cause := f.fault(v); cause != "" {
		ps = append(ps, Problem{path, cause})
	}
	return ps
}

// fault reports what is wrong with a scalar. An automatic count passes any bounds.
func (f Field) fault(v reflect.Value) string {
	if len(f.Enum) > 0 {
		s := v.String()
		if slices.Contains(f.Enum, s) {
			return ""
		}
		return fmt.Sprintf("%q is not %s%s", s, f.limits(), DidYouMean(s, f.Enum))
	}
	x, ok := number(v)
	if !ok || f.Type == TypeCount && x == float64(Auto) {
		return ""
	}
	if low, err := f.bound(f.Min); err == nil && !(x >= low) { // NaN is outside
		return fmt.Sprintf("%s is below the minimum %s%s", yamlValue(v), f.Min, f.unitText())
	}
	if high, err := f.bound(f.Max); err == nil && !(x <= high) {
		return fmt.Sprintf("%s is above the maximum %s%s", yamlValue(v), f.Max, f.unitText())
	}
	return ""
}

func (f Field) unitText() string {
	if f.Unit == "" {
		return ""
	}
	return " " + f.Unit
}

// bound reads a bound in the form of the field's type; none is an error.
func (f Field) bound(text string) (float64, error) {
	switch f.Type {
	case TypeDuration:
		d, err := time.ParseDuration(text)
		return float64(d), err
	case TypeBytes:
		var b Bytes
		err := b.UnmarshalText([]byte(text))
		return float64(b), err
	}
	return strconv.ParseFloat(text, 64)
}

func number(v reflect.Value) (float64, bool) {
	switch {
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	case v.CanFloat():
		return v.Float(), true
	}
	return 0, false
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
