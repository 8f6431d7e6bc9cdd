package labels

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"ganglion/pipeline"
)

// Formats are what Write writes.
func Formats() []string { return []string{"csv", "mot", "coco"} }

// Options are what a format needs to know.
type Options struct {
	Rate          float64 // frames per second of MOT
	Width, Height int     // sensor, px, for COCO; 0 where nobody knows
}

// Write writes detections in a format and returns how many records it holds.
func Write(w io.Writer, format string, o Options, ds []pipeline.Detection) (int, error) {
	out := bufio.NewWriter(w)
	n, err := 0, error(nil)
	switch format {
	case "csv":
		n, err = writeCSV(out, ds)
	case "mot":
		n, err = writeMOT(out, o, ds)
	case "coco":
		n, err = writeCOCO(out, o, ds)
	default:
		return 0, fmt.Errorf("%q is not a format of detections", format)
	}
	if err != nil {
		return n, err
	}
	return n, out.Flush()
}

func writeCSV(w io.Writer, ds []pipeline.Detection) (int, error) {
	line := append(pipeline.AppendCSVHead(nil), '\n')
	for k := range ds {
		if _, err := w.Write(line); err != nil {
			return k, err
		}
		line = append(ds[k].AppendCSV(line[:0]), '\n')
	}
	_, err := w.Write(line)
	return len(ds), err
}

// boxed reports whether a detection is a box of a track.
func boxed(d *pipeline.Detection) bool {
	return (d.Kind == pipeline.MotionStart || d.Kind == pipeline.MotionUpdate) && d.X0 < d.X1 && d.Y0 < d.Y1
}

// writeMOT writes the last box of a track in each frame.
func writeMOT(w io.Writer, o Options, ds []pipeline.Detection) (int, error) {
	if !(o.Rate > 0) {
		return 0, fmt.Errorf("MOT counts frames: %g frames per second is not a rate", o.Rate)
	}
	type place struct {
		frame int64
		track uint64
	}
	last := map[place]int{}
	for i := range ds {
		if boxed(&ds[i]) {
			last[place{frameOf(ds[i].T, o.Rate), ds[i].TrackID}] = i
		}
	}
	n := 0
	for i := range ds {
		d := &ds[i]
		frame := frameOf(d.T, o.Rate)
		if k, ok := last[place{frame, d.TrackID}]; !ok || k != i {
			continue
		}
		confidence := d.Confidence
		if confidence != confidence {
			confidence = 1
		}
		if _, err := fmt.Fprintf(w, "%d,%d,%.2f,%.2f,%.2f,%.2f,%.4g,-1,-1,-1\n", frame, d.TrackID, d.X0+1, d.Y0+1, d.X1-d.X0, d.Y1-d.Y0,
			confidence); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// frameOf is the frame of a time, µs; the first is 1.
func frameOf(t int64, rate float64) int64 { return max(1, int64(math.Round(float64(t)*rate/1e6))) }

type cocoImage struct {
	ID     int    `json:"id"`
	Name   string `json:"file_name"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	T      int64  `json:"t_us"`
}

type cocoBox struct {
	ID       int        `json:"id"`
	Image    int        `json:"image_id"`
	Category int        `json:"category_id"`
	Box      [4]float32 `json:"bbox"` // left, top, width, height
	Area     float32    `json:"area"`
	Crowd    int        `json:"iscrowd"`
	Track    uint64     `json:"track_id"`
	Score    float32    `json:"score"`
}

type cocoCategory struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

func writeCOCO(w io.Writer, o Options, ds []pipeline.Detection) (int, error) {
	images, boxes := []cocoImage{}, []cocoBox{}
	at := map[int64]int{} // number of the image
	width, height := float32(o.Width), float32(o.Height)
	for i := range ds {
		d := &ds[i]
		if !boxed(d) {
			continue
		}
		if at[d.T] == 0 {
			at[d.T] = len(images) + 1
			images = append(images, cocoImage{ID: at[d.T], Name: fmt.Sprintf("%s-%d", d.Stream, d.T), T: d.T})
		}
		if o.Width == 0 || o.Height == 0 {
			width, height = max(width, d.X1), max(height, d.Y1)
		}
		size := [2]float32{d.X1 - d.X0, d.Y1 - d.Y0}
		b := cocoBox{ID: len(boxes) + 1, Image: at[d.T], Category: 1, Box: [4]float32{d.X0, d.Y0, size[0], size[1]}, Area: size[0] * size[1],
			Track: d.TrackID, Score: d.Confidence}
		if b.Score != b.Score {
			b.Score = 1
		}
		boxes = append(boxes, b)
	}
	for i := range images {
		images[i].Width, images[i].Height = int(math.Ceil(float64(width))), int(math.Ceil(float64(height)))
	}
	return len(boxes), json.NewEncoder(w).Encode(map[string]any{
		"images": images, "annotations": boxes, "categories": []cocoCategory{{1, "moving object"}},
	})
}
