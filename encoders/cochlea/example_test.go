package cochlea_test

import (
	"fmt"
	"math"

	"ganglion/encoders/cochlea"
	"ganglion/pipeline"
)

// Example hears 0.1 s of a tone.
func Example() {
	e, err := cochlea.New(cochlea.NewDefaultConfig(), pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: 8000, Channels: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	b := pipeline.Batch{Window: pipeline.Window{End: 100_000}}
	for i := range 800 {
		b.PCM = append(b.PCM, float32(0.1*math.Sin(2*math.Pi*1000*float64(i)/8000)))
	}
	var spikes pipeline.Spikes
	if _, err := e.Encode(&b, &spikes); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Shape(), spikes.Runs(), "frames, the first at", spikes.T[0], "µs")
	// Output: [4 40] 7 frames, the first at 30000 µs
}
