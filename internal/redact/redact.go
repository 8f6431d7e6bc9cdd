// Package redact takes secrets out of text that is shown: logs, errors,
// listings, health reports, spans.
package redact

import (
	"regexp"
	"strconv"
	"strings"
)

// Mark stands where a secret was.
const Mark = "[REDACTED]"

// credential matches key=value of keys that hold secrets, as in the query of a
// URL or an argument of a command line.
var credential = regexp.MustCompile(
	`(?i)((?:pass(?:word|wd|phrase)?|token|secret|api[_-]?key|access[_-]?key|credential|signature|authorization)=)[^\s&,;"'\[]+`)

// query matches what holds a secret in the query of a URL alone, where key=value
// elsewhere is a key of something.
var query = regexp.MustCompile(`(?i)([?&](?:[a-z_-]*key|sig|auth|pwd|code|jwt)=)[^\s&,;"'\[]+`)

// seed matches the secret of an NKey, which stands for itself.
var seed = regexp.MustCompile(`\bS[ACNOUX][A-Z2-7]{56}\b`)

// Text is a text without the user, password or token of any URL in it, without
// the values of keys that hold secrets, and without seeds of NKeys.
func Text(s string) string {
	s = seed.ReplaceAllString(s, Mark)
	if !strings.ContainsAny(s, "@=") {
		return s
	}
	return query.ReplaceAllString(credential.ReplaceAllString(urls(s), "${1}"+Mark), "${1}"+Mark)
}

// urls takes out what stands before the @ of each URL.
func urls(s string) string {
	var b strings.Builder
	for {
		_, rest, ok := strings.Cut(s, "://")
		if !ok {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:len(s)-len(rest)])
		url := rest[:end(rest)]
		if n := userinfo(url); n > 0 {
			b.WriteString(Mark)
			url = url[n:]
		}
		b.WriteString(url)
		s = rest[end(rest):]
	}
}

// end is where a URL, or a list of them, stops or the next of a list begins.
func end(rest string) int {
	n := strings.IndexAny(rest, " \t\r\n\"'`<>")
	if n < 0 {
		n = len(rest)
	}
	if next := strings.Index(rest[:n], "://"); next >= 0 {
		if comma := strings.LastIndexByte(rest[:next], ','); comma >= 0 {
			n = comma
		}
	}
	return n
}

// userinfo is the length of what stands before the @ of a URL behind its ://. A
// password that nobody encoded may hold a slash and so on: what looks like an
// authority with such a thing as a port counts to the last @.
func userinfo(url string) int {
	authority := url
	if n := strings.IndexAny(url, "/?#"); n >= 0 {
		authority = url[:n]
	}
	if n := strings.LastIndexByte(authority, '@'); n >= 0 {
		return n
	}
	colon := strings.LastIndexByte(authority, ':')
	if colon < 0 || strings.HasSuffix(authority, "]") {
		return -1
	}
	if _, err := strconv.ParseUint(authority[colon+1:], 10, 16); err == nil || colon+1 == len(authority) {
		return -1
	}
	return strings.LastIndexByte(url, '@')
}
