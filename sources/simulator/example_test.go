package simulator_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"time"

	"ganglion/sources/simulator"
)

// A recording is made frame by frame, so its length costs no memory.
func Example() {
	s, err := simulator.New(simulator.Config{Scene: "bar-0", Width: 64, Height: 64, Duration: 30 * time.Millisecond})
	if err != nil {
		log.Fatal(err)
	}
	var f simulator.Frame
	for {
		err := s.Next(&f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		for _, g := range f.Truth {
			fmt.Printf("%d µs: object %d at x %.1f..%.1f made %d events in 20 ms\n", g.T, g.ID, g.X0, g.X1, g.Events20ms)
		}
	}
	// Output:
	// 10000 µs: object 1 at x 12.0..15.7 made 50 events in 20 ms
	// 20000 µs: object 1 at x 12.4..16.2 made 88 events in 20 ms
	// 30000 µs: object 1 at x 12.9..16.6 made 123 events in 20 ms
}
