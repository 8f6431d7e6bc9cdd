package cmd

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/recording"
	"ganglion/sources/tcp"
	"ganglion/sources/udp"
)

// damage is what was wrong with the input, in order of first offset.
func (c *converter) damage() []pipeline.Damage {
	all := slices.Concat(c.r.Damage(), c.order.List())
	slices.SortStableFunc(all, func(a, b pipeline.Damage) int { return cmp.Compare(a.Offset, b.Offset) })
	return all
}

func (c *converter) reportDamage(out io.Writer) {
	for i, s := range c.r.Steps() {
		if i == mostSteps {
			fmt.Fprintf(out, "%s: clock: and %d times more\n", c.in, len(c.r.Steps())-i)
			break
		}
		if s.Part {
			fmt.Fprintf(out, "%s: clock: a joined recording begins near byte %d, from %d to %d µs\n", c.in, s.Offset, s.From, s.To)
			continue
		}
		by := map[bool]string{true: ", as the camera says"}[s.Announced]
		fmt.Fprintf(out, "%s: clock: set back by %.3f s near byte %d, from %d to %d µs%s\n", c.in, float64(s.From-s.To)/1e6, s.Offset, s.From,
			s.To, by)
	}
	for _, n := range c.r.Info.Notes {
		fmt.Fprintf(out, "%s: note: %s\n", c.in, n)
	}
	told := 0
	for _, s := range c.r.Streams() {
		if s.Unread > 0 {
			told++
		}
		if told > mostStreams {
			fmt.Fprintf(out, "%s: note: and other streams were not read: inspect lists them\n", c.in)
			break
		}
		if s.Unread > 0 && s.Kind != format.StreamEvents {
			fmt.Fprintf(out, "%s: note: %s (%s): %d elements were not read\n", c.in, s.Name, s.Kind, s.Unread)
		} else if s.Unread > 0 {
			fmt.Fprintf(out, "%s: note: of stream %s %d elements were not read: --stream %s reads it\n", c.in, strings.TrimSpace(s.Name+" "+s.Alias),
				s.Unread, s.Name)
		}
	}
	for _, d := range c.damage() {
		fmt.Fprintf(out, "%s: damage: %s\n", c.in, d)
	}
}

// mostSteps is how many steps of the clock are listed individually.
const mostSteps = 8

// report accounts for every event that was read.
func (c *converter) report(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	lost, behind := c.lostEvents(), uint64(0)
	arrays, dense := c.w.(*tensors)
	if dense {
		_, behind, _ = arrays.Left()
	}
	fmt.Fprintf(t, "%s: %s, %d of %d events\n", c.out, c.info.Format, c.handed-lost-behind, c.read)
	line := func(what string, n uint64) {
		if n > 0 {
			fmt.Fprintf(t, "  %s\t%d\n", what, n)
		}
	}
	if c.unread > 0 {
		fmt.Fprintf(t, "  not read, before --start\t%d bytes\n", c.unread)
	}
	line("outside --start and --end", c.span.removed)
	line("beside the events, before the first", c.early)
	line("moved to the sensor's edge", c.clamped)
	if c.chain != nil {
		for i, r := range c.chain.Removed() {
			if i == 0 {
				line("outside the sensor", r.Events)
			} else {
				fmt.Fprintf(t, "  removed by %s\t%d\n", r.Filter, r.Events)
			}
		}
	}
	if dense {
		fmt.Fprintf(t, "  arrays\t%d\n", arrays.Slices())
	}
	line("behind the last array", behind)
	line("lost", lost)
	return t.Flush()
}

// noEvents are the words of a target's Lost that count no events that are left
// out.
var noEvents = []string{
	format.Trigger.String(), format.IMUSample.String(), format.FrameImage.String(), format.Special.String(), udp.HighBits,
	saturatedCounts, tcp.Reconnected,
}

func (c *converter) lostEvents() (n uint64) {
	for _, d := range c.lost() {
		if !slices.Contains(noEvents, d.Kind) {
			n += d.Count
		}
	}
	return n
}

