package checkpoint

import (
	"errors"
	"fmt"
)

// Identity is what a run must have in common with the run that wrote a
// snapshot: values of the configuration, form of the stream, shape of the
// network, each under a name that a person knows.
type Identity []Value

// Value is one named value.
type Value struct{ Key, Text string }

// Add appends a value.
func (id *Identity) Add(key string, value any) {
	*id = append(*id, Value{key, fmt.Sprint(value)})
}

// Check says in which values a snapshot with this identity differs from the
// run that wants to resume from it, or returns nil.
func (id Identity) Check(mine Identity) error {
	var errs []error
	here := mine.index()
	for _, v := range id {
		text, ok := here[v.Key]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("%s is %q in the snapshot and absent here", v.Key, v.Text))
		case text != v.Text:
			errs = append(errs, fmt.Errorf("%s is %q in the snapshot and %q here", v.Key, v.Text, text))
		}
	}
	there := id.index()
	for _, v := range mine {
		if _, ok := there[v.Key]; !ok {
			errs = append(errs, fmt.Errorf("%s is absent in the snapshot and %q here", v.Key, v.Text))
		}
	}
	return errors.Join(errs...)
}

func (id Identity) index() map[string]string {
	m := make(map[string]string, len(id))
	for _, v := range id {
		m[v.Key] = v.Text
	}
	return m
}
