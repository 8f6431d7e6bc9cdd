// Command ganglion is spiking stream processing for event cameras and sound.
package main

import (
	"os"

	"ganglion/cmd"
	"ganglion/cmd/standard"
)

func main() {
	os.Exit(cmd.Main(standard.Components()...))
}
