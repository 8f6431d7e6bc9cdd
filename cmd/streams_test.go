package cmd

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"ganglion/sources/format"
)

// Of many streams the first are listed, and the one that is read.
func TestManyStreamsFillNoScreen(t *testing.T) {
	t.Parallel()
	var streams []format.StreamInfo
	for i := range 40 {
		streams = append(streams, format.StreamInfo{Name: fmt.Sprintf("/topic%d", i), Kind: "other", Read: i == 30})
	}
	var out bytes.Buffer
	writeStreams(&out, streams)
	if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); len(lines) != mostStreams+2 ||
		lines[mostStreams] != "stream\t/topic30: other, read" || lines[mostStreams+1] != "stream\tand 15 more: --json lists them all" {
		t.Errorf("%d lines:\n%s", len(lines), out.String())
	}
}
