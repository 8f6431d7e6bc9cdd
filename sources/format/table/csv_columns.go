package table

import (
	"fmt"
	"slices"
	"strings"
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
	"t": roleT, "ts": roleT, "time": roleT, "timestamp": roleT, "timestamps": roleT, "times": roleT,
	"x": roleX, "xs": roleX, "y": roleY, "ys": roleY,
	"p": roleP, "ps": roleP, "pol": roleP, "polarity": roleP, "polarities": roleP, "on": roleP,
}

// csvUnits are the powers of ten of a microsecond that a time unit is; "secs" is
// the plural of "sec".
var csvUnits = map[string]int{
	"ns": -3, "nsec": -3, "nanosec": -3, "nanosecond": -3,
	"us": 0, "µs": 0, "μs": 0, "usec": 0, "microsec": 0, "microsecond": 0,
	"ms": 3, "msec": 3, "millisec": 3, "millisecond": 3,
	"s": 6, "sec": 6, "second": 6,
}

// unitNamed is the power of ten of a microsecond that a unit's name stands for.
func unitNamed(unit string) (digits int, ok bool) {
	if digits, ok = csvUnits[unit]; !ok {
		digits, ok = csvUnits[strings.TrimSuffix(unit, "s")]
	}
	return digits, ok
}

// csvColumns is the order of the columns, and how their numbers are written.
type csvColumns struct {
	roles      []csvRole // the last entry is roleNone and stands for all further columns
	count      int       // how many columns a line needs
	digits     int       // the unit of time is 10^digits µs
	polarities polarities
	blank      *[256]bool // csvBlank or csvBlankComma
}

// String names the columns as [format.Options] takes them.
func (c *csvColumns) String() string {
	var names []string
	for _, r := range c.roles[:c.count] {
		name := [...]string{"-", "t", "x", "y", "p"}[r]
		if r == roleT {
			name += map[int]string{-3: "[ns]", 0: "[us]", 3: "[ms]", 6: "[s]"}[c.digits]
		}
		names = append(names, name)
	}
	return strings.Join(names, ",")
}

// columnsGiven reads what a user says of the columns.
func columnsGiven(given string) (c csvColumns, hasUnit bool, err error) {
	for _, name := range csvSplit(given) {
		if _, unit, bracket := csvUnit(strings.ToLower(name)); bracket {
			if _, known := unitNamed(unit); !known {
				return c, false, fmt.Errorf("columns %.60q: the unit %.20q is none of ns, us, ms and s", given, unit)
			}
		}
	}
	c, hasUnit, ok := columnsOf(csvSplit(given))
	if !ok {
		return c, false, fmt.Errorf("columns %.80q do not name t, x, y and p once each", given)
	}
	return c, hasUnit, nil
}

// columnsOf reads the columns' names; a unit may follow the time's name, as in
// t[s], t_us or "timestamp (ns)". hasUnit reports whether one does. The four may
// have one beginning in common, as event_t has, if no other four have one too.
func columnsOf(names []string) (c csvColumns, hasUnit, ok bool) {
	if c, hasUnit, ok = plainColumns(names); ok {
		return c, hasUnit, ok
	}
	rest := map[string][]string{} // of the names with each beginning
	for _, name := range names {
		if beginning := beginningOf(name); beginning != "" {
			rest[beginning] = append(rest[beginning], name[len(beginning):])
		}
	}
	only, found := "", 0
	for beginning, names := range rest {
		if _, _, four := plainColumns(names); four {
			only, found = beginning, found+1
		}
	}
	if found != 1 {
		return c, hasUnit, false
	}
	names = slices.Clone(names)
	for i, name := range names {
		if names[i] = ""; beginningOf(name) == only { // else a column of another kind
			names[i] = name[len(only):]
		}
	}
	return plainColumns(names)
}

// beginningOf is what stands before the rest of a name, as event_ does in event_t.
func beginningOf(name string) string { return name[:strings.IndexAny(name, "_./")+1] }

// plainColumns is columnsOf for names without such a beginning.
func plainColumns(names []string) (c csvColumns, hasUnit, ok bool) {
	c.blank = csvBlank
	seen := map[csvRole]bool{}
	for i, name := range names {
		name, unit, bracket := csvUnit(strings.ToLower(strings.TrimSpace(name)))
		role := csvNames[name]
		digits, known := unitNamed(unit)
		if unit != "" && !bracket && role != roleNone && !(role == roleT && known) {
			role = roleNone // such as x_offset or t_index
		}
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
			c.digits, hasUnit = digits, known
		}
	}
	c.roles = append(c.roles, roleNone)
	return c, hasUnit, len(seen) == 4
}

// csvUnit takes a column's name and unit apart; bracket reports whether the
// unit stands in brackets.
func csvUnit(name string) (base, unit string, bracket bool) {
	const brackets = "[({"
	at := strings.IndexAny(name, brackets+"_ /-")
	if at <= 0 {
		return csvUnitJoined(name)
	}
	unit = strings.Trim(name[at:], brackets+")]}_ /-")
	return name[:at], unit, strings.ContainsAny(name[at:], brackets)
}

// csvUnitJoined is csvUnit for a name that ends in its unit, as timestampNs does.
func csvUnitJoined(name string) (base, unit string, bracket bool) {
	if csvNames[name] != roleNone {
		return name, "", false
	}
	for base, role := range csvNames {
		if rest, ok := strings.CutPrefix(name, base); ok && role == roleT {
			if _, known := unitNamed(rest); known {
				return base, rest, false
			}
		}
	}
	return name, "", false
}

// csvSplit cuts a line into its cells, empty ones among them, at the first of
// tab, bar, semicolon and comma that it has, else at blanks. Bars around the line
// are not cells.
func csvSplit(line string) []string {
	line = strings.Trim(strings.TrimRight(line, "\r\n"), "|")
	for _, mark := range []string{"\t", "|", ";", ","} {
		if strings.Contains(line, mark) {
			cells := strings.Split(line, mark)
			for i := range cells {
				cells[i] = strings.Trim(cells[i], " \"'")
			}
			return cells
		}
	}
	var cells []string
	for _, cell := range strings.Fields(line) {
		if n := len(cells); n > 0 && strings.ContainsAny(cell[:1], "[(") {
			cells[n-1] += cell // a unit, set apart
			continue
		}
		cells = append(cells, strings.Trim(cell, "\"'"))
	}
	return cells
}

// index puts a column that is not wanted before the others.
func (c *csvColumns) index() {
	c.roles = slices.Insert(c.roles, 0, roleNone)
	c.count++
}
