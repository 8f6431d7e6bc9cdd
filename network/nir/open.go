package nir

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"ganglion/configs"
)

// Content is what a model is read from.
type Content interface {
	io.ReaderAt
	io.Closer
}

// builtinPrefix begins the names of networks that come with the program.
const builtinPrefix = "builtin:"

// Builtin lists the networks that come with the program, as [Open] takes them.
func Builtin() (list []string) {
	for _, name := range configs.Networks() {
		list = append(list, builtinPrefix+name)
	}
	return list
}

// Open opens a file for [Read] and returns its size in bytes; builtin:NAME is a
// network that comes with the program, such as builtin:computer.
func Open(path string) (Content, int64, error) {
	if name, ok := strings.CutPrefix(path, builtinPrefix); ok {
		data, err := configs.Model(name)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", path, err)
		}
		return builtin{bytes.NewReader(data)}, int64(len(data)), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// builtin is a file in memory.
type builtin struct{ *bytes.Reader }

func (builtin) Close() error { return nil }
