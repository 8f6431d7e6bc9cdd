package table

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// csvPreamble is what the beginning of a text file says.
type csvPreamble struct {
	columns       csvColumns
	named         bool // by the user, or by a line of names
	hasUnit       bool
	width, height int
	length        int // bytes before the first event
	lines         int // lines of events looked at
	events        int // of them that are events
	doubt         string
}

// readPreamble looks at the first bytes of a text file; last says that they
// are all of it. The columns are the ones given, or what a line of names says,
// or what the numbers look like.
func readPreamble(head []byte, last bool, given string) (csvPreamble, error) {
	var p csvPreamble
	var sample []string
	if given != "" {
		var err error
		if p.columns, p.hasUnit, err = columnsGiven(given); err != nil {
			return p, err
		}
		p.named = true
	}
	start := len(head) - len(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	p.length = start
	for at := start; at < len(head); {
		end := bytes.IndexByte(head[at:], '\n') + 1
		if end == 0 {
			if end = len(head) - at; !last {
				break
			}
		}
		line := strings.TrimSpace(ungroup(string(head[at : at+end])))
		at += end
		switch {
		case line == "":
		case isComment(line):
			if len(sample) == 0 && given == "" {
				p.names(strings.TrimLeft(line, "#%/ "))
			}
		case len(sample) > 0 || !p.preface(line, given):
			sample = append(sample, line)
		}
		if len(sample) == 0 {
			p.length = at
		}
	}
	p.lines = len(sample)
	blank := blankOf(sample)
	cells := make([][]string, len(sample))
	for i, line := range sample {
		cells[i] = csvCells(line, blank)
	}
	if !p.settle(cells, blank) {
		return p, errColumns
	}
	p.columns.learn(cells)
	p.unit(cells)
	p.events = p.columns.valid(cells)
	return p, nil
}

// preface takes a line before the events: the sensor's size, the number of events,
// column names, or words of which less than three are numbers. Behind column names of the file's
// own every line counts as an event.
func (p *csvPreamble) preface(line, given string) bool {
	fields := csvCells(line, csvBlank)
	if len(fields) == 1 {
		if _, err := strconv.ParseUint(fields[0], 10, 32); err == nil {
			return true
		}
	}
	if len(fields) == 2 {
		w, werr := strconv.ParseUint(fields[0], 10, 16)
		h, herr := strconv.ParseUint(fields[1], 10, 16)
		if werr == nil && herr == nil {
			p.width, p.height = int(w), int(h)
			return true
		}
	}
	if c := strings.TrimLeft(line, ",;|\t \"'[("); c != "" && (c[0]-'0' <= 9 || strings.IndexByte("+-.", c[0]) >= 0) ||
		countNumbers(csvCells(line, csvBlank)) >= 3 || p.named && given == "" {
		return false
	}
	if given == "" {
		p.names(line)
	}
	return true
}

// countNumbers counts the cells that are numbers.
func countNumbers(cells []string) (n int) {
	for _, cell := range cells {
		if _, err := strconv.ParseFloat(cell, 64); err == nil {
			n++
		}
	}
	return n
}

// names takes a line of column names, if it is one.
func (p *csvPreamble) names(line string) {
	if columns, unit, ok := columnsOf(csvSplit(line)); ok {
		p.columns, p.named, p.hasUnit = columns, true, unit
	}
}

// blankOf reports which bytes stand between columns: where semicolons or blanks do
// and all commas are followed and preceded by digits, commas are decimal points.
func blankOf(sample []string) *[256]bool {
	commas := 0
	for _, line := range sample {
		if !strings.ContainsAny(line, "; \t") || strings.Contains(line, ".") {
			return csvBlank
		}
		for i := range len(line) {
			if line[i] != ',' {
				continue
			}
			commas++
			if i == 0 || i+1 == len(line) || line[i-1]-'0' > 9 || line[i+1]-'0' > 9 {
				return csvBlank
			}
		}
		if len(strings.FieldsFunc(line, func(r rune) bool { return r == ';' || r == ' ' || r == '\t' })) < 4 {
			return csvBlank
		}
	}
	if commas == 0 {
		return csvBlank
	}
	return csvBlankComma
}

// csvCells cuts a line of numbers as parse does, which takes a date and the
// clock behind it, or days and a clock, for one.
func csvCells(line string, blank *[256]bool) []string {
	cells := strings.FieldsFunc(line, func(r rune) bool { return r < 256 && (blank[r] || r == '\n') })
	for i := 1; i < len(cells); i++ {
		before := 1
		if i > 1 && cells[i-1] == "days" {
			before = 2
		} else if strings.Count(cells[i-1], "-") != 2 {
			continue
		}
		if strings.Count(cells[i], ":") >= 2 {
			cells = slices.Replace(cells, i-before, i+1, strings.Join(cells[i-before:i+1], " "))
			i -= before
		}
	}
	return cells
}

// settle finds the columns where they are not named, and an index before them.
func (p *csvPreamble) settle(cells [][]string, blank *[256]bool) bool {
	if p.named {
		p.columns.blank = blank
		if len(cells) > 0 && len(cells[0]) == len(p.columns.roles) && countsUp(cells) && p.columns.fits(cells)*2 < len(cells) {
			p.columns.index() // R's tables name no column for it
		}
		return true
	}
	if len(cells) == 0 {
		return false
	}
	index := len(cells[0]) == 5 && countsUp(cells)
	if len(cells[0]) != 4 && !index {
		return false
	}
	for _, order := range csvOrders {
		p.columns, _, _ = columnsOf(strings.Split(order, ","))
		if p.columns.blank = blank; index {
			p.columns.index()
		}
		p.columns.learn(cells)
		p.unit(cells)
		if p.columns.fits(cells)*10 >= 9*len(cells) {
			return true
		}
	}
	return false
}

// csvOrders are the orders that lines without names are tried for, the usual
// ones first.
var csvOrders = []string{"t,x,y,p", "x,y,p,t", "x,y,t,p", "t,p,x,y", "p,x,y,t"}

// countsUp reports whether the first column is the number of the line.
func countsUp(cells [][]string) bool {
	const few = 3
	first := int64(-1)
	for i, row := range cells {
		if len(row) == 0 {
			return false
		}
		v, err := strconv.ParseInt(row[0], 10, 64)
		if i == 0 {
			first = v
		}
		if err != nil || v != first+int64(i) {
			return false
		}
	}
	return len(cells) >= few && (first == 0 || first == 1)
}

// fits counts the lines that are events with ascending times.
func (c *csvColumns) fits(cells [][]string) int {
	good, last := 0, int64(math.MinInt64)
	for _, row := range cells {
		var e pipeline.Event
		if _, ok := c.parse([]byte(strings.Join(row, " ")), &e); ok && e.T >= last {
			good++
			last = e.T
		}
	}
	return good
}

// valid counts the lines that are events.
func (c *csvColumns) valid(cells [][]string) (n int) {
	for _, row := range cells {
		var e pipeline.Event
		if _, ok := c.parse([]byte(strings.Join(row, " ")), &e); ok {
			n++
		}
	}
	return n
}

// column is what stands in the column of a role.
func (c *csvColumns) column(cells [][]string, role csvRole) (column []string) {
	for _, row := range cells {
		for i, cell := range row {
			if i < c.count && c.roles[i] == role {
				column = append(column, cell)
			}
		}
	}
	return column
}

// learn looks at the polarities of the sample.
func (c *csvColumns) learn(cells [][]string) {
	var values []int64
	for _, cell := range c.column(cells, roleP) {
		if v, _, exact, ok := csvNumber([]byte(cell), 0, 0, c.point()); ok && exact {
			values = append(values, v)
		}
	}
	c.polarities.learn(values)
}

// unit decides about the unit of times that have none, and doubts one that no
// sensor's rate goes with.
func (p *csvPreamble) unit(cells [][]string) {
	c := &p.columns
	var times []float64
	longest := 0 // fraction
	for _, cell := range c.column(cells, roleT) {
		if c.point() == ',' {
			cell = strings.Replace(cell, ",", ".", 1)
		}
		t, err := strconv.ParseFloat(cell, 64)
		if err != nil || math.IsNaN(t) || math.IsInf(t, 0) {
			continue // a line that is not an event, or a date
		}
		times = append(times, t)
		if _, fraction, ok := strings.Cut(cell, "."); ok {
			longest = max(longest, len(fraction))
		}
	}
	if !p.hasUnit {
		c.digits = unitOf(times, longest)
	}
	p.doubt = doubtOf(times, c.digits)
}

// unitOf is the unit, as a power of ten of a microsecond, of times that do not
// say it: microseconds where they are whole numbers; with fractions seconds, or
// the first unit with which the rate is that of a sensor.
func unitOf(times []float64, fraction int) int {
	if len(times) == 0 {
		return csvUnits["us"]
	}
	fractions := fraction >= 3 && times[0] == times[len(times)-1]
	for _, t := range times {
		fractions = fractions || t != math.Trunc(t)
	}
	if !fractions {
		return csvUnits["us"]
	}
	for _, unit := range []string{"s", "ms", "us"} {
		if r, ok := rateOf(times, csvUnits[unit]); !ok || r >= format.SlowestRate {
			return csvUnits[unit]
		}
	}
	return csvUnits["s"]
}

// rateOf is the rate of events, per second, with times in units of 10^digits µs.
func rateOf(times []float64, digits int) (float64, bool) {
	unit := math.Pow10(digits)
	return format.EventRate(len(times), times[0]*unit, times[len(times)-1]*unit)
}

// doubtOf reports what is odd about the times with their unit, or "".
func doubtOf(times []float64, digits int) string {
	if len(times) == 0 {
		return ""
	}
	name, unit := map[int]string{-3: "ns", 0: "µs", 3: "ms", 6: "s"}[digits], math.Pow10(digits)
	return format.DoubtOfTimes(len(times), times[0]*unit, times[len(times)-1]*unit, name)
}
