package track

import (
	"testing"
	"time"

	"ganglion/pipeline"
)

// TestWhatThePictureCarriesAlongEnds moves boxes before a picture that moves by 150 px/s.
func TestWhatThePictureCarriesAlongEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		speed   float64 // of the box, px/s
		picture float64
		lives   bool
	}{
		{"with the picture", 150, 150, false},
		{"nearly with it", 165, 150, false},
		{"against it", -100, 150, true},
		{"faster than it", 300, 150, true},
		{"before a still picture", 100, 0, true},
		{"beside a slow picture", 5, 5, true},
	} {
		k := New(NewDefaultConfig(), Setup{Period: 10 * time.Millisecond, Width: 2000, Height: 200})
		found := map[pipeline.Kind]int{}
		for i := range 60 {
			x := 1000 + c.speed*float64(i)*.01
			b := Blob{
				Box: Box{Vec{x, 50}, Vec{x + 20, 70}}, Centroid: Vec{x + 10, 60}, N: 40, On: 20,
				Velocity: Vec{X: c.speed}, Flow: true, Evidence: 100,
			}
			k.Predict()
			if len(k.Tracks) == 0 {
				k.Start(&b)
			} else {
				k.Correct(k.Tracks[0], &b)
			}
			k.Demand(14)
			for _, tr := range k.Tracks {
				k.Carry(tr, Vec{X: c.picture})
			}
			for _, d := range k.Publish(int64(i+1)*10_000, nil) {
				found[d.Kind]++
			}
		}
		if updates := found[pipeline.MotionUpdate]; c.lives && updates < 40 || !c.lives && updates+found[pipeline.MotionStart] > 0 {
			t.Errorf("%s: %v", c.name, found)
		}
	}
}
