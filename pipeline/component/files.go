package component

import (
	"reflect"
	"strconv"
)

// File is a value of a config that names a file.
type File struct {
	Path   string // of the key, "tls.ca"
	Text   string // what it names
	Writes bool   // and does not read
}

// Files lists the files that a config names: the fields with the tag file:"read"
// or file:"write" that are not empty. cfg is a pointer to a struct.
func Files(cfg any) []File { return structFiles(nil, "", reflect.ValueOf(cfg).Elem()) }

func structFiles(fs []File, path string, v reflect.Value) []File {
	for _, f := range structFields(v) {
		at, x := join(path, f.Key), v.FieldByIndex(f.index)
		switch {
		case f.Type == TypeSection:
			fs = structFiles(fs, at, x)
		case f.File != "" && x.Kind() == reflect.String && x.String() != "":
			fs = append(fs, File{at, x.String(), f.File == "write"})
		case f.File != "" && f.Type == TypeList && f.Elem.Type == TypeString:
			for i := range x.Len() {
				fs = append(fs, File{join(at, strconv.Itoa(i)), x.Index(i).String(), f.File == "write"})
			}
		}
	}
	return fs
}
