package random_test

import (
	"math"
	"slices"
	"testing"

	"ganglion/internal/random"
)

func TestNumbersHaveTheMomentsTheyPromise(t *testing.T) {
	t.Parallel()
	const n = 100_000
	k := random.New(7).With(3)
	var uniform, normal, square float64
	var below [5]int
	for i := range uint64(n) {
		u := k.Uniform(i)
		if u <= 0 || u >= 1 {
			t.Fatalf("number %d is %v", i, u)
		}
		z := k.With(1).Normal(i)
		uniform, normal, square = uniform+u, normal+z, square+z*z
		below[k.With(2).Below(i, 5)]++
	}
	if math.Abs(uniform/n-.5) > .005 || math.Abs(normal/n) > .015 || math.Abs(square/n-1) > .02 {
		t.Errorf("means %v and %v, square %v", uniform/n, normal/n, square/n)
	}
	for i, c := range below {
		if c < n/5-600 || c > n/5+600 {
			t.Errorf("%d was drawn %d times of %d", i, c, n)
		}
	}
	if v := k.Between(9, 2, 3); v <= 2 || v >= 3 {
		t.Errorf("%v is not between 2 and 3", v)
	}
}

func TestKeysAndSeedsGiveOtherNumbersAndTheSameKeyTheSame(t *testing.T) {
	t.Parallel()
	seen := map[uint64]bool{}
	for seed := range uint64(10) {
		for use := range uint64(10) {
			for n := range uint64(10) {
				seen[random.New(seed).With(use).Bits(n)] = true
			}
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d different numbers of 1000", len(seen))
	}
	if random.New(1).With(2, 3) != random.New(1).With(2).With(3) {
		t.Error("two words at once are not two words in turn")
	}
}

func TestShuffleIsAPermutation(t *testing.T) {
	t.Parallel()
	order := make([]int, 100)
	random.New(1).Shuffle(order)
	if slices.IsSorted(order) {
		t.Error("nothing moved")
	}
	slices.Sort(order)
	for i, v := range order {
		if i != v {
			t.Fatalf("%v is not a permutation", order)
		}
	}
}
