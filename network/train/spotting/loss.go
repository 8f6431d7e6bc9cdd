package spotting

import (
	"cmp"
	"math"
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

// The classes: all else, and the words from wordClass on.
const (
	otherClass = iota
	wordClass
)

// said is what a window holds: a word of a class in steps [start, end). end is
// below 0 where there is none.
type said struct{ class, start, end int }

// meanWeight is what the mean over all steps without the word weighs beside
// the worst ones.
const meanWeight = .25

// loss is that of a window with logits [steps, classes], and its derivative,
// which it adds to grad. right reports whether the word was surest where it is,
// and that no step held one for likely where there is none.
func (a Aim) loss(logits, grad []float32, classes int, w said) (loss float64, right bool) {
	steps := len(logits) / classes
	row := func(v []float32, t int) []float32 { return v[t*classes : (t+1)*classes] }
	wanted := func(t int) bool { return w.end >= 0 && t >= w.end-a.Early && t < w.end+a.Late }
	free := func(t int) bool { return w.end >= 0 && t >= (w.start+w.end)/2 && t < w.end+a.Late+a.Free }
	var others []int
	odds := make([]float32, steps) // of any word
	shares := make([]float64, classes)
	in := 0
	for t := range steps {
		switch {
		case wanted(t):
			in++
		case !free(t):
			others = append(others, t)
			odds[t] = rest(row(logits, t), otherClass, shares) - logits[t*classes+otherClass]
		}
	}
	sure, doubt := 0., 0.
	for t := max(w.end-a.Early, 0); in > 0 && t < min(w.end+a.Late, steps); t++ {
		l, g := row(logits, t), row(grad, t)
		q := 1 / (1 + portable.Exp(float64(rest(l, w.class, shares)-l[w.class])))
		sure += q / float64(in)
		loss -= portable.Log(max(q, 1e-12)) / float64(in)
		push(g, w.class, (q-1)/float64(in), shares)
	}
	slices.SortStableFunc(others, func(x, y int) int { return cmp.Compare(odds[y], odds[x]) }) // the surest first
	worst := min(a.Worst, len(others))
	for i, t := range others {
		weight := meanWeight / float64(len(others))
		q := 1 / (1 + portable.Exp(float64(-odds[t])))
		if i < worst {
			weight += 1 / float64(worst)
			doubt += q / float64(worst)
		}
		loss -= float64(weight * portable.Log(max(1-q, 1e-12)))
		rest(row(logits, t), otherClass, shares)
		push(row(grad, t), otherClass, -weight*q, shares)
	}
	return loss, doubt < .5 && (in == 0 || sure > .5)
}

// rest is the logarithm of the summed exponentials of all logits but that of a
// class; shares gets what each has of the sum.
func rest(logits []float32, class int, shares []float64) float32 {
	most := float32(math.Inf(-1))
	for i, l := range logits {
		if i != class {
			most = max(most, l)
		}
	}
	sum := 0.
	for i, l := range logits {
		shares[i] = 0
		if i != class {
			shares[i] = portable.Exp(float64(l - most))
			sum += shares[i]
		}
	}
	for i := range shares {
		shares[i] /= sum
	}
	return float32(float64(most) + portable.Log(sum))
}

// push adds a derivative by the log odds of a class against the rest.
func push(grad []float32, class int, d float64, shares []float64) {
	grad[class] += float32(d)
	for i, s := range shares {
		if i != class {
			grad[i] -= float32(d * s)
		}
	}
}
