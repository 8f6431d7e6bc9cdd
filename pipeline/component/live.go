package component

import "reflect"

// Tunable reports whether two configs of one component differ at most in fields
// with the tag live:"true": those that can change while the component runs. Both
// are pointers to structs of one type.
func Tunable(old, next any) bool {
	return tunable(reflect.ValueOf(old).Elem(), reflect.ValueOf(next).Elem())
}

func tunable(old, next reflect.Value) bool {
	for _, f := range structFields(old) {
		a, b := old.FieldByIndex(f.index), next.FieldByIndex(f.index)
		switch {
		case f.Live:
		case f.Type == TypeSection:
			if !tunable(a, b) {
				return false
			}
		case f.Type == TypeList && f.Elem.Type == TypeSection:
			if a.Len() != b.Len() {
				return false
			}
			for i := range a.Len() {
				if !tunable(a.Index(i), b.Index(i)) {
					return false
				}
			}
		case !reflect.DeepEqual(a.Interface(), b.Interface()):
			return false
		}
	}
	return true
}
