// Package configs carries the networks of this folder inside the program, so that
// they are found from anywhere: wherever a NIR file is read, builtin:NAME is the
// one of that name.
//
//	network:  {model: nir, path: builtin:computer, step: 10ms, dt: 10ms}
//	readout:  {type: keyword, model: builtin:computer}
package configs

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed *.nir
var models embed.FS

// Model is the NIR file of a network of this folder, such as computer.
func Model(name string) ([]byte, error) {
	data, err := models.ReadFile(name + ".nir")
	if err != nil {
		return nil, fmt.Errorf("is not among the networks that come with the program: %s", strings.Join(Networks(), ", "))
	}
	return data, nil
}

// Networks lists the names that [Model] knows.
func Networks() []string {
	files, _ := fs.Glob(models, "*.nir") // the pattern is right
	for i, f := range files {
		files[i] = strings.TrimSuffix(f, ".nir")
	}
	return files
}
