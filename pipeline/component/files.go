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
func Files(cfg any) (fs []File) {
	eachFile("", reflect.ValueOf(cfg).Elem(), func(path, use string, v reflect.Value) {
		if use != "folder" {
			fs = append(fs, File{path, v.String(), use == "write"})
		}
	})
	return fs
}

// MapFiles gives every file and folder that a config names the name that to
// returns. cfg is a pointer to a struct whose lists are its own.
func MapFiles(cfg any, to func(path, name string) string) {
	eachFile("", reflect.ValueOf(cfg).Elem(), func(path, _ string, v reflect.Value) { v.SetString(to(path, v.String())) })
}

// eachFile visits the fields with a tag file that are not empty, with what the
// tag says.
func eachFile(path string, v reflect.Value, visit func(path, use string, v reflect.Value)) {
	for _, f := range structFields(v) {
		at, x := join(path, f.Key), v.FieldByIndex(f.index)
		switch {
		case f.Type == TypeSection:
			eachFile(at, x, visit)
		case f.Type == TypeList && f.Elem.Type == TypeSection:
			for i := range x.Len() {
				eachFile(join(at, strconv.Itoa(i)), x.Index(i), visit)
			}
		case f.File == "":
		case f.Type == TypeString && x.String() != "":
			visit(at, f.File, x)
		case f.Type == TypeList && f.Elem.Type == TypeString:
			for i := range x.Len() {
				visit(join(at, strconv.Itoa(i)), f.File, x.Index(i))
			}
		}
	}
}
