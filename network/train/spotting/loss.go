package spotting

import (
	"slices"

	"ganglion/internal/portable"
)

// Aim says where the loss is taken, in steps around the end of the word.
type Aim struct {
	Early int `key:"early" doc:"The word is wanted from so many steps before its end." min:"0" max:"100"`
	Late  int `key:"late" doc:"To so many after it." min:"1" max:"200"`
	Free  int `key:"free" doc:"For so many after that, nothing is wanted." min:"0" max:"1000"`
	Worst int `key:"worst" doc:"So many steps without the word count most, the surest of the word." min:"1" max:"1000"`
}

// defaultAim suits steps of 10 ms.
func defaultAim() Aim { return Aim{Early: 2, Late: 20, Free: 30, Worst: 8} }

// The classes.
const (
	otherClass = iota
	wordClass
	classes
)

// meanWeight is what the mean over all steps without the word weighs beside
// the worst ones.
const meanWeight = .25

// loss is that of a window with logits [steps, classes], and its derivative,
// which it adds to grad. right reports whether the word was surest where it is, or
// that no step held it for likely.
func (a Aim) loss(logits, grad []float32, start, end int) (loss float64, right bool) {
	steps := len(logits) / classes
	wanted := func(t int) bool { return end >= 0 && t >= end-a.Early && t < end+a.Late }
	free := func(t int) bool { return end >= 0 && t >= (start+end)/2 && t < end+a.Late+a.Free }
	var others []int
	in := 0
	for t := range steps {
		switch {
		case wanted(t):
			in++
		case !free(t):
			others = append(others, t)
		}
	}
	p := func(t int) float64 { // of the word
		return 1 / (1 + portable.Exp(float64(logits[t*classes+otherClass]-logits[t*classes+wordClass])))
	}
	put := func(t int, d float64) { // derivative by the logit of the word
		grad[t*classes+wordClass] += float32(d)
		grad[t*classes+otherClass] -= float32(d)
	}
	sure, doubt := 0., 0.
	for t := max(end-a.Early, 0); in > 0 && t < min(end+a.Late, steps); t++ {
		q := p(t)
		sure += q / float64(in)
		loss -= portable.Log(max(q, 1e-12)) / float64(in)
		put(t, (q-1)/float64(in))
	}
	slices.SortStableFunc(others, func(x, y int) int { // the surest first
		dx := logits[x*classes+wordClass] - logits[x*classes+otherClass]
		dy := logits[y*classes+wordClass] - logits[y*classes+otherClass]
		switch {
		case dx > dy:
			return -1
		case dx < dy:
			return 1
		}
		return 0
	})
	worst := min(a.Worst, len(others))
	for i, t := range others {
		weight := meanWeight / float64(len(others))
		q := p(t)
		if i < worst {
			weight += 1 / float64(worst)
			doubt += q / float64(worst)
		}
		loss -= float64(weight * portable.Log(max(1-q, 1e-12)))
		put(t, weight*q)
	}
	return loss, doubt < .5 && (in == 0 || sure > .5)
}
