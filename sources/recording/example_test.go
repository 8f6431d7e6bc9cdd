package recording_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// Writing a recording, and reading it back.
func Example() {
	dir, err := os.MkdirTemp("", "recording")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "out.raw")

	w, err := recording.Create(path, "evt3", format.Info{Width: 320, Height: 240})
	if err != nil {
		log.Fatal(err)
	}
	events := []pipeline.Event{{T: 1000, X: 17, Y: 4, P: pipeline.On}, {T: 1020, X: 18, Y: 4, P: pipeline.Off}}
	if err := w.Write(events); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}

	r, err := recording.Open(path, recording.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	fmt.Println(r.Info.Format, r.Info.Width, r.Info.Height)
	b := format.NewBlock(4096)
	for err = r.Read(b); err == nil; err = r.Read(b) {
		for _, e := range b.Events {
			fmt.Println(e.T, e.X, e.Y, e.P)
		}
	}
	if !errors.Is(err, io.EOF) {
		log.Fatal(err)
	}
	// Output:
	// evt3 320 240
	// 1000 17 4 1
	// 1020 18 4 0
}
