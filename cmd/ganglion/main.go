// Command ganglion is spiking stream processing for event cameras and sound.
package main

import (
	"os"

	"ganglion/cmd"
)

func main() {
	os.Exit(cmd.Main())
}
