package events

import (
	"slices"

	"ganglion/pipeline"
)

// sorter puts the ids of every run of a train in ascending order. Where runs are
// short it sorts them one by one, else it is a radix sort of the whole window by
// the bytes of the id, lowest first, and then by run: sorting long runs one by one
// makes the whole encoder 1.7 times as slow on 24 ids a run and 4 times on 500 (a
// grid of 1 ms).
type sorter struct {
	digits    int      // bytes of the largest id
	from, to  []uint64 // run<<32 | id
	positions []uint32 // where the next id of a run goes
}

// shortRun is the mean number of ids below which runs are short: slices.Sort is an
// insertion sort up to a dozen.
const shortRun = 6

func newSorter(neurons int) sorter {
	digits := 1
	for n := neurons - 1; n > 0xff; n >>= 8 {
		digits++
	}
	return sorter{digits: digits}
}

// unsorted lists the runs that are not in order, some of them more than once.
func (s *sorter) sort(train *pipeline.Spikes, unsorted []int) {
	n := train.Len()
	if n < shortRun*train.Runs() {
		for _, run := range unsorted {
			slices.Sort(train.Run(run))
		}
		return
	}
	from := slices.Grow(s.from[:0], n)[:n]
	to := slices.Grow(s.to[:0], n)[:n]
	var counts [4][256]uint32
	for run := range train.Runs() {
		for i := train.Offsets[run]; i < train.Offsets[run+1]; i++ {
			id := train.IDs[i]
			from[i] = uint64(run)<<32 | uint64(id)
			counts[0][id&0xff]++
			counts[1][id>>8&0xff]++
			counts[2][id>>16&0xff]++
			counts[3][id>>24]++
		}
	}
	for d := range s.digits {
		scatter(from, to, uint(8*d), &counts[d])
		from, to = to, from
	}
	s.from, s.to = from, to
	s.positions = append(s.positions[:0], train.Offsets...)
	for _, key := range from {
		at := &s.positions[key>>32]
		train.IDs[*at] = uint32(key)
		*at++
	}
}

// scatter moves the keys in order of one byte, equal ones in their old order.
func scatter(from, to []uint64, shift uint, counts *[256]uint32) {
	at := uint32(0)
	for digit, count := range counts {
		counts[digit] = at
		at += count
	}
	for _, key := range from {
		digit := uint8(key >> shift)
		to[counts[digit]] = key
		counts[digit]++
	}
}
