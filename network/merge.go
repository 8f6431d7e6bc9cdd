package network

import "ganglion/pipeline"

// collect merges what the shards of a layer did.
func (l *layer) collect(out *pipeline.LayerActivity) {
	if len(l.outs) == 1 && out.Spikes.Len() == 0 {
		out.Spikes, l.outs[0].Spikes = l.outs[0].Spikes, out.Spikes
	} else {
		merge(l.outs, &out.Spikes)
	}
	l.count(out)
}

func (l *layer) count(out *pipeline.LayerActivity) {
	for _, c := range l.counts {
		out.SynOps += c.synOps
		out.Updates += c.updates
	}
}

// merge appends the spikes of several trains to out in canonical order: by time,
// then by id. Each train is in that order, and an id appears in one train only,
// since each neuron has one shard, so the merge has one result whatever the
// number of trains. It runs between barriers, on the caller's goroutine, and is
// the only writer of a layer's train.
//
// A run that one train alone holds is copied; runs whose ids follow each other,
// as those of flat layers do, are joined without comparing ids. Clearing the
// positions at every time in place of once gave 12.1 in place of 12.4 million
// events/s on two shards (docs/performance.md).
func merge(trains []shardTrain, out *pipeline.Spikes) {
	var pos, at, end [maxShards]int // by train; cleared once, not at every run
	for {
		t, holders, last := int64(0), 0, 0
		for i := range trains {
			if p := pos[i]; p < len(trains[i].T) {
				switch ti := trains[i].T[p]; {
				case holders == 0 || ti < t:
					t, holders, last = ti, 1, i
				case ti == t:
					holders++
				}
			}
		}
		switch holders {
		case 0:
			return
		case 1:
			appendRun(out, &trains[last].Spikes, pos[last])
			pos[last]++
		default:
			mergeRun(trains, pos[:len(trains)], at[:len(trains)], end[:len(trains)], t, out)
		}
	}
}

// appendIDs appends a run of spikes at a time behind all that out has.
func appendIDs(out *pipeline.Spikes, t int64, ids []uint32) {
	if len(out.Offsets) == 0 {
		out.Offsets = append(out.Offsets, 0)
	}
	out.T, out.IDs = append(out.T, t), append(out.IDs, ids...)
	out.Offsets = append(out.Offsets, uint32(len(out.IDs)))
}

func appendRun(out, in *pipeline.Spikes, run int) {
	lo, hi := in.Offsets[run], in.Offsets[run+1]
	if len(out.Offsets) == 0 {
		out.Offsets = append(out.Offsets, 0)
	}
	out.T = append(out.T, in.T[run])
	out.IDs = append(out.IDs, in.IDs[lo:hi]...)
	if len(in.Values) > 0 {
		out.Values = append(out.Values, in.Values[lo:hi]...)
	}
	out.Offsets = append(out.Offsets, uint32(len(out.IDs)))
}

// mergeRun merges the runs at time t of all trains that have one and moves pos
// behind them. at and end are scratch.
func mergeRun(trains []shardTrain, pos, at, end []int, t int64, out *pipeline.Spikes) {
	for i := range trains {
		at[i], end[i] = 0, 0
		if p := pos[i]; p < len(trains[i].T) && trains[i].T[p] == t {
			at[i], end[i] = int(trains[i].Offsets[p]), int(trains[i].Offsets[p+1])
			pos[i]++
		}
	}
	if len(out.Offsets) == 0 {
		out.Offsets = append(out.Offsets, 0)
	}
	if inTurn(trains, at, end) {
		for i := range trains {
			s := &trains[i]
			out.IDs = append(out.IDs, s.IDs[at[i]:end[i]]...)
			if len(s.Values) > 0 {
				out.Values = append(out.Values, s.Values[at[i]:end[i]]...)
			}
		}
	} else {
		mergeIDs(trains, at, end, out)
	}
	out.T = append(out.T, t)
	out.Offsets = append(out.Offsets, uint32(len(out.IDs)))
}

// inTurn reports whether the ids of each train from at to end lie behind those of
// the trains before it, as they do in flat layers.
func inTurn(trains []shardTrain, at, end []int) bool {
	last := -1
	for i := range trains {
		if at[i] < end[i] {
			if int(trains[i].IDs[at[i]]) <= last {
				return false
			}
			last = int(trains[i].IDs[end[i]-1])
		}
	}
	return true
}

// mergeIDs appends the ids of all trains from at to end, ascending.
func mergeIDs(trains []shardTrain, at, end []int, out *pipeline.Spikes) {
	for {
		best := -1
		for i := range trains {
			if at[i] < end[i] && (best < 0 || trains[i].IDs[at[i]] < trains[best].IDs[at[best]]) {
				best = i
			}
		}
		if best < 0 {
			return
		}
		s := &trains[best]
		out.IDs = append(out.IDs, s.IDs[at[best]])
		if len(s.Values) > 0 {
			out.Values = append(out.Values, s.Values[at[best]])
		}
		at[best]++
	}
}
