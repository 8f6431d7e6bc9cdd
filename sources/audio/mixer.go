package audio

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// mixer chooses channels, or takes the mean of all. Exactly one of its ways is
// set.
type mixer struct {
	mean, all bool
	pick      []int
}

func parseChannels(s string) (mixer, error) {
	switch s {
	case "mix":
		return mixer{mean: true}, nil
	case "all":
		return mixer{all: true}, nil
	case "left":
		return mixer{pick: []int{0}}, nil
	case "right":
		return mixer{pick: []int{1}}, nil
	}
	var m mixer
	for field := range strings.SplitSeq(s, ",") {
		i, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || i < 0 || i >= maxChannels {
			return m, fmt.Errorf("%q is none of mix, left, right, all and a list such as 0,2", s)
		}
		m.pick = append(m.pick, i)
	}
	return m, nil
}

// channels is the number that remains of n. "right" of one channel is that one.
func (m mixer) channels(n int) (int, error) {
	switch {
	case m.mean:
		return 1, nil
	case m.all:
		return n, nil
	case n > 1 || len(m.pick) > 1:
		if i := slices.Max(m.pick); i >= n {
			return 0, fmt.Errorf("channel %d is chosen of a stream of %d", i, n)
		}
	}
	return len(m.pick), nil
}

// append adds the chosen part of frames of n interleaved channels to dst.
func (m mixer) append(dst, src []float32, n int) []float32 {
	switch {
	case m.all || n == 1 && len(m.pick) <= 1:
		return append(dst, src...)
	case m.mean:
		return appendMean(dst, src, n)
	}
	for ; len(src) >= n; src = src[n:] {
		for _, i := range m.pick {
			dst = append(dst, src[i])
		}
	}
	return dst
}

func appendMean(dst, src []float32, n int) []float32 {
	for ; len(src) >= n; src = src[n:] {
		var sum float32
		for _, x := range src[:n] {
			sum += x
		}
		dst = append(dst, sum/float32(n))
	}
	return dst
}
