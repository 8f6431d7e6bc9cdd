package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"ganglion/internal/outfile"
)

// MP4 is a film that ffmpeg encodes: frames go to it as they are, and the
// file gets its name once it is whole.
type MP4 struct {
	cmd    *exec.Cmd
	frames io.WriteCloser
	said   bytes.Buffer // by ffmpeg
	part   string       // what it writes
	output string
}

// ffmpeg is the program that encodes films.
const ffmpeg = "ffmpeg"

// FindFFmpeg is where the encoder of a film is.
func FindFFmpeg(output string) (string, error) {
	path, err := exec.LookPath(ffmpeg)
	if err != nil {
		return "", fmt.Errorf("%s: MP4 films are encoded by ffmpeg, which is not installed here; a name that ends in .gif needs nothing", output)
	}
	return path, nil
}

// NewMP4 starts ffmpeg for frames of a size, fps of them in a second.
func NewMP4(ctx context.Context, output string, size image.Point, fps float64) (*MP4, error) {
	program, err := FindFFmpeg(output)
	if err != nil {
		return nil, err
	}
	part, err := os.CreateTemp(filepath.Dir(output), ".ganglion-*.mp4")
	if err != nil {
		return nil, err
	}
	m := &MP4{part: part.Name(), output: output}
	if err := part.Close(); err != nil {
		return nil, errors.Join(err, os.Remove(m.part))
	}
	m.cmd = exec.CommandContext(ctx, program, "-hide_banner", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgba",
		"-video_size", fmt.Sprintf("%dx%d", size.X, size.Y), "-framerate", fmt.Sprint(fps), "-i", "-",
		"-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", // players want even edges
		"-pix_fmt", "yuv420p", "-movflags", "+faststart", "file:"+m.part)
	m.cmd.Stdout, m.cmd.Stderr = &m.said, &m.said
	m.frames, err = m.cmd.StdinPipe()
	if err == nil {
		err = m.cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ffmpeg: %w", err), os.Remove(m.part))
	}
	return m, nil
}

// Add appends a frame.
func (m *MP4) Add(frame *image.RGBA) error {
	_, err := m.frames.Write(frame.Pix)
	return err
}

// Close ends the film. Where ffmpeg failed, what it said is the error, and no file
// is left.
func (m *MP4) Close() error {
	closed := m.frames.Close()
	err := m.cmd.Wait()
	switch {
	case err != nil:
		err = fmt.Errorf("%s: ffmpeg: %w: %s", m.output, err, strings.TrimSpace(m.said.String()))
	case closed != nil && !errors.Is(closed, os.ErrClosed):
		err = fmt.Errorf("%s: ffmpeg: %w", m.output, closed)
	default:
		if err = os.Chmod(m.part, 0o644); err == nil {
			err = outfile.Settle(m.part, m.output)
		}
	}
	if err != nil {
		err = errors.Join(err, os.Remove(m.part))
	}
	return err
}

// Discard ends the film and leaves no file. What ffmpeg said, if anything, is an
// error.
func (m *MP4) Discard() error {
	_ = m.cmd.Process.Kill() // it may have ended by itself
	_, _ = m.frames.Close(), m.cmd.Wait()
	err := os.Remove(m.part)
	if said := strings.TrimSpace(m.said.String()); said != "" {
		err = errors.Join(fmt.Errorf("%s: ffmpeg: %s", m.output, said), err)
	}
	return err
}