// reportLoss names and counts what the output cannot hold.
func (c *converter) reportLoss(out io.Writer) error {
	var header []string
	size := false
	if _, dense := c.w.(*tensors); !dense && scheme(c.out) == "" {
		header, size = lostHeader(content(c.r.Info, c.info), c.info)
	}
	if size {
		fmt.Fprintf(out, "%s: note: %s does not state the sensor's size: read it with --width %d --height %d\n",
			c.out, c.info.Format, c.info.Width, c.info.Height)
	}
	var count uint64
	for _, d := range c.lost() {
		fmt.Fprintf(out, "%s: lost: %s x%d (%d..%d µs)\n", c.out, c.lossName(d.Kind), d.Count, d.FirstUS, d.LastUS)
		count += d.Count
	}
	if len(header) > 0 {
		fmt.Fprintf(out, "%s: note: %s keeps no header field x%d (%s)\n", c.out, c.info.Format, len(header), strings.Join(header, ", "))
	}
	if count == 0 {
		return nil
	}
	return dropped(fmt.Errorf("%s: %s cannot hold all of %s: %s lost", c.out, c.info.Format, c.in, counted(int(count), "thing")))
}

// lossName reports what special data is where the input's header does.
func (c *converter) lossName(kind string) string {
	if name := c.r.Info.Header.Get("type"); kind == "special" && name != "" {
		return name + " data"
	}
	return kind
}

// layoutKeys are header fields that say how a recording's bytes are to be read
// and that files of one format need not share: of RAW, DAT and Event Stream.
var layoutKeys = []string{
	"evt", "format", "geometry", "endianness", "t0", "T0", "Data", "Version", "version", "type", "columns"}

// readingKeys are those that say it of formats which keep more beside: of AEDAT
// and its streams. They are taken along where there is room, and no loss where
// there is none.
var readingKeys = []string{
	"compression", "typeIdentifier", "typeDescription", "originalModuleName", "originalOutputName", "sizeX", "sizeY", "tsOffset",
	"AEChip", "Format",
}

// isLayout reports whether a field says how a recording's bytes are to be read.
func isLayout(key string) bool {
	if stream, rest, ok := strings.Cut(key, "."); ok && strings.Trim(stream, "0123456789") == "" {
		key = rest // such as 0.sizeX
	}
	return slices.Contains(layoutKeys, key) || slices.Contains(readingKeys, key)
}

// content is what a recording's header says that another one should say too:
// all but how the recording's own bytes are to be read. In another format or
// size that is every field that a recording without content has as well.
func content(in, out format.Info) (h format.Header) {
	var layout format.Header
	if in.Format != out.Format || in.Width != out.Width || in.Height != out.Height {
		layout = reread(format.Info{Format: in.Format, Width: in.Width, Height: in.Height}).Header
	}
	for _, f := range in.Header {
		own := slices.ContainsFunc(layout, func(l format.Field) bool { return l.Key == f.Key })
		if !own && !slices.Contains(layoutKeys, f.Key) {
			h = append(h, f)
		}
	}
	return h
}

// lostHeader finds by trial which of the fields, and whether the sensor's
// size, a recording does not give back.
func lostHeader(fields format.Header, out format.Info) (lost []string, size bool) {
	kept := reread(out)
	for _, f := range fields {
		if !slices.Contains(kept.Header, f) && !isLayout(f.Key) {
			lost = append(lost, fieldName(f))
		}
	}
	return lost, out.Width > 0 && out.Height > 0 && (kept.Width != out.Width || kept.Height != out.Height)
}

// fieldName is the key, or the beginning of a line that has none.
func fieldName(f format.Field) string {
	if f.Key != "" {
		return f.Key
	}
	text := []rune(strings.TrimSpace(f.Value))
	if len(text) > 24 {
		text = append(text[:24], '…')
	}
	return fmt.Sprintf("%q", string(text))
}

// reread writes a recording without events and says what its header holds.
func reread(info format.Info) format.Info {
	var b memory
	w, err := recording.NewWriter(&b, "trial", info.Format, info)
	if err != nil {
		return format.Info{}
	}
	if err := w.Close(); err != nil {
		return format.Info{}
	}
	r, err := recording.NewReader(bytes.NewReader(b), "trial", recording.Options{Format: info.Format})
	if err != nil {
		return format.Info{}
	}
	return r.Info
}

// memory is a file that is kept in memory.
type memory []byte

func (m *memory) Write(b []byte) (int, error) {
	*m = append(*m, b...)
	return len(b), nil
}

// WriteAt overwrites what has been written before.
func (m *memory) WriteAt(b []byte, at int64) (int, error) {
	if at < 0 || at+int64(len(b)) > int64(len(*m)) {
		return 0, io.ErrShortWrite
	}
	return copy((*m)[at:], b), nil
}
