package dashboard

import (
	"ganglion/pipeline"
)

// frame is what a stream did between two looks of the pump. The compute goroutine
// fills it and the pump empties it; the sink's lock guards it.
type frame struct {
	window pipeline.Window // sensor time, µs
	begun  bool
	spikes uint64 // of the input

	surface *surface // of a camera, else nil
	sound   *sound   // of anything else
	raster  raster
	probe   probe
	scores  scores
	found   []pipeline.Detection
	lost    uint64 // detections beyond mostFound
}

// mostFound bounds the detections of a frame.
const mostFound = 512

// newFrame makes a frame for an encoder's layer.
func newFrame(in pipeline.Shape) *frame {
	f := new(frame)
	if isImage(in) {
		f.surface = newSurface(in)
	} else {
		f.sound = newSound(in)
	}
	return f
}

// isImage reports whether an encoder's layer is a picture: polarity, row, column.
func isImage(in pipeline.Shape) bool { return len(in) == 3 && in[0] <= 2 && in[1] > 2 }

// add takes what happened in a window.
func (f *frame) add(a *pipeline.Activity, ds []pipeline.Detection) {
	if !f.begun {
		f.begun, f.window = true, a.Window
	}
	f.window.End = max(f.window.End, a.End)
	f.spikes += uint64(a.Input.Len())
	if f.surface != nil {
		f.surface.add(a.Input, f.window.Start)
	} else {
		f.sound.add(a.Input, f.window.Start)
	}
	room := min(len(ds), mostFound-len(f.found))
	f.found = append(f.found, ds[:room]...)
	f.lost += uint64(len(ds) - room)
}

// reset empties the frame and keeps its memory. It learns from the frame how fine
// the next one ought to be.
func (f *frame) reset() {
	if f.surface != nil {
		f.surface.reset(f.window)
	} else {
		f.sound.reset()
	}
	f.raster.reset()
	f.probe.points, f.scores.values, f.scores.times = f.probe.points[:0], f.scores.values[:0], f.scores.times[:0]
	f.begun, f.window, f.spikes, f.found, f.lost = false, pipeline.Window{}, 0, f.found[:0], 0
}
