package table

import (
	"strings"

	"ganglion/pipeline"
)

// polarities reports which numbers are ON and OFF beside 0 and -1, which are OFF:
// of 1 and 2 the greater is ON, as in MATLAB; 255 is ON beside 0, and beside 1 it
// is -1 in 8 bits.
type polarities struct {
	twos, beside0, beside1 bool // 2 is ON; 255 stands beside 0, or beside 1
}

// learn looks at the polarities of a sample.
func (p *polarities) learn(values []int64) {
	seen := map[int64]bool{}
	for _, v := range values {
		seen[v] = true
	}
	p.twos = seen[2] && !seen[0] && !seen[-1]
	p.beside0 = seen[255] && seen[0]
	p.beside1 = seen[255] && seen[1] && !seen[0]
}

// of is the polarity that a number stands for.
func (p polarities) of(v int64) (uint8, bool) {
	switch v {
	case 1:
		if p.twos {
			return pipeline.Off, true
		}
		return pipeline.On, true
	case 0, -1, 1<<16 - 1, 1<<32 - 1:
		return pipeline.Off, true
	case 2:
		return pipeline.On, p.twos
	case 255:
		if p.beside0 {
			return pipeline.On, true
		}
		return pipeline.Off, p.beside1
	}
	return 0, false
}

// polarityWords are the words for polarities, in lower case.
var polarityWords = map[string]uint8{
	"true": pipeline.On, "t": pipeline.On, "on": pipeline.On, "pos": pipeline.On, "positive": pipeline.On, "+": pipeline.On,
	"18446744073709551615": pipeline.Off, // -1 in 64 bits
	"false":                pipeline.Off, "f": pipeline.Off, "off": pipeline.Off,
	"neg": pipeline.Off, "negative": pipeline.Off, "-": pipeline.Off,
}

// polarity reads a polarity at src[n:].
func (c *csvColumns) polarity(src []byte, n int) (uint8, int, bool) {
	if first := src[n]; n+1 == len(src) || c.blank[src[n+1]] || src[n+1] == '\n' {
		switch {
		case first == '0':
			return pipeline.Off, n + 1, true
		case first == '1' && !c.polarities.twos:
			return pipeline.On, n + 1, true
		}
	}
	if v, end, exact, ok := csvNumber(src, n, 0, c.point()); ok && exact {
		p, ok := c.polarities.of(v)
		return p, end, ok
	}
	first := n
	for n < len(src) && !c.blank[src[n]] && src[n] != '\n' {
		n++
	}
	const longest = len("18446744073709551615")
	if n-first > longest {
		return 0, n, false
	}
	p, ok := polarityWords[strings.ToLower(string(src[first:n]))]
	return p, n, ok
}
