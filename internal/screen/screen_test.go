package screen_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"ganglion/internal/screen"
)

var lines = map[string]string{
	"plain":                  "plain",
	"grüß 日本 µs 🎥":           "grüß 日本 µs 🎥",
	"\x1b[2J":                `\u001b[2J`,
	"a\rb\bc\x00\x7f":        `a\u000db\u0008c\u0000\u007f`,
	"\u009b31m":              `\u009b31m`, // the control sequence introducer in one rune
	"\x9b31m":                "\ufffd31m", // and in one byte
	"user\u202egpj.exe":      `user\u202egpj.exe`,
	"a\u2028b":               `a\u2028b`,
	"cut \xe2\x82":           "cut \ufffd\ufffd",
	"two\nlines\tand a tab":  `two\u000alines\u0009and a tab`,
	"\ufffd stands as it is": "\ufffd stands as it is",
}

func TestWhatWouldSteerATerminalIsShown(t *testing.T) {
	t.Parallel()
	for text, want := range lines {
		if got := screen.Line(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestAWriterEscapesHoweverTextIsCut(t *testing.T) {
	t.Parallel()
	for text := range lines {
		want := string(screen.Append(nil, []byte(text+"!"), false))
		for size := 1; size <= len(text); size++ {
			var got bytes.Buffer
			w := screen.NewWriter(&got)
			for rest := []byte(text + "!"); len(rest) > 0; rest = rest[min(size, len(rest)):] {
				if n, err := w.Write(rest[:min(size, len(rest))]); err != nil || n != min(size, len(rest)) {
					t.Fatal(n, err)
				}
			}
			if got.String() != want {
				t.Errorf("%q in pieces of %d: got %q, want %q", text, size, got.String(), want)
			}
		}
	}
}

func TestJSONStaysTheSameValue(t *testing.T) {
	t.Parallel()
	const label = "\x1b]0;x\x07 \u009b \x7f \u202e ü \n"
	var plain, got bytes.Buffer
	if err := json.NewEncoder(&plain).Encode(label); err != nil {
		t.Fatal(err)
	}
	if _, err := screen.NewWriter(&got).Write(plain.Bytes()); err != nil {
		t.Fatal(err)
	}
	var back string
	if err := json.Unmarshal(got.Bytes(), &back); err != nil || back != label {
		t.Errorf("%q, %v", back, err)
	}
	if !strings.ContainsRune(plain.String(), '\u009b') || strings.ContainsRune(got.String(), '\u009b') {
		t.Error("the encoder alone would do, or the writer does nothing")
	}
}
