package cmd

import (
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/internal/shareddata"
)

// Detections and truth name the recording that they are of.
func TestDetectionsOfAnotherRecordingAreRefusedAndTold(t *testing.T) {
	config := shareddata.Project(t, "configs", "motion.yaml")
	t.Chdir(t.TempDir())
	simulate := func(scene string) {
		if _, stderr, code := invoke(t, "simulate", scene, "-o", scene+".raw", "--truth", scene+".jsonl", "--width", "64", "--height", "48",
			"--duration", "300ms"); code != 0 {
			t.Fatal(stderr)
		}
	}
	simulate("disk")
	simulate("bar-0")
	if _, stderr, code := invoke(t, "run", config, "--input", "disk.raw", "--log-level", "error",
		"--set", "sinks=[{type: jsonl, path: d.jsonl}, {type: arrow, path: d.arrow}]"); code != 0 {
		t.Fatal(stderr)
	}
	for _, file := range []string{"d.jsonl", "d.arrow"} {
		if _, stderr, code := invoke(t, "eval", "motion", "--truth", "disk.jsonl", "--detections", file); code != 0 {
			t.Errorf("%s: exit code %d: %s", file, code, stderr)
		}
		_, stderr, code := invoke(t, "eval", "motion", "--truth", "bar-0.jsonl", "--detections", file)
		if code != exitUsage || !strings.Contains(stderr, "bar-0.jsonl is the truth of recording ") ||
			!strings.Contains(stderr, "--any-recording") {
			t.Errorf("%s: exit code %d: %s", file, code, stderr)
		}
		if _, stderr, code := invoke(t, "eval", "motion", "--truth", "bar-0.jsonl", "--detections", file, "--any-recording"); code != 0 {
			t.Errorf("%s: exit code %d: %s", file, code, stderr)
		}
		_, stderr, code = invoke(t, "view", "disk.raw", "-o", "p.png", "--detections", file)
		if code != 0 || strings.Contains(stderr, "recording") {
			t.Errorf("%s: exit code %d: %s", file, code, stderr)
		}
		_, stderr, code = invoke(t, "view", "bar-0.raw", "-o", "p.png", "--detections", file)
		if code != 0 || !strings.Contains(stderr, "detections are of recording ") {
			t.Errorf("%s: exit code %d: %s", file, code, stderr)
		}
	}
	// Truth that does not tell fits all.
	text, err := os.ReadFile("bar-0.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if at := strings.Index(line, `,"recording"`); at > 0 {
			lines[i] = line[:at] + "}"
		} else if line != "" {
			t.Errorf("a line without its recording: %s", line)
		}
	}
	if err := os.WriteFile("old.jsonl", []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := invoke(t, "eval", "motion", "--truth", "old.jsonl", "--detections", "d.jsonl"); code != 0 {
		t.Error(stderr)
	}
}

func TestFilmsAreEncodedByFFmpeg(t *testing.T) {
	t.Chdir(t.TempDir())
	invoke(t, "simulate", "disk", "-o", "disk.raw", "--width", "33", "--height", "21", "--duration", "200ms")
	film := func() (stderr string, code int) {
		_, stderr, code = invoke(t, "view", "disk.raw", "-o", "film.mp4", "--scale", "3")
		return stderr, code
	}
	if _, err := exec.LookPath("ffmpeg"); err == nil {
		if stderr, code := film(); code != 0 {
			t.Fatal(stderr)
		}
		data, err := os.ReadFile("film.mp4")
		if err != nil || len(data) < 1000 || string(data[4:8]) != "ftyp" {
			t.Errorf("%d bytes that are not MP4, %v", len(data), err)
		}
		if err := os.Remove("film.mp4"); err != nil {
			t.Fatal(err)
		}
	}
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	if stderr, code := film(); code != exitFailed || !strings.Contains(stderr,
		"film.mp4: MP4 films are encoded by ffmpeg, which is not installed here") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if err := os.WriteFile(filepath.Join(bin, "ffmpeg"), []byte("#!/bin/sh\necho no encoder >&2\nexit 9\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if stderr, code := film(); code != exitFailed || !strings.Contains(stderr, "no encoder") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if left, _ := filepath.Glob("*.mp4"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if left, _ := filepath.Glob(".ganglion*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWordsAreDrawnWithTheirScores(t *testing.T) {
	t.Chdir(shareddata.Project(t))
	dir := t.TempDir()
	heard, conf := filepath.Join(dir, "heard.jsonl"), "configs/keywords.yaml"
	if _, stderr, code := invoke(t, "run", conf, "--log-level", "error", "--set", "sinks=[{type: jsonl, path: "+heard+"}]"); code != 0 {
		t.Fatal(stderr)
	}
	height := func(args ...string) (px int, stderr string) {
		t.Helper()
		file := filepath.Join(dir, "p.png")
		_, stderr, code := invoke(t, append([]string{
			"view", "testdata/computer.flac", "-o", file, "--end", "6s", "--show", "cochleagram",
		}, args...)...)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		c, err := png.DecodeConfig(f)
		if err != nil {
			t.Fatal(err)
		}
		return c.Height, stderr
	}
	without, _ := height()
	for _, args := range [][]string{{"--detections", heard}, {"--config", conf}, {"--config", conf, "--detections", heard}} {
		if with, stderr := height(args...); with < without+100 || strings.Contains(stderr, "note") {
			t.Errorf("%v: %d px high, %d without words: %s", args, with, without, stderr)
		}
	}
	if _, stderr := height("--detections", heard, "--end", "1s"); !strings.Contains(stderr, "no detection lies in the time shown") {
		t.Error(stderr)
	}
	_, stderr, code := invoke(t, "view", "testdata/digits.flac", "-o", filepath.Join(dir, "d.png"), "--detections", heard)
	if code != 0 || !strings.Contains(stderr, "detections are of recording ") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
