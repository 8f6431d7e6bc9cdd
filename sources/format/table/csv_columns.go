package table

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"ganglion/pipeline"
)

// csvRole is what a column holds.
type csvRole uint8

const (
	roleNone csvRole = iota
	roleT
	roleX
	roleY
	roleP
)

// csvNames are the names that columns go by.
var csvNames = map[string]csvRole{
	"t": roleT, "ts": roleT, "time": roleT, "timestamp": roleT,
	"x": roleX, "y": roleY,
	"p": roleP, "pol": roleP, "polarity": roleP, "on": roleP,
}

// csvUnits are the powers of ten of a microsecond that a time unit is.
var csvUnits = map[string]int{"us": 0, "µs": 0, "ms": 3, "s": 6}

// csvColumns is the order of the columns.
type csvColumns struct {
	roles  []csvRole // the last entry is roleNone and stands for all further columns
	count  int       // how many columns a line needs
	digits int       // the unit of time is 10^digits µs
}

// String names the columns as [Options.Columns] takes them.
func (c *csvColumns) String() string {
	var names []string
	for _, r := range c.roles[:c.count] {
		name := [...]string{"-", "t", "x", "y", "p"}[r]
		if r == roleT {
			name += [...]string{0: "[us]", 3: "[ms]", 6: "[s]"}[c.digits]
		}
		names = append(names, name)
	}
	return strings.Join(names, ",")
}

// csvColumnsOf reads a line of column names; a unit may follow the time's
// name, as in t[s] or t_us. hasUnit reports whether one does.
func csvColumnsOf(line string) (c csvColumns, hasUnit, ok bool) {
	seen := map[csvRole]bool{}
	for i, name := range csvFields(strings.ToLower(line)) {
		unit := ""
		if at := strings.IndexAny(name, "[_("); at > 0 {
			name, unit = name[:at], strings.Trim(name[at:], "[_()]")
		}
		role := csvNames[name]
		c.roles = append(c.roles, role)
		if role == roleNone {
			continue
		}
		if seen[role] {
			return c, false, false
		}
		seen[role] = true
		c.count = i + 1
		if role == roleT {
			c.digits, hasUnit = csvUnits[unit]
		}
	}
	c.roles = append(c.roles, roleNone)
	return c, hasUnit, len(seen) == 4
}

// csvFields cuts a line at the marks that stand between columns.
func csvFields(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool { return r < 256 && (csvBlank[r] || r == '\n') })
}

// csvPreamble is what the beginning of a text file says.
type csvPreamble struct {
	columns       csvColumns
	named         bool // by a line of names
	width, height int
	length        int // bytes before the first event
	lines         int // lines of events looked at
}

// readPreamble looks at the first bytes of a text file; last says that they
// are all of it. The columns are the ones given, or what a line of names says,
// or what the numbers look like.
func readPreamble(head []byte, last bool, given string) (csvPreamble, error) {
	var p csvPreamble
	var sample [][]string
	hasUnit := false
	if given != "" {
		if p.columns, hasUnit, p.named = csvColumnsOf(given); !p.named {
			return p, fmt.Errorf("columns %q do not name t, x, y and p once each", given)
		}
	}
	for at := 0; at < len(head); {
		end := bytes.IndexByte(head[at:], '\n') + 1
		if end == 0 {
			if end = len(head) - at; !last {
				break
			}
		}
		line := string(head[at : at+end])
		at += end
		fields := csvFields(line)
		switch {
		case len(fields) == 0 || line[0] == '#' || line[0] == '%':
		case len(sample) > 0 || !p.preface(line, fields, &hasUnit):
			sample = append(sample, fields)
		}
		if len(sample) == 0 {
			p.length = at
		}
	}
	p.lines = len(sample)
	if !p.named && !p.columns.guess(sample) {
		return p, errColumns
	}
	if !hasUnit {
		p.columns.digits = 0
		if p.columns.decimal(sample) {
			p.columns.digits = csvUnits["s"]
		}
	}
	return p, nil
}

// preface takes a line before the events: the sensor's size or column names.
func (p *csvPreamble) preface(line string, fields []string, hasUnit *bool) bool {
	if len(fields) == 2 {
		w, werr := strconv.ParseUint(fields[0], 10, 16)
		h, herr := strconv.ParseUint(fields[1], 10, 16)
		if werr == nil && herr == nil {
			p.width, p.height = int(w), int(h)
			return true
		}
	}
	c := line[0] | 0x20
	if c < 'a' || c > 'z' {
		return false
	}
	if columns, unit, ok := csvColumnsOf(line); ok && !p.named {
		p.columns, p.named, *hasUnit = columns, true, unit
	}
	return true
}

// csvOrders are the orders that lines without names are tried for, the usual
// ones first.
var csvOrders = []string{"t,x,y,p", "x,y,p,t", "x,y,t,p", "t,p,x,y", "p,x,y,t"}

// guess finds the order in which the lines of the sample are events and the
// times ascend, but for one line in ten.
func (c *csvColumns) guess(sample [][]string) bool {
	if len(sample) == 0 || len(sample[0]) != 4 {
		return false
	}
	for _, order := range csvOrders {
		*c, _, _ = csvColumnsOf(order)
		if c.digits = 0; c.decimal(sample) {
			c.digits = csvUnits["s"]
		}
		if c.fits(sample) {
			return true
		}
	}
	return false
}

func (c *csvColumns) fits(sample [][]string) bool {
	bad, last := 0, int64(math.MinInt64)
	for _, fields := range sample {
		var e pipeline.Event
		if _, ok := c.parse([]byte(strings.Join(fields, " ")), &e); !ok || e.T < last {
			bad++
			continue
		}
		last = e.T
	}
	return bad*10 <= len(sample)
}

// decimal reports whether the times have decimal points, which are in seconds
// unless something else is said.
func (c *csvColumns) decimal(sample [][]string) bool {
	for _, fields := range sample {
		for i, f := range fields {
			if i < c.count && c.roles[i] == roleT && strings.Contains(f, ".") {
				return true
			}
		}
	}
	return false
}
