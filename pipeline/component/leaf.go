package component

import (
	"cmp"
	"reflect"
	"strconv"
)

// Leaf is one value of a config.
type Leaf struct {
	Path string // "tiles.0.width"
	Type Type
	Text string // as YAML, secrets redacted

	// ID is the path under the names that keys had first, for hashes.
	ID string
}

// Leaves lists the values of a config in the order of its fields, sections
// taken apart and lists of sections too. cfg is a pointer to a struct.
func Leaves(cfg any) []Leaf { return structLeaves(nil, "", "", reflect.ValueOf(cfg).Elem()) }

func structLeaves(ls []Leaf, path, id string, v reflect.Value) []Leaf {
	for _, f := range structFields(v) {
		at, x := join(path, f.Key), v.FieldByIndex(f.index)
		was := join(id, cmp.Or(f.Was, f.Key))
		switch {
		case f.Type == TypeSection:
			ls = structLeaves(ls, at, was, x)
		case f.Type == TypeList && f.Elem.Type == TypeSection && x.Len() > 0:
			for i := range x.Len() {
				ls = structLeaves(ls, join(at, strconv.Itoa(i)), join(was, strconv.Itoa(i)), x.Index(i))
			}
		default:
			ls = append(ls, Leaf{at, f.Type, yamlValue(x), was})
		}
	}
	return ls
}
