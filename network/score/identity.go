package score

import "slices"

// identityF1 is IDF1: objects and tracks are paired one to one over the whole
// recording, so that the boxes that are right under this pairing are as many
// as possible; then F1 of those.
func identityF1(ins []instant) Figure {
	together := map[int]map[uint64]int{} // object id, track id: instants at which they overlap
	var objects, boxes int
	for i := range ins {
		in := &ins[i]
		objects += len(in.objects)
		for j := range in.boxes {
			d := &in.boxes[j]
			onObject := false
			for k := range in.objects {
				g := &in.objects[k]
				if iou(g, d) < minIoU {
					continue
				}
				onObject = true
				if together[g.ID] == nil {
					together[g.ID] = map[uint64]int{}
				}
				together[g.ID][d.TrackID]++
			}
			if onObject || !in.ignores(d) {
				boxes++
			}
		}
	}
	return ratio(2*mostTogether(together), objects+boxes)
}

// mostTogether is the largest number of common instants that a one-to-one
// pairing of objects and tracks can have.
func mostTogether(together map[int]map[uint64]int) int {
	var ids []int
	var tracks []uint64
	for id, row := range together {
		ids = append(ids, id)
		for track := range row {
			tracks = append(tracks, track)
		}
	}
	slices.Sort(ids)
	slices.Sort(tracks)
	tracks = slices.Compact(tracks)
	weights := make([][]float64, len(ids))
	for i, id := range ids {
		weights[i] = make([]float64, len(tracks))
		for j, track := range tracks {
			weights[i][j] = float64(together[id][track])
		}
	}
	sum := 0
	for i, j := range assign(weights, len(tracks)) {
		if j >= 0 {
			sum += together[ids[i]][tracks[j]]
		}
	}
	return sum
}
