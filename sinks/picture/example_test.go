package picture_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"

	"ganglion/pipeline"
	"ganglion/sinks/picture"
)

// A picture of one window.
func Example() {
	painter, err := picture.New(picture.Config{Width: 320, Height: 240, Style: picture.Polarity, Window: 20_000}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	var out bytes.Buffer
	film := picture.NewFilm(painter, 0, 20_000, func(frame *image.RGBA) error { return png.Encode(&out, frame) })
	events := []pipeline.Event{{T: 100, X: 10, Y: 20, P: pipeline.On}, {T: 200, X: 11, Y: 20, P: pipeline.Off}}
	if err := errors.Join(film.Add(events), film.Close()); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(film.Frames(), "frame of", painter.Size())
	// Output: 1 frame of (960,750)
}
