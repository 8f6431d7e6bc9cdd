package component

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Type is the type word of a config field, as users read it.
type Type string

// The types.
const (
	TypeBool     Type = "bool"
	TypeString   Type = "string"
	TypeInteger  Type = "integer"
	TypeNumber   Type = "number"
	TypeDuration Type = "duration" // a number with a unit, such as 10ms
	TypeCount    Type = "count"    // auto or a positive integer
	TypeBytes    Type = "size"     // a number of bytes, such as 64MiB
	TypeSecret   Type = "secret"   // a string that never shows
	TypeSection  Type = "section"  // a mapping with fields of its own
	TypeList     Type = "list"
)

// Field is one key of a config, as its struct declares it.
type Field struct {
	Key      string
	Type     Type
	Elem     *Field  // of a list: what it holds, with the list's unit, enum and bounds
	Fields   []Field // of a section: its keys
	Default  string  // as YAML, empty when required
	Unit     string
	Doc      string
	Example  string // as YAML, may be empty
	Enum     []string
	Min, Max string // inclusive, in the form of the type, may be empty
	Required bool
	Was      string // an earlier name of the key, may be empty
	File     string // "read" or "write" of the name of a file, else empty
	Live     bool   // it can change while the component runs

	index    []int // of the struct field
	unsigned bool  // an integer without a sign
}

// Fields lists the keys of a config in the order of its struct. cfg is a
// pointer to a struct that holds the defaults, as [Spec.Defaults] returns it.
// A struct with faulty tags gives fields that [Spec.Check] complains of.
func Fields(cfg any) []Field {
	return structFields(reflect.ValueOf(cfg).Elem())
}

// Fields lists the component's config keys.
func (s Spec) Fields() []Field { return Fields(s.Defaults()) }

// squash is the tag of an embedded struct whose fields count as the struct's
// own.
const squash = ",squash"

func structFields(v reflect.Value) []Field {
	fields := make([]Field, 0, v.NumField())
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		if !sf.IsExported() {
			continue
		}
		if sf.Anonymous && sf.Tag.Get("key") == squash {
			for _, f := range structFields(v.Field(i)) {
				f.index = append([]int{i}, f.index...)
				fields = append(fields, f)
			}
			continue
		}
		f := Field{
			Key:      sf.Tag.Get("key"),
			Doc:      sf.Tag.Get("doc"),
			Unit:     sf.Tag.Get("unit"),
			Example:  sf.Tag.Get("example"),
			Min:      sf.Tag.Get("min"),
			Max:      sf.Tag.Get("max"),
			Required: sf.Tag.Get("required") == "true",
			File:     sf.Tag.Get("file"),
			Was:      sf.Tag.Get("was"),
			Live:     sf.Tag.Get("live") == "true",
			index:    []int{i},
		}
		if enum := sf.Tag.Get("enum"); enum != "" {
			f.Enum = strings.Split(enum, ",")
		}
		f.setType(v.Field(i))
		if !f.Required && f.Type != TypeSection {
			f.Default = yamlValue(v.Field(i))
		}
		fields = append(fields, f)
	}
	return fields
}

// setType fills in the type and what hangs on it.
func (f *Field) setType(v reflect.Value) {
	f.Type = typeOf(v.Type())
	switch f.Type {
	case TypeInteger:
		if f.unsigned = v.CanUint(); f.unsigned && f.Min == "" {
			f.Min = "0"
		}
	case TypeSection:
		f.Fields = structFields(v)
	case TypeList:
		elem := Field{Unit: f.Unit, Enum: f.Enum, Min: f.Min, Max: f.Max}
		elem.setType(reflect.New(v.Type().Elem()).Elem())
		clearDefaults(elem.Fields) // the elements of a list have none
		f.Elem = &elem
	}
}

func clearDefaults(fields []Field) {
	for i := range fields {
		fields[i].Default = ""
		clearDefaults(fields[i].Fields)
	}
}

// typeOf returns the type word of a Go type, empty for one that a config may
// not have.
func typeOf(t reflect.Type) Type {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return TypeDuration
	case reflect.TypeFor[Count]():
		return TypeCount
	case reflect.TypeFor[Bytes]():
		return TypeBytes
	case reflect.TypeFor[Secret]():
		return TypeSecret
	}
	switch t.Kind() {
	case reflect.Bool:
		return TypeBool
	case reflect.String:
		return TypeString
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return TypeInteger
	case reflect.Float64:
		return TypeNumber
	case reflect.Struct:
		return TypeSection
	case reflect.Slice:
		if typeOf(t.Elem()) != "" {
			return TypeList
		}
	}
	return ""
}

// TypeText names the type in a sentence: "integer", "list of section".
func (f Field) TypeText() string {
	if f.Type == TypeList {
		return "list of " + f.Elem.TypeText()
	}
	if f.Type == TypeSecret {
		return "secret, or file:PATH of one"
	}
	return string(f.Type)
}

// Named reports whether a key of a document is the field's: its name, or the
// one that it had. A tool that reads YAML 1.1 makes true of the key on, and
// false of off.
func (f Field) Named(key string) bool {
	return key == f.Key || f.Was != "" && (key == f.Was || strings.ToLower(key) == booleanOf(f.Was))
}

// booleanOf is what YAML 1.1 makes of a word that YAML 1.2 leaves alone, or "".
func booleanOf(word string) string {
	switch strings.ToLower(word) {
	case "on", "yes":
		return "true"
	case "off", "no":
		return "false"
	}
	return ""
}

// limits tells the allowed values beyond the type: "one of a, b", "0 to 1",
// "at least 1", or nothing.
func (f Field) limits() string {
	switch {
	case len(f.Enum) > 0:
		return "one of " + strings.TrimPrefix(strings.Join(f.Enum, ", "), ", ")
	case f.Min != "" && f.Max != "":
		return fmt.Sprintf("%s to %s", f.Min, f.Max)
	case f.Min != "":
		return "at least " + f.Min
	case f.Max != "":
		return "at most " + f.Max
	}
	return ""
}
