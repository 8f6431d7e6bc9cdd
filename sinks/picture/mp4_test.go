package picture

import (
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// mp4 writes a film of three frames.
func mp4(t *testing.T, output string) error {
	t.Helper()
	m, err := NewMP4(t.Context(), output, image.Pt(33, 21), 25)
	if err != nil {
		return err
	}
	frame := image.NewRGBA(image.Rect(0, 0, 33, 21))
	for range 3 {
		fillRect(frame, frame.Rect, onTint)
		_ = m.Add(frame) // Close tells why ffmpeg went away
	}
	return m.Close()
}

func TestFilmsAreWholeOrNotThere(t *testing.T) {
	dir := t.TempDir()
	output := filepath.Join(dir, "film.mp4")
	left := func() int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	if _, err := exec.LookPath(ffmpeg); err == nil {
		if err := mp4(t, output); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(output)
		if err != nil || len(data) < 500 || string(data[4:8]) != "ftyp" || left() != 1 {
			t.Errorf("%d bytes that are not MP4, %d files, %v", len(data), left(), err)
		}
		if err := os.Remove(output); err != nil {
			t.Fatal(err)
		}
	}
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	if err := mp4(t, output); err == nil || !strings.Contains(err.Error(), "ffmpeg, which is not installed here") {
		t.Error(err)
	}
	if runtime.GOOS == "windows" {
		return // a script is not a program there
	}
	program := filepath.Join(bin, ffmpeg)
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho no encoder >&2\nexit 9\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := mp4(t, output); err == nil || !strings.Contains(err.Error(), "no encoder") {
		t.Error(err)
	}
	if err := mp4(t, filepath.Join(dir, "nowhere", "film.mp4")); err == nil {
		t.Error("a film in a folder that is not there")
	}
	if err := os.WriteFile(program, []byte("not a program"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := mp4(t, output); err == nil {
		t.Error("a program that does not start")
	}
	if n := left(); n != 0 {
		t.Errorf("%d files are left behind", n)
	}
}
