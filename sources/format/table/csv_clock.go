package table

import "time"

// Times that are written as dates or clocks: 2023-05-04T12:00:00.001243Z, the
// same with a blank for the T, with an offset such as +02:00 or +0200, or without
// a zone, which is taken for UTC; 12:00:00.5 since midnight; pandas' 0 days
// 00:00:00.5. Dates become Unix time. Digits below a microsecond are rounded.

const (
	csvSecond = 1_000_000 // µs
	csvDay    = 86_400 * csvSecond
)

// csvClock reads a date with a clock, or a clock alone, at src[n:].
func csvClock(src []byte, n int) (us int64, end int, ok bool) {
	if date, at, ok := csvDate(src, n); ok {
		clock, at, ok := csvTimeOfDay(src, at+1)
		if !ok {
			return 0, n, false
		}
		zone, at, ok := csvZone(src, at)
		return date + clock - zone, at, ok
	}
	return csvTimeOfDay(src, n)
}

// csvDays reads the rest of "2 days 00:00:01.5", of which the number is read.
func csvDays(src []byte, n int, days int64) (us int64, end int, ok bool) {
	const word = " days "
	if days > 1e6 || len(src)-n < len(word) || string(src[n:n+len(word)]) != word {
		return 0, n, false
	}
	us, end, ok = csvTimeOfDay(src, n+len(word))
	return days*csvDay + us, end, ok
}

// csvDate reads year, month and day, behind which a T or a blank must stand.
func csvDate(src []byte, n int) (us int64, end int, ok bool) {
	year, at, ok1 := csvField(src, n, 4, '-')
	month, at, ok2 := csvField(src, at, 2, '-')
	day, at, ok3 := csvField(src, at, 2, 0)
	if !ok1 || !ok2 || !ok3 || month < 1 || month > 12 || day < 1 || day > 31 || at == len(src) || src[at] != 'T' && src[at] != ' ' {
		return 0, n, false
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).UnixMicro(), at, true
}

// csvTimeOfDay reads hours, minutes and seconds.
func csvTimeOfDay(src []byte, n int) (us int64, end int, ok bool) {
	hour, at, ok1 := csvField(src, n, 2, ':')
	minute, at, ok2 := csvField(src, at, 2, ':')
	if !ok1 || !ok2 || minute > 59 || at == len(src) || src[at]-'0' > 9 {
		return 0, n, false
	}
	us, at, _, ok = csvNumber(src, at, 6, '.')
	return int64(hour*60+minute)*60*csvSecond + us, at, ok && us < 61*csvSecond
}

// csvZone reads what the clock is ahead of UTC.
func csvZone(src []byte, n int) (us int64, end int, ok bool) {
	if n == len(src) || src[n] != 'Z' && src[n] != '+' && src[n] != '-' {
		return 0, n, true
	}
	if src[n] == 'Z' {
		return 0, n + 1, true
	}
	hours, at, ok1 := csvField(src, n+1, 2, 0)
	if at < len(src) && src[at] == ':' {
		at++
	}
	minutes, at, ok2 := csvField(src, at, 2, 0)
	us = int64(hours*60+minutes) * 60 * csvSecond
	if src[n] == '-' {
		us = -us
	}
	return us, at, ok1 && ok2
}

// csvField reads a number of so many digits and what must follow it, if anything.
func csvField(src []byte, n, digits int, follows byte) (v, end int, ok bool) {
	for ; digits > 0; digits-- {
		if n == len(src) || src[n]-'0' > 9 {
			return 0, n, false
		}
		v = v*10 + int(src[n]-'0')
		n++
	}
	if follows == 0 {
		return v, n, true
	}
	if n == len(src) || src[n] != follows {
		return 0, n, false
	}
	return v, n + 1, true
}
