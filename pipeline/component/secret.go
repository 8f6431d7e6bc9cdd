package component

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ganglion/internal/redact"
)

// Secret is a string that never shows: it prints, logs and marshals as
// [REDACTED]. Convert it with string(s) at the one place that needs it.
type Secret string

// String hides the secret; an empty one stays empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redact.Mark
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the secret from JSON, YAML and slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// secretFile begins a secret that stands in a file, and longestSecret bounds it.
const (
	secretFile    = "file:"
	longestSecret = 64 << 10
)

// ReadSecret returns what a configuration's value of a secret means: itself, or
// the content of the file that file:PATH names, without the newline at its end; a
// relative path begins at dir.
// Errors name the file and show nothing of it.
func ReadSecret(value, dir string) (Secret, error) {
	path, ok := strings.CutPrefix(value, secretFile)
	if !ok {
		return Secret(value), nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	text, err := readSecret(path)
	if err != nil {
		if cause, ok := errors.AsType[*fs.PathError](err); ok {
			err = cause.Err
		}
		return "", fmt.Errorf("%s%s: %w", secretFile, path, err)
	}
	return Secret(text), nil
}

func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, longestSecret+1))
	if err != nil {
		return "", err
	}
	if len(b) > longestSecret {
		return "", fmt.Errorf("is longer than %d bytes, and no secret", longestSecret)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if text == "" {
		return "", errors.New("is empty")
	}
	return text, nil
}
