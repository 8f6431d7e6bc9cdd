package table

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// Every length of a time and of an address, times that repeat, and the first one
// zero: the text is what fmt prints.
func TestCSVIsThePlainText(t *testing.T) {
	t.Parallel()
	var events []pipeline.Event
	var want strings.Builder
	want.WriteString("t,x,y,p\n")
	times := []int64{0, 0, 9, 10, 99_999, -1, math.MaxInt64, math.MinInt64, math.MinInt64}
	for i := range 70_000 {
		ev := pipeline.Event{T: times[i%len(times)], X: uint16(i), Y: uint16(69_999 - i), P: uint8(i & 1)}
		events = append(events, ev)
		fmt.Fprintf(&want, "%d,%d,%d,%d\n", ev.T, ev.X, ev.Y, ev.P)
	}
	e := newCSVEncoder(&format.Sink{})
	var got []byte
	for len(events) > 0 {
		n := min(len(events), 512)
		got = append(got, e.Events(nil, events[:n])...)
		events = events[n:]
	}
	if string(got) != want.String() {
		t.Fatal("the text is another one")
	}
}
