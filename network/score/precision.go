package score

import (
	"cmp"
	"slices"
)

// averagePrecision goes through all boxes from the surest down. Each takes the
// object of its instant that it overlaps most and that is still free; without
// one it is wrong, or left out on an ignored object. The result is the area
// under the curve of precision over recall, made monotone (Pascal VOC 2010).
// An unknown confidence counts as the lowest.
func averagePrecision(ins []instant) Figure {
	type claim struct {
		in, box    int
		confidence float32
	}
	var claims []claim
	objects := 0
	taken := make([][]bool, len(ins))
	for i := range ins {
		objects += len(ins[i].objects)
		taken[i] = make([]bool, len(ins[i].objects))
		for j := range ins[i].boxes {
			claims = append(claims, claim{i, j, ins[i].boxes[j].Confidence})
		}
	}
	if objects == 0 {
		return Undefined()
	}
	// cmp.Compare puts NaN below every number.
	slices.SortStableFunc(claims, func(a, b claim) int { return cmp.Compare(b.confidence, a.confidence) })
	var precision []float64 // at each right box
	right, all := 0, 0
	for _, c := range claims {
		in := &ins[c.in]
		hit := in.freest(c.box, taken[c.in])
		if hit < 0 && in.ignores(&in.boxes[c.box]) {
			continue
		}
		all++
		if hit >= 0 {
			taken[c.in][hit] = true
			right++
			precision = append(precision, float64(right)/float64(all))
		}
	}
	return Figure(envelope(precision) / float64(objects))
}

// freest is the free object that a box overlaps most, -1 for none.
func (in *instant) freest(box int, taken []bool) int {
	best, most := -1, minIoU
	for k := range in.objects {
		if v := iou(&in.objects[k], &in.boxes[box]); !taken[k] && v >= most && (best < 0 || v > most) {
			best, most = k, v
		}
	}
	return best
}

// envelope sums, over the right boxes, the best precision at their recall or
// a higher one.
func envelope(precision []float64) float64 {
	sum, best := 0., 0.
	for _, p := range slices.Backward(precision) {
		best = max(best, p)
		sum += best
	}
	return sum
}
