package audio

import (
	"context"
	"crypto/sha3"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ganglion/pipeline"
)

// Report is what a sound file is and holds. Its JSON form is the output of
// `ganglion inspect --json` for sound.
type Report struct {
	Format   string            `json:"format"`           // wav, flac, mp3
	Encoding string            `json:"encoding"`         // of a sample: s16le, f32be, mulaw; what FLAC and MP3 decode to
	Rate     int               `json:"rate"`             // frames/s
	Channels int               `json:"channels"`         //
	Frames   int64             `json:"frames"`           // samples of each channel
	Duration float64           `json:"duration_s"`       // Frames/Rate
	Peak     float64           `json:"peak"`             // largest magnitude of a sample, 1 is full scale
	RMS      float64           `json:"rms"`              // of all samples
	Size     int64             `json:"size_bytes"`       // of the file, or what came through a pipe
	Damage   []pipeline.Damage `json:"damage"`           // what was broken and skipped
	Digest   string            `json:"digest,omitempty"` // SHA3-224 of the samples as f32le, interleaved
}

// sniffLength is how many of the first bytes [Sniff] wants.
const sniffLength = 12

// Sniff tells the format of a sound by its first bytes: wav, flac or mp3, or ""
// where it is none of these. sure reports that they name the format, or one that
// is not read, which opening it tells with what reads it; else they are the
// header of an MP3 frame, two bytes of which other data may have as well.
func Sniff(head []byte) (format string, sure bool) {
	switch format = sniff(head); {
	case format == "wav":
		sure = len(head) >= sniffLength && string(head[8:12]) == "WAVE"
	case format == "flac":
		sure = true
	case format == "mp3":
		if sure = head[0] == 'I'; sure {
			return format, sure
		}
		if version, bitrate, rate := head[1]>>3&3, head[2]>>4, head[2]>>2&3; version != 1 && bitrate != 15 && rate != 3 {
			return format, false
		}
	}
	if !sure {
		return "", isForeign(head)
	}
	return format, sure
}

// Recognise reports whether a file is sound, by its first bytes as [Sniff] does;
// MP3 without an ID3 tag, which has no sure mark, also by its name. A pipe, whose
// first bytes would be gone, is not looked into.
func Recognise(path string) bool {
	if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [sniffLength]byte
	n, _ := io.ReadFull(f, head[:])
	format, sure := Sniff(head[:n])
	return sure || format != "" && strings.EqualFold(filepath.Ext(path), ".mp3")
}

// Inspect decodes a whole sound and says what it holds. Of the configuration
// path, format and raw matter. Where src is not nil it is read in place of the
// path, which is then a name for errors.
func Inspect(ctx context.Context, c Config, src io.Reader, digest bool) (Report, error) {
	if src != nil {
		return inspect(c, src, 0, digest)
	}
	file, err := openHandle(&c, surroundings{ctx, slog.Default(), time.Now})
	if err != nil {
		return Report{}, err
	}
	defer file.Close()
	return inspect(c, file, file.size(), digest)
}

func inspect(c Config, src io.Reader, size int64, digest bool) (Report, error) {
	in := newInput(src)
	if h, ok := src.(handle); ok {
		h.report(in)
	}
	dec, err := newDecoder(in, &c)
	if err != nil {
		return Report{}, fmt.Errorf("%s: %w", c.Path, err)
	}
	l := dec.layout()
	r := Report{Format: l.format, Encoding: encodingOf(dec), Rate: l.rate, Channels: l.channels, Size: size}
	sum := sha3.New224()
	var squares float64
	var samples int64
	buf, bytes := make([]float32, sourceBlock), make([]byte, 0, 4*sourceBlock)
	for err == nil {
		var n int
		n, err = dec.decode(buf)
		in.frame += int64(n / l.channels)
		samples += int64(n)
		bytes = bytes[:0]
		for _, v := range buf[:n] {
			r.Peak = max(r.Peak, math.Abs(float64(v)))
			squares += float64(float64(v) * float64(v))
			bytes = binary.LittleEndian.AppendUint32(bytes, math.Float32bits(v))
		}
		if digest {
			sum.Write(bytes)
		}
	}
	if !errors.Is(err, io.EOF) {
		return r, fmt.Errorf("%s: at byte %d: %w", c.Path, in.off, err)
	}
	if r.Size == 0 { // a pipe: what came
		r.Size = in.off
	}
	r.Frames = samples / int64(l.channels)
	r.Duration = float64(r.Frames) / float64(l.rate)
	r.RMS = math.Sqrt(squares / float64(max(samples, 1)))
	r.Damage = append([]pipeline.Damage{}, in.report.List()...)
	if digest {
		r.Digest = hex.EncodeToString(sum.Sum(nil))
	}
	return r, nil
}

// encodingOf names the form of a decoder's samples as arecord does.
func encodingOf(d decoder) string {
	switch d := d.(type) {
	case *pcm:
		return d.form.String()
	case *flacDecoder:
		return fmt.Sprintf("s%d", d.bits)
	}
	return "s16"
}

// String names the form as the raw encodings are named; widths that raw sound
// cannot have are named alike.
func (f sampleForm) String() string {
	name := map[coding]string{codingUnsigned: "u", codingSigned: "s", codingFloat: "f", codingALaw: "alaw", codingMuLaw: "mulaw"}[f.coding]
	switch {
	case f.coding == codingALaw || f.coding == codingMuLaw:
		return name
	case f.size == 1:
		return name + "8"
	case f.low && f.big:
		return "s24_32be"
	case f.low:
		return "s24_32le"
	case f.big:
		return fmt.Sprintf("%s%dbe", name, 8*f.size)
	}
	return fmt.Sprintf("%s%dle", name, 8*f.size)
}
