package labels

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ganglion/network/score"
	"ganglion/pipeline"
	"ganglion/sources/format/table"
)

// ReadTruth reads where objects were: JSON lines as `simulate --truth` writes them,
// the labels of Prophesee's data sets (NAME_bbox.npy), or those of the MOTChallenge
// (.txt) with so many frames per second, 0 for what their seqinfo.ini tells
// ([ErrNoRate] where there is none).
func ReadTruth(file string, rate float64) ([]pipeline.Truth, error) {
	ext := strings.ToLower(filepath.Ext(file))
	if ext == ".txt" && rate == 0 {
		var err error
		if rate, err = sequenceRate(file); err != nil {
			return nil, err
		}
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var truth []pipeline.Truth
	switch ext {
	case ".txt", ".npy":
		var boxes []table.Box
		if ext == ".txt" {
			boxes, err = readMOT(f, rate)
		} else {
			boxes, err = table.ReadBoxes(f)
		}
		truth = truthOf(boxes)
	default:
		truth, err = collect(score.Truths(f))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return truth, nil
}

// Beside is the file that holds the truth of a recording: NAME.jsonl, else
// NAME_bbox.npy of a NAME_td recording, else NAME.txt; the first where there is none.
func Beside(recording string) string {
	base := strings.TrimSuffix(recording, filepath.Ext(recording))
	first := base + ".jsonl"
	for _, file := range []string{first, strings.TrimSuffix(base, "_td") + "_bbox.npy", base + ".txt"} {
		if st, err := os.Stat(file); err == nil && st.Mode().IsRegular() && st.Size() > 0 {
			return file
		}
	}
	return first
}

// Labels come at the frames of another camera, detections every 10 ms: between
// the labels of a track the box is interpolated for each multiple of truthStep,
// unless there is none for longer than truthGap.
const (
	truthStep = 10_000    // µs
	truthGap  = 1_100_000 // µs; Gen1 has one label a second and more
)

// truthOf takes labels as truth. Numbers of tracks count from 1 there. Labels do
// not say how many events an object had, so that all count.
func truthOf(boxes []table.Box) (truth []pipeline.Truth) {
	boxes = slices.Clone(boxes)
	slices.SortStableFunc(boxes, func(a, b table.Box) int { return cmp.Compare(a.T, b.T) })
	var order []int // of tracks, by their first label
	tracks := map[int][]table.Box{}
	for _, b := range boxes {
		if tracks[b.Track] == nil {
			order = append(order, b.Track)
		}
		tracks[b.Track] = append(tracks[b.Track], b)
	}
	for i, track := range order {
		labels := tracks[track]
		for k, b := range labels {
			last := k == len(labels)-1
			if last || labels[k+1].T-b.T > truthGap {
				truth = append(truth, truthAt(i+1, b, b, (b.T+truthStep/2)/truthStep*truthStep))
				continue
			}
			for t := (b.T + truthStep - 1) / truthStep * truthStep; t < labels[k+1].T; t += truthStep {
				truth = append(truth, truthAt(i+1, b, labels[k+1], t))
			}
		}
	}
	slices.SortStableFunc(truth, func(a, b pipeline.Truth) int { return cmp.Compare(a.T, b.T) })
	return slices.CompactFunc(truth, func(a, b pipeline.Truth) bool { return a.T == b.T && a.ID == b.ID })
}

// truthAt is the box at a time between two labels.
func truthAt(id int, a, b table.Box, t int64) pipeline.Truth {
	share, dt := 0.0, float64(b.T-a.T)
	if dt > 0 {
		share = float64(t-a.T) / dt
	}
	at := func(from, to float64) float64 { return from + float64(share*(to-from)) }
	x, y, w, h := at(a.X, b.X), at(a.Y, b.Y), at(a.W, b.W), at(a.H, b.H)
	g := pipeline.Truth{T: t, ID: id, X0: x, Y0: y, X1: x + w, Y1: y + h, Visible: 1, Events20ms: math.MaxInt32}
	if dt > 0 {
		g.VX, g.VY = ((b.X+b.W/2)-(a.X+a.W/2))/dt*1e6, ((b.Y+b.H/2)-(a.Y+a.H/2))/dt*1e6
	}
	return g
}
