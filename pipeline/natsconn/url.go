package natsconn

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ParseURL reads one server URL. Its errors do not repeat the URL, which may
// hold a password.
func ParseURL(s string) (*url.URL, error) {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "://") {
		s = "nats://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("not a URL such as nats://host:4222")
	}
	switch {
	case u.Scheme != "nats" && u.Scheme != "tls" && u.Scheme != "ws" && u.Scheme != "wss":
		return nil, fmt.Errorf("scheme %q is none of nats, tls, ws, wss", u.Scheme)
	case u.Hostname() == "":
		return nil, errors.New("no host")
	}
	return u, nil
}

// Redacted is a list of URLs, separated by commas, without user, password and
// token.
func Redacted(list string) string {
	var out []string
	for s := range strings.SplitSeq(list, ",") {
		u, err := ParseURL(s)
		if err != nil {
			out = append(out, "malformed URL")
			continue
		}
		u.User = nil
		out = append(out, u.String())
	}
	return strings.Join(out, ",")
}
