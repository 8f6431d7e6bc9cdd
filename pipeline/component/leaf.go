package component

import (
	"reflect"
	"strconv"
)

// Leaf is one value of a config.
type Leaf struct {
	Path string // "tiles.0.width"
	Type Type
	Text string // as YAML, secrets redacted
}

// Leaves lists the values of a config in the order of its fields, sections
// taken apart and lists of sections too. cfg is a pointer to a struct.
func Leaves(cfg any) []Leaf { return structLeaves(nil, "", reflect.ValueOf(cfg).Elem()) }

func structLeaves(ls []Leaf, path string, v reflect.Value) []Leaf {
	for _, f := range structFields(v) {
		at, x := join(path, f.Key), v.FieldByIndex(f.index)
		switch {
		case f.Type == TypeSection:
			ls = structLeaves(ls, at, x)
		case f.Type == TypeList && f.Elem.Type == TypeSection && x.Len() > 0:
			for i := range x.Len() {
				ls = structLeaves(ls, join(at, strconv.Itoa(i)), x.Index(i))
			}
		default:
			ls = append(ls, Leaf{at, f.Type, yamlValue(x)})
		}
	}
	return ls
}
