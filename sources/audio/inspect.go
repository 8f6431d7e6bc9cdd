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
	Size     int64             `json:"size_bytes"`       // of the file
	Damage   []pipeline.Damage `json:"damage"`           // what was broken and skipped
	Digest   string            `json:"digest,omitempty"` // SHA3-224 of the samples as f32le, interleaved
}

// Recognise says whether a file is sound that this package reads, by its first
// bytes; MP3 without an ID3 tag, which has no sure mark, also by its name.
func Recognise(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [12]byte
	n, _ := io.ReadFull(f, head[:])
	format := sniff(head[:n])
	return format == "wav" && n == len(head) && string(head[8:]) == "WAVE" || format == "flac" ||
		format == "mp3" && (head[0] == 'I' || strings.EqualFold(filepath.Ext(path), ".mp3"))
}

// Inspect decodes a whole sound file and says what it holds.
func Inspect(path string, digest bool) (Report, error) {
	c := *Component.Defaults().(*Config)
	c.Path = path
	file, err := openHandle(context.Background(), &c, slog.Default())
	if err != nil {
		return Report{}, err
	}
	defer file.Close()
	in := newInput(file)
	dec, err := newDecoder(in, &c)
	if err != nil {
		return Report{}, fmt.Errorf("%s: %w", path, err)
	}
	l := dec.layout()
	r := Report{Format: l.format, Encoding: encodingOf(dec), Rate: l.rate, Channels: l.channels, Size: file.size()}
	sum := sha3.New224()
	var squares float64
	var samples int64
	buf, bytes := make([]float32, sourceBlock), make([]byte, 0, 4*sourceBlock)
	for err == nil {
		var n int
		n, err = dec.decode(buf)
		in.micros = samples / int64(l.channels) * 1_000_000 / int64(l.rate)
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
		return r, fmt.Errorf("%s: at byte %d: %w", path, in.off, err)
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
	case f.big:
		return fmt.Sprintf("%s%dbe", name, 8*f.size)
	}
	return fmt.Sprintf("%s%dle", name, 8*f.size)
}
