package pipeline

// NameForm is the regular expression of [IsName].
const NameForm = `^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`

// IsName reports whether a pipeline, or a stream of a cluster, may be named so:
// names are tokens of NATS subjects and parts of file names.
func IsName(s string) bool {
	for i, c := range []byte(s) {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case i > 0 && (c == '_' || c == '-'):
		default:
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 64
}
