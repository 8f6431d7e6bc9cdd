package picture

import (
	"errors"
	"fmt"
	"image"
	"strconv"
)

// sheet is the paper around the pixels of a sensor: a title above them, axes that
// count them along their left and lower edges, and a ruler. It covers no pixel.
type sheet struct {
	title, note   string // the note is dim and gives way to the rest
	width, height int    // of the sensor, px
	scale         int    // edge of a sensor pixel, px of the picture
	bold, text    *typeface
	origin        image.Point // where the sensor's first pixel lies
	size          image.Point // of title, pixels and axes
}

// The layout of a sheet, px.
const (
	sheetTop    = 30 // for the title
	sheetRight  = 16 // for half of the last label
	sheetBottom = 24 // for the lower axis
	sheetLeast  = 360

	majorTick, minorTick = 6, 3
	majorStep            = 56 // between labels, at least
)

func newSheet(title, note string, width, height, scale int) (*sheet, error) {
	bold, err1 := newTypeface(14, true)
	text, err2 := newTypeface(12, false)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	s := &sheet{title: title, note: note, width: width, height: height, scale: scale, bold: bold, text: text}
	widest := max(text.width("px"), text.width(strconv.Itoa(height)))
	s.origin = image.Pt(captionPad/2+widest+3+majorTick, sheetTop)
	s.size = image.Pt(max(s.origin.X+width*scale+sheetRight, sheetLeast), sheetTop+height*scale+sheetBottom)
	return s, nil
}

// newPaper returns an empty picture with room for a caption, and the part of it that
// shows the sensor. Without a title the sensor has no axes.
func newPaper(title string, width, height, scale int) (img, sensor *image.RGBA, err error) {
	if title == "" {
		img = image.NewRGBA(image.Rect(0, 0, width*scale, height*scale+captionHeight))
		fillRect(img, img.Rect, ground)
		return img, img.SubImage(image.Rect(0, 0, width*scale, height*scale)).(*image.RGBA), nil
	}
	s, err := newSheet(title, fmt.Sprintf("%dx%d px", width, height), width, height, scale)
	if err != nil {
		return nil, nil, err
	}
	img = image.NewRGBA(image.Rectangle{Max: s.size.Add(image.Pt(0, captionHeight))})
	s.paint(img)
	return img, s.pixels(img), nil
}

// captionOf is the part of a picture below its pixels and axes.
func captionOf(img *image.RGBA) *image.RGBA {
	area := img.Rect
	area.Min.Y = area.Max.Y - captionHeight
	return img.SubImage(area).(*image.RGBA)
}

// pixels is the part of a picture that shows the sensor, with its first pixel at
// the origin.
func (s *sheet) pixels(dst *image.RGBA) *image.RGBA {
	return &image.RGBA{
		Pix: dst.Pix[dst.PixOffset(s.origin.X, s.origin.Y):], Stride: dst.Stride,
		Rect: image.Rect(0, 0, s.width*s.scale, s.height*s.scale),
	}
}

// paint fills a picture's part above and beside the sensor.
func (s *sheet) paint(dst *image.RGBA) {
	fillRect(dst, image.Rectangle{Max: s.size}, strip)
	fillRect(dst, image.Rectangle{Min: s.origin, Max: s.origin.Add(s.pixels(dst).Rect.Max)}, ground)
	s.head(dst)
	s.axes(dst)
}

// head writes the title, and at its right a ruler of one step of the axes and how
// many pixels of the picture make one of the sensor.
func (s *sheet) head(dst *image.RGBA) {
	const base = sheetTop - 10
	step, _ := s.steps()
	label := strconv.Itoa(step) + " px, scale " + strconv.Itoa(s.scale)
	long := step * s.scale
	right := s.size.X - captionPad - s.text.width(label)
	s.text.write(dst, label, right, base, dimInk)
	right -= long + 6
	fillRect(dst, image.Rect(right, base-4, right+long, base-3), dimInk)
	for _, x := range []int{right, right + long - 1} {
		fillRect(dst, image.Rect(x, base-8, x+1, base+1), dimInk)
	}
	title := s.bold.fit(s.title, right-2*captionPad)
	s.bold.write(dst, title, captionPad, base, ink)
	x := captionPad + s.bold.width(title) + captionPad
	if x+s.text.width(s.note)+captionPad < right {
		s.text.write(dst, s.note, x, base, dimInk)
	}
}

// axes marks columns below the sensor and rows at its left, each at the middle of
// its pixel.
func (s *sheet) axes(dst *image.RGBA) {
	step, minor := s.steps()
	bottom := s.origin.Y + s.height*s.scale
	base := bottom + majorTick + 2 + s.text.ascent
	length := func(v int) int {
		if v%step == 0 {
			return majorTick
		}
		return minorTick
	}
	for v := 0; v < s.width; v += minor {
		x := s.origin.X + v*s.scale + s.scale/2
		fillRect(dst, image.Rect(x, bottom, x+1, bottom+length(v)), dimInk)
		if v%step == 0 {
			label := strconv.Itoa(v)
			s.text.write(dst, label, x-s.text.width(label)/2, base, dimInk)
		}
	}
	for v := 0; v < s.height; v += minor {
		y := s.origin.Y + v*s.scale + s.scale/2
		fillRect(dst, image.Rect(s.origin.X-length(v), y, s.origin.X, y+1), dimInk)
		if v%step == 0 {
			label := strconv.Itoa(v)
			s.text.write(dst, label, s.origin.X-majorTick-3-s.text.width(label), y+s.text.ascent/2-1, dimInk)
		}
	}
	s.text.write(dst, "px", captionPad/2, base, dimInk)
}

// steps are the distances between labels and between marks, px of the sensor: 1, 2
// or 5 times a power of ten, and what a ruler cuts these into.
func (s *sheet) steps() (step, minor int) {
	for decade := 1; ; decade *= 10 {
		for _, of := range []struct{ step, parts int }{{1, 5}, {2, 4}, {5, 5}} {
			if step = of.step * decade; step*s.scale < majorStep {
				continue
			}
			switch {
			case step%of.parts == 0:
				return step, step / of.parts
			case step == 2:
				return step, 1
			}
			return step, step
		}
	}
}

// fit is a text that is no wider than so many pixels: the middle of a longer one
// is left out.
func (f *typeface) fit(s string, width int) string {
	runes := []rune(s)
	for n := len(runes); n > 0 && f.width(s) > width; {
		n--
		s = string(runes[:n/2]) + "…" + string(runes[len(runes)-(n-n/2):])
	}
	return s
}
