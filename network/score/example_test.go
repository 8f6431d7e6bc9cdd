package score_test

import (
	"fmt"

	"ganglion/network/score"
	"ganglion/pipeline"
)

func Example() {
	truth := []pipeline.Truth{
		{T: 10_000, ID: 1, X0: 10, Y0: 10, X1: 20, Y1: 20, VX: 100, Events20ms: 40},
		{T: 20_000, ID: 1, X0: 11, Y0: 10, X1: 21, Y1: 20, VX: 100, Events20ms: 40},
	}
	found := []pipeline.Detection{{
		Kind: pipeline.MotionStart, State: pipeline.Confirmed, T: 20_000, TrackID: 1,
		X0: 12, Y0: 10, X1: 21, Y1: 20, CX: 16, CY: 15, SpeedPxS: 90, Confidence: .9,
	}}
	r := score.Motion(truth, found)
	fmt.Printf("precision %v, recall %v, first box after %v ms, speed error %.2f\n",
		r.Precision, r.Recall, r.FirstBoxMS, r.SpeedErrMedian)
	// Output: precision 1, recall 0.5, first box after 20 ms, speed error 0.10
}
