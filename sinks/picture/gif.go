package picture

import (
	"bytes"
	"compress/lzw"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"io"
)

// GIF writes a film frame by frame (GIF89a), so that its length costs no
// memory: image/gif wants all frames at once. Pixels that stay as they were
// are transparent, and only the rectangle around the others is written.
type GIF struct {
	w       io.Writer
	size    image.Point
	delay   uint16 // 1/100 s
	palette color.Palette
	index   map[color.RGBA]uint8 // nearest in the palette, of the colours met
	shown   []uint8              // what the viewer sees, palette indices
	next    []uint8
	buf     bytes.Buffer
	begun   bool
}

const (
	gifColors      = 256
	gifTransparent = gifColors - 1
	gifLitWidth    = 8
)

// MinFPS and MaxFPS bound the frame rate of a GIF: viewers slow down what is
// faster.
const MinFPS, MaxFPS = 0.1, 50.0

// NewGIF returns a film of a painter's frames, fps of them in a second, that
// starts over at its end. The format counts in hundredths of a second.
func NewGIF(w io.Writer, p *Painter, fps float64) (*GIF, error) {
	if !(fps >= MinFPS && fps <= MaxFPS) {
		return nil, fmt.Errorf("%g frames a second are not between %g and %g", fps, MinFPS, MaxFPS)
	}
	size := p.Size()
	if size.X > 1<<16-1 || size.Y > 1<<16-1 {
		return nil, fmt.Errorf("a GIF cannot be %dx%d px large", size.X, size.Y)
	}
	g := &GIF{
		w: w, size: size, delay: uint16(100/fps + 0.5),
		palette: gifPalette(p.c.Style),
		index:   make(map[color.RGBA]uint8),
		shown:   make([]uint8, size.X*size.Y),
		next:    make([]uint8, size.X*size.Y),
	}
	if len(g.palette) > gifColors {
		return nil, fmt.Errorf("palette of %d colours", len(g.palette))
	}
	return g, nil
}

// FPS is the frame rate that the format's clock makes of the wanted one.
func (g *GIF) FPS() float64 { return 100 / float64(g.delay) }

// Add appends a frame of the painter's size.
func (g *GIF) Add(frame *image.RGBA) error {
	g.buf.Reset()
	if !g.begun {
		g.header()
	}
	g.quantize(frame)
	if err := g.block(g.changed()); err != nil {
		return err
	}
	g.begun = true
	g.shown, g.next = g.next, g.shown
	return g.flush()
}

// Close ends the film.
func (g *GIF) Close() error {
	g.buf.Reset()
	if !g.begun {
		g.header()
	}
	g.buf.WriteByte(0x3B)
	return g.flush()
}

func (g *GIF) flush() error {
	_, err := g.w.Write(g.buf.Bytes())
	return err
}

// header writes the logical screen, the palette and the order to repeat.
func (g *GIF) header() {
	g.buf.WriteString("GIF89a")
	g.words(g.size.X, g.size.Y)
	g.buf.Write([]byte{0xF7, 0, 0}) // global table of 256 colours
	for i := range gifColors {
		var c color.RGBA
		if i < len(g.palette)-1 {
			c = g.palette[i].(color.RGBA)
		}
		g.buf.Write([]byte{c.R, c.G, c.B})
	}
	g.buf.WriteString("\x21\xFF\x0BNETSCAPE2.0\x03\x01\x00\x00\x00")
}

// quantize fills next with the frame's nearest colours.
func (g *GIF) quantize(frame *image.RGBA) {
	opaque := g.palette[:len(g.palette)-1]
	last, lastIndex := color.RGBA{}, uint8(0)
	for y := range g.size.Y {
		line := frame.Pix[y*frame.Stride : y*frame.Stride+4*g.size.X]
		for x := range g.size.X {
			c := color.RGBA{line[4*x], line[4*x+1], line[4*x+2], 0xff}
			if c != last {
				i, ok := g.index[c]
				if !ok {
					i = uint8(opaque.Index(c))
					g.index[c] = i
				}
				last, lastIndex = c, i
			}
			g.next[y*g.size.X+x] = lastIndex
		}
	}
}

// changed is the rectangle in which next differs from what is shown.
func (g *GIF) changed() image.Rectangle {
	if !g.begun {
		return image.Rectangle{Max: g.size}
	}
	var area image.Rectangle
	for y := range g.size.Y {
		row := y * g.size.X
		first, last := -1, -1
		for x := range g.size.X {
			if g.next[row+x] != g.shown[row+x] {
				if first < 0 {
					first = x
				}
				last = x
			}
		}
		if first >= 0 {
			area = area.Union(image.Rect(first, y, last+1, y+1))
		}
	}
	if area.Empty() {
		return image.Rect(0, 0, 1, 1)
	}
	return area
}

// block writes the part of the frame that changed.
func (g *GIF) block(area image.Rectangle) error {
	g.buf.Write([]byte{0x21, 0xF9, 4, 1<<2 | 1}) // leave in place; transparency
	g.words(int(g.delay))
	g.buf.Write([]byte{gifTransparent, 0, 0x2C})
	g.words(area.Min.X, area.Min.Y, area.Dx(), area.Dy())
	g.buf.Write([]byte{0, gifLitWidth})
	blocks := &subBlocks{out: &g.buf}
	z := lzw.NewWriter(blocks, lzw.LSB, gifLitWidth)
	line := make([]byte, area.Dx())
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := y * g.size.X
		for x := range line {
			at := row + area.Min.X + x
			if line[x] = g.next[at]; g.begun && line[x] == g.shown[at] {
				line[x] = gifTransparent
			}
		}
		if _, err := z.Write(line); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	blocks.close()
	return nil
}

func (g *GIF) words(values ...int) {
	for _, v := range values {
		g.buf.Write(binary.LittleEndian.AppendUint16(nil, uint16(v)))
	}
}

// subBlocks cuts a stream into blocks of at most 255 bytes, each after its
// length.
type subBlocks struct {
	out  *bytes.Buffer
	part []byte
}

func (s *subBlocks) Write(b []byte) (int, error) {
	for _, c := range b {
		if s.part = append(s.part, c); len(s.part) == 255 {
			s.cut()
		}
	}
	return len(b), nil
}

func (s *subBlocks) cut() {
	s.out.WriteByte(byte(len(s.part)))
	s.out.Write(s.part)
	s.part = s.part[:0]
}

func (s *subBlocks) close() {
	if len(s.part) > 0 {
		s.cut()
	}
	s.out.WriteByte(0)
}
