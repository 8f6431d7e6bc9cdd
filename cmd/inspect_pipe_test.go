//go:build unix

package cmd

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestANamedPipeIsInspectedAsItComes writes sound and events into named pipes,
// of which nothing can be read twice.
func TestANamedPipeIsInspectedAsItComes(t *testing.T) {
	for file, want := range map[string]string{"speech.wav": "length  16000 frames, 1.000 s", "computer.flac": "length  269296 frames",
		"crossing.raw": "events     67535, "} {
		pipe := filepath.Join(t.TempDir(), "pipe")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip(err)
		}
		done := make(chan error, 1)
		go func() { // ends with the reader
			out, err := os.OpenFile(pipe, os.O_WRONLY, 0)
			if err == nil {
				var in *os.File
				if in, err = os.Open(filepath.Join("..", "testdata", file)); err == nil {
					_, err = io.Copy(out, in)
					in.Close()
				}
				out.Close()
			}
			done <- err
		}()
		if out := output(t, "inspect", pipe); !strings.Contains(out, want) {
			t.Errorf("%s: no %q in\n%s", file, want, out)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// Sound of a format that is not read is refused with what reads it, as run refuses it.
func TestInspectNamesWhatReadsOtherSound(t *testing.T) {
	for name, head := range map[string]string{"Ogg": "OggS\x00\x02", "AIFF": "FORM\x00\x01\x00\x00AIFF", "AU": ".snd\x00\x00\x00\x18"} {
		file := filepath.Join(t.TempDir(), "sound")
		if err := os.WriteFile(file, []byte(head+strings.Repeat("\x00", 60)), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := runCommand(t.Context(), "inspect", file); r.code == 0 || !strings.Contains(r.stderr, "is "+name) ||
			!strings.Contains(r.stderr, "ffmpeg -i FILE -f wav - | ganglion run CONFIG --input -") {
			t.Errorf("%s: exit code %d, %s", name, r.code, r.stderr)
		}
	}
}
