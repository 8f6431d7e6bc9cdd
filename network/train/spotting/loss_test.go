package spotting

import (
	"math"
	"testing"

	"ganglion/internal/random"
)

var aim = Aim{Early: 2, Late: 5, Free: 4, Worst: 3}

// classes are those of a network for one word.
const classes = wordClass + 1

// logitsOf draws logits of so many classes for 40 steps.
func logitsOf(seed uint64, classes int) []float32 {
	key := random.New(seed)
	l := make([]float32, 40*classes)
	for i := range l {
		l[i] = float32(2 * key.Normal(uint64(i)))
	}
	return l
}

func TestLossHasTheDerivativeThatItSays(t *testing.T) {
	t.Parallel()
	for _, classes := range []int{2, 5} {
		for _, w := range []said{{1, -1, -1}, {1, 10, 20}, {classes - 1, 0, 3}, {1, 30, 39}} {
			logits := logitsOf(3, classes)
			grad := make([]float32, len(logits))
			aim.loss(logits, grad, classes, w)
			for i := range logits {
				const h = 1e-3 // too small to change which steps are the worst
				old := logits[i]
				scratch := make([]float32, len(logits))
				logits[i] = old + h
				above, _ := aim.loss(logits, scratch, classes, w)
				logits[i] = old - h
				below, _ := aim.loss(logits, scratch, classes, w)
				logits[i] = old
				want := (above - below) / (2 * h)
				if math.Abs(want-float64(grad[i])) > 5e-4 {
					t.Errorf("%d classes, word %v, logit %d: %v, differences say %v", classes, w, i, grad[i], want)
				}
			}
		}
	}
}

// One of many words is told from the others, not only from all else.
func TestLossTellsWordsApart(t *testing.T) {
	t.Parallel()
	const classes = 4
	loss := func(class int) (float64, bool) {
		l := make([]float32, 40*classes)
		for t := range 40 {
			l[t*classes+otherClass] = 8
			if t >= 18 && t < 25 {
				l[t*classes+otherClass], l[t*classes+2] = 0, 8
			}
		}
		return aim.loss(l, make([]float32, len(l)), classes, said{class, 10, 20})
	}
	if v, right := loss(2); !right || v > .1 {
		t.Errorf("the word that was said: %v, right %t", v, right)
	}
	for _, class := range []int{1, 3} {
		if v, right := loss(class); right || v < 5 {
			t.Errorf("word %d heard as word 2: %v, right %t", class, v, right)
		}
	}
}

// heard are logits that are sure of the word in steps [from, to).
func heard(from, to int) []float32 {
	l := make([]float32, 40*classes)
	for t := range 40 {
		l[t*classes+wordClass] = -4
		if t >= from && t < to {
			l[t*classes+wordClass] = 4
		}
	}
	return l
}

func TestLossIsLowWhereTheWordIsHeardAtItsEndAndNowhereElse(t *testing.T) {
	t.Parallel()
	loss := func(l []float32, start, end int) (float64, bool) {
		return aim.loss(l, make([]float32, len(l)), classes, said{wordClass, start, end})
	}
	good, right := loss(heard(18, 25), 10, 20)
	if !right || good > .1 {
		t.Errorf("heard at its end: %v, right %t", good, right)
	}
	for name, l := range map[string][]float32{"too early": heard(4, 12), "too late": heard(31, 38), "not at all": heard(0, 0)} {
		if v, right := loss(l, 10, 20); right || v < good+1 {
			t.Errorf("%s: %v, right %t", name, v, right)
		}
	}
	if v, right := loss(heard(16, 28), 10, 20); !right || v > .1 {
		t.Errorf("a little early and late, where nothing is wanted: %v, right %t", v, right)
	}
	if v, right := loss(heard(5, 8), -1, -1); right || v < 1 {
		t.Errorf("heard where it was not said: %v, right %t", v, right)
	}
	if v, right := loss(heard(0, 0), -1, -1); !right || v > .1 {
		t.Errorf("not said and not heard: %v, right %t", v, right)
	}
}
