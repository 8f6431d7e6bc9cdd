package audio_test

import (
	"fmt"

	"ganglion/sources/audio"
)

// Example brings a second of sound from 48 kHz to 16 kHz in pieces.
func Example() {
	r, err := audio.NewResampler(48_000, 16_000, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	var out []float32
	for range 100 {
		out = r.Append(out, make([]float32, 480))
	}
	out = r.Flush(out)
	fmt.Println(len(out))
	// Output: 16000
}
