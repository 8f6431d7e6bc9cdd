package track

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ganglion/pipeline"
)

// TestScripts drives a tracker by the scripts in testdata: a command, and what
// the tracker reports. `go test -run Scripts -rewrite` writes the reports again.
//
//	new [confirm= coast= report= most= join=] [update=] [noflow]
//	    A tracker without tracks, on 200 x 100 px with periods of 10 ms.
//	events at=(x,y) on= off=
//	    Input events of the next period.
//	step [periods=]
//	    Periods. Each line of its input is a blob: the first is shown to the
//	    first track, and so on; what no track is left for may found one.
//	        blob at=(x,y) size=(w,h) [v=(x,y)] [n=] [on=] [evidence=] [noflow] [rough] [still]
//	        none
//	    at is the corner with the least coordinates; a blob moves on by v in every
//	    period but the first unless it is still.
//	part track= at=(x,y) size=(w,h)
//	    The first track, or another one, follows one of the things it has held.
//	boxes
//	    All tracks.
//	flush
//	    The end of the stream.
//
// Every script runs twice: once as it stands, and once with a new tracker in
// every period that is restored from the snapshot of the one before.
func TestScripts(t *testing.T) {
	t.Parallel()
	for _, resumed := range []bool{false, true} {
		t.Run(fmt.Sprintf("resumed=%t", resumed), func(t *testing.T) {
			datadriven.Walk(t, filepath.Join("testdata", "script"), func(t *testing.T, path string) {
				s := &script{resumed: resumed, bench: newBench(nil)}
				datadriven.RunTest(t, path, s.run)
			})
		})
	}
}

type script struct {
	*bench
	resumed bool
}

func (s *script) run(t *testing.T, d *datadriven.TestData) string {
	switch d.Cmd {
	case "new":
		s.begin(t, d)
		return ""
	case "events":
		var x, y, on, off int
		d.ScanArgs(t, "at", &x, &y)
		d.MaybeScanArgs(t, "on", &on)
		d.MaybeScanArgs(t, "off", &off)
		for i := range on + off {
			s.Event(x, y, i < on)
		}
		return ""
	case "step":
		return s.steps(t, d)
	case "part":
		var i int
		d.MaybeScanArgs(t, "track", &i)
		b, _ := parseBlob(t, d)
		s.Tracks[i].Part(b.Box)
		return ""
	case "boxes":
		return s.boxes()
	case "flush":
		return tell(s.Flush(s.end, nil))
	}
	d.Fatalf(t, "no command %q", d.Cmd)
	return ""
}

func (s *script) begin(t *testing.T, d *datadriven.TestData) {
	s.bench = newBench(func(c *Config, u *Setup) {
		for key, v := range map[string]any{
			"confirm": &c.Confirm, "coast": &c.Coast, "report": &c.Report, "most": &c.Most, "join": &c.Join, "update": &u.Update,
		} {
			d.MaybeScanArgs(t, key, v)
		}
		u.Flow = !d.HasArg("noflow")
	})
}

func (s *script) steps(t *testing.T, d *datadriven.TestData) string {
	var blobs []Blob
	var moves []Vec
	for line := range strings.Lines(d.Input) {
		cmd, args, err := datadriven.ParseLine(line)
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		b, move := Blob{}, Vec{}
		if cmd != "none" {
			b, move = parseBlob(t, &datadriven.TestData{Pos: d.Pos, CmdArgs: args})
		}
		blobs, moves = append(blobs, b), append(moves, move)
	}
	periods := 1
	d.MaybeScanArgs(t, "periods", &periods)
	var out strings.Builder
	for range periods {
		if s.resumed {
			s.resume(t)
		}
		out.WriteString(tell(s.step(append([]Blob(nil), blobs...)...)))
		for i := range blobs {
			b := &blobs[i]
			b.Box = Box{b.Box.Min.Plus(moves[i]), b.Box.Max.Plus(moves[i])}
			b.Centroid = b.Centroid.Plus(moves[i])
		}
	}
	return out.String()
}

func parseBlob(t *testing.T, d *datadriven.TestData) (b Blob, move Vec) {
	var x, y, w, h, vx, vy float64
	d.ScanArgs(t, "at", &x, &y)
	d.ScanArgs(t, "size", &w, &h)
	d.MaybeScanArgs(t, "v", &vx, &vy)
	b = blob(x, y, w, h, vx, vy)
	d.MaybeScanArgs(t, "n", &b.N)
	d.MaybeScanArgs(t, "on", &b.On)
	d.MaybeScanArgs(t, "evidence", &b.Evidence)
	b.Flow, b.Rough = !d.HasArg("noflow"), d.HasArg("rough")
	if !d.HasArg("still") {
		move = Vec{vx, vy}.Times(period / 1e6)
	}
	if !b.Flow {
		b.Velocity = Vec{}
	}
	return b, move
}

// resume puts a new tracker in the place of the one there is.
func (s *script) resume(t *testing.T) {
	k := New(s.cfg, s.setup)
	if err := load(k, save(s)); err != nil {
		t.Fatal(err)
	}
	s.Tracker = k
}

// tell writes a line for each detection.
func tell(ds []pipeline.Detection) string {
	var out strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&out, "%dms %s", d.T/1000, d.Kind)
		if d.Label != "" {
			fmt.Fprintf(&out, " %s", d.Label)
		}
		fmt.Fprintf(&out, " #%d %s (%.4g,%.4g)-(%.4g,%.4g) v=(%.3g,%.3g) %.3g px/s %.3g° by %s", d.TrackID, d.State, d.X0, d.Y0, d.X1, d.Y1,
			d.VX, d.VY, d.SpeedPxS, d.DirectionDeg, d.SpeedSource)
		fmt.Fprintf(&out, " age=%.3gms last=%.5gms misses=%d n=%d", float64(d.AgeUS)/1000, float64(d.TLast)/1000, d.Misses, d.NSpikes)
		if d.NEvents > 0 {
			fmt.Fprintf(&out, " events=%d on=%.2g", d.NEvents, d.OnFraction)
		}
		fmt.Fprintf(&out, " p=%.3g\n", d.Confidence)
	}
	return out.String()
}

// boxes writes a line for each track.
func (s *script) boxes() string {
	var out strings.Builder
	for _, t := range s.Tracks {
		b := t.Box()
		fmt.Fprintf(&out, "#%d %s (%.4g,%.4g)-(%.4g,%.4g) v=(%.3g,%.3g) misses=%d\n", t.ID, t.State, b.Min.X, b.Min.Y, b.Max.X, b.Max.Y,
			t.Velocity.X, t.Velocity.Y, t.Misses)
	}
	if s.refused > 0 {
		fmt.Fprintf(&out, "refused: %d\n", s.refused)
	}
	return out.String()
}
