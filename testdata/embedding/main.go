// Command embedding is ganglion with a source, an encoder, a readout and a sink
// of its own: light barriers along a lane and a tally of the runners in it.
//
//	go run . run lane.yaml
package main

import (
	"os"

	"ganglion/cmd"
	"ganglion/cmd/standard"
)

func main() {
	os.Exit(cmd.Main(append(standard.Components(), barriers, steps, laps, tally)...))
}
