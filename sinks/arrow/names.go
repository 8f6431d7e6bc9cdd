package arrow

// names gives equal strings one memory: streams, hashes and kinds repeat.
type names map[string]string

func (n names) of(b []byte) string {
	s, ok := n[string(b)]
	if !ok {
		s = string(b)
		n[s] = s
	}
	return s
}
