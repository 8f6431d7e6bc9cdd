package component_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/pipeline/component"
)

func TestSizesHaveUnits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]component.Bytes{
		"0": 0, "1000": 1000, "64MiB": 64 << 20, "1GB": 1e9, "1 KiB": 1024, "1kb": 1000, "1.5GiB": 3 << 29, "2TiB": 2 << 40, "12B": 12,
		"0.5KiB": 512, "9223372036854775807": 1<<63 - 1,
	} {
		var b, back component.Bytes
		if err := b.UnmarshalText([]byte(text)); err != nil || b != want {
			t.Errorf("%q is %d (%v), want %d", text, b, err, want)
		}
		if err := back.UnmarshalText([]byte(b.String())); err != nil || back != b {
			t.Errorf("%q prints as %q, which is %d", text, b.String(), back)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "1.5", "1.5B", "1e9", "1MiBs", "0x10",
		"9223372036854775808", "9000000TiB", "NaN", "1 2", "1,5GB", "+1"} {
		var b component.Bytes
		if err := b.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken for %d bytes", text, b)
		}
	}
}

func TestASecretMayStandInAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return "file:" + path
	}
	for value, want := range map[string]string{
		"geheim": "geheim", "": "", "files:x": "files:x",
		write("newline", "geheim\n"):      "geheim",
		write("windows", "geheim\r\n"):    "geheim",
		write("none", "geheim"):           "geheim",
		write("spaces", " ge\nheim \n\n"): " ge\nheim \n",
	} {
		if got, err := component.ReadSecret(value, ""); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", value, string(got), err)
		}
	}
	if got, err := component.ReadSecret("file:none", dir); err != nil || string(got) != "geheim" {
		t.Errorf("beside the config: %q, %v", string(got), err)
	}
	for value, want := range map[string]string{
		"file:" + dir + "/nowhere":                     "no such file",
		"file:" + dir:                                  "is a directory",
		write("empty", "\n"):                           "is empty",
		write("long", strings.Repeat("geheim", 1<<14)): "is longer than",
	} {
		_, err := component.ReadSecret(value, "")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v, want %s", value, err, want)
		}
	}
}
