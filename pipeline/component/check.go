package component

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// Check reports every mistake in a declaration: a missing summary, a config
// field without key or doc, bounds that cannot be read, a default that the
// config's own rules refuse. A test calls it through [Table.Check].
func (s Spec) Check() error {
	var faults []string
	if s.Name == "" || s.Summary == "" || strings.HasSuffix(s.Summary, ".") {
		faults = append(faults, "wants a name and a one-line summary without a full stop")
	}
	cfg := s.Defaults()
	if reflect.TypeOf(cfg).Elem().Kind() != reflect.Struct {
		faults = append(faults, "its config is not a struct")
	} else {
		faults = append(faults, checkFields("", Fields(cfg))...)
		faults = append(faults, checkExamples(Fields(cfg))...)
	}
	if len(faults) == 0 {
		for _, p := range Validate(cfg) {
			if p.Cause != "required" {
				faults = append(faults, "default of "+p.Error())
			}
		}
	}
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = fmt.Errorf("%s %q: %s", s.Kind, s.Name, f)
	}
	return errors.Join(errs...)
}

func checkFields(path string, fields []Field) []string {
	var faults []string
	seen := map[string]bool{}
	for _, f := range fields {
		if !keyForm.MatchString(f.Key) || seen[f.Key] {
			faults = append(faults, fmt.Sprintf("field %v after %q: key %q is missing, malformed or taken", f.index, path, f.Key))
			continue
		}
		seen[f.Key] = true
		at := join(path, f.Key)
		if fault := f.check(); fault != "" {
			faults = append(faults, at+": "+fault)
		}
		faults = append(faults, checkFields(at, f.Fields)...)
		if f.Elem != nil {
			faults = append(faults, checkFields(at, f.Elem.Fields)...)
		}
	}
	return faults
}

// checkExamples wants what [Spec.Example] needs.
func checkExamples(fields []Field) []string {
	var faults []string
	for _, f := range fields {
		if f.Required && f.Example == "" {
			faults = append(faults, f.Key+": is required and has no example")
		}
	}
	return faults
}

func (f Field) check() string {
	scalar := f
	for scalar.Elem != nil {
		scalar = *scalar.Elem
	}
	numeric := scalar.Type == TypeInteger || scalar.Type == TypeNumber || scalar.Type == TypeDuration || scalar.Type == TypeCount ||
		scalar.Type == TypeBytes
	_, minErr := scalar.bound(f.Min)
	_, maxErr := scalar.bound(f.Max)
	switch {
	case f.Type == "":
		return "a config cannot have this Go type"
	case booleanOf(f.Key) != "":
		return "YAML 1.1 reads the key as a boolean"
	case f.Doc == "":
		return "has no doc"
	case len(f.Enum) > 0 && scalar.Type != TypeString:
		return "enum is for strings"
	case f.Min+f.Max != "" && !numeric:
		return "bounds are for numbers and durations"
	case f.Min != "" && minErr != nil, f.Max != "" && maxErr != nil:
		return "bound cannot be read as " + string(scalar.Type)
	case f.Required && f.Type == TypeBool:
		return "a bool cannot be required"
	}
	return ""
}
