package picture

import (
	"image"
	"math"
	"strings"
	"testing"
)

func TestAFieldShowsWhereWeightsComeFrom(t *testing.T) {
	t.Parallel()
	f := &Fields{Title: "model.nir", Note: "conv", Channels: 2, Width: 3, Height: 2, Weights: [][]float32{
		{0, 0, 0, 0, 0, 0 /**/, 0, 0, -1, 0, 0, 0},
		{.5, 0, 0, 0, 0, 0 /**/, 0, 0, 0, 0, 2, float32(math.NaN())},
	}}
	img, err := f.Paint()
	if err != nil {
		t.Fatal(err)
	}
	l := f.tile()
	if l.columns != 2 || l.rows != 1 || l.point != largestPoint {
		t.Fatalf("%+v", l)
	}
	at := func(field, channel, x, y int) any {
		return img.RGBAAt(captionPad+field*(l.size.X+fieldGap)+channel*(3*l.point+channelGap)+x*l.point+l.point/2, chartTop+y*l.point+l.point/2)
	}
	for _, c := range []struct {
		field, channel, x, y int
		want                 any
	}{
		{0, 1, 2, 0, mix(ground, offTint, .5)}, {1, 0, 0, 0, mix(ground, onTint, .25)}, {1, 1, 1, 1, onTint}, {1, 1, 2, 1, ink},
		{0, 0, 0, 0, ground}, {1, 0, 2, 1, ground},
	} {
		if got := at(c.field, c.channel, c.x, c.y); got != c.want {
			t.Errorf("field %d, channel %d, weight %d,%d is %v, want %v", c.field, c.channel, c.x, c.y, got, c.want)
		}
	}
	gap := img.RGBAAt(captionPad+3*l.point, chartTop+3)
	if gap != strip {
		t.Errorf("between channels: %v", gap)
	}
	// The scale runs from the strongest inhibition to the strongest excitation.
	text, err := newTypeface(12, false)
	if err != nil {
		t.Fatal(err)
	}
	x := captionPad + text.width("weight") + 6 + text.width("-2") + 6
	y := img.Rect.Max.Y - captionHeight + (captionHeight+text.ascent)/2 - 2
	if a, b := img.RGBAAt(x, y), img.RGBAAt(x+rampWidth-1, y); a != offTint || b != onTint {
		t.Errorf("the scale is from %v to %v", a, b)
	}
}

func TestManyFieldsAndChannelsFit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ n, channels, width, height int }{{1, 1, 1, 1}, {300, 1, 5, 5}, {3, 32, 9, 9}, {2, 1, 1000, 1}, {5, 7, 3, 8}} {
		f := &Fields{Title: strings.Repeat("long", 100), Note: "a note", Channels: c.channels, Width: c.width, Height: c.height}
		for range c.n {
			f.Weights = append(f.Weights, make([]float32, c.channels*c.width*c.height))
		}
		img, err := f.Paint()
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		if w := img.Rect.Dx(); w < fieldsWidth/2 || w > 1100 {
			t.Errorf("%+v: %d px wide", c, w)
		}
		if most := f.strongest(); most != 0 || weightColor(0, most) != ground {
			t.Errorf("%+v: weights of nothing are not dark", c)
		}
		l := f.tile()
		last := image.Pt((l.columns-1)*(c.width*l.point+channelGap)+c.width*l.point, (l.rows-1)*(c.height*l.point+channelGap)+c.height*l.point)
		if last != l.size {
			t.Errorf("%+v: channels reach to %v of %v", c, last, l.size)
		}
	}
}

func TestFieldsThatCannotBeDrawnAreRefused(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]*Fields{
		"0 receptive fields":                  {Channels: 1, Width: 1, Height: 1},
		"field 1 has 3 weights, not 1x2x2":    {Channels: 1, Width: 2, Height: 2, Weights: [][]float32{{1, 2, 3, 4}, {1, 2, 3}}},
		"are too large":                       {Channels: 1, Width: 1 << 30, Height: 1 << 30, Weights: [][]float32{{}}},
		"2 receptive fields of 0x2x2 weights": {Width: 2, Height: 2, Weights: [][]float32{{}, {}}},
		"is larger than":                      {Channels: 1, Width: maxPixels / 8, Height: 1, Weights: [][]float32{make([]float32, maxPixels/8)}},
	} {
		if _, err := f.Paint(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
