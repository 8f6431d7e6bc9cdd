package audio

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// newDecoder reads the header of a stream.
func newDecoder(in *input, c *Config) (decoder, error) {
	format := c.Format
	if strings.HasPrefix(c.Path, pulseScheme) {
		format = formatRaw
	}
	if format != formatRaw && format != "csv" {
		if err := skipID3(in); err != nil {
			return nil, err
		}
	}
	if format == formatAuto {
		head := in.peek(sniffLength)
		if format = sniff(head); format == "" {
			return nil, refusal(head)
		}
	}
	d, err := openDecoder(in, c, format)
	if err == nil {
		in.rate = d.layout().rate
	}
	return d, err
}

func openDecoder(in *input, c *Config, format string) (decoder, error) {
	switch format {
	case "wav":
		return newWAV(in)
	case "flac":
		return newFLAC(in)
	case "mp3":
		return newMP3(in)
	case "csv":
		return newCSV(in, c.Raw)
	}
	return newRaw(in, c.Raw), nil
}

// sniff recognises a format by its first 12 bytes, behind any ID3v2 tag.
func sniff(b []byte) string {
	if len(b) < 4 {
		return ""
	}
	switch tag := string(b[:4]); {
	case tag == "RIFF" || tag == "RIFX" || tag == "RF64" || tag == "BW64":
		return "wav"
	case tag == "fLaC":
		return "flac"
	case tag[:3] == "ID3", b[0] == 0xff && b[1]&0xe0 == 0xe0 && b[1]&0x06 != 0:
		return "mp3"
	}
	return ""
}

// skipID3 leaves out ID3v2 tags, which players put in front of any format:
// "ID3", version u16, flags u8 (0x10: a footer of 10 bytes), size of 4 x 7 bits
// (id3.org, ID3v2.4.0 structure, 3.1).
func skipID3(in *input) error {
	for {
		b := in.peek(10)
		if len(b) < 10 || string(b[:3]) != "ID3" {
			return nil
		}
		size := 10 + int64(b[6]&0x7f)<<21 + int64(b[7]&0x7f)<<14 + int64(b[8]&0x7f)<<7 + int64(b[9]&0x7f)
		if b[5]&0x10 != 0 {
			size += 10
		}
		if err := in.skip(size); err != nil {
			return fmt.Errorf("in an ID3 tag: %w", unexpected(err))
		}
	}
}

// foreign are formats that are known and not read, by how they begin: the last
// two may be films.
var foreign = []struct {
	at          int
	begin, name string
}{
	{0, "OggS", "Ogg (Opus, Vorbis, Speex)"}, {0, "FORM", "AIFF"}, {0, ".snd", "AU"}, {0, "caff", "CAF"},
	{0, "riff\x2e\x91\xcf\x11", "Wave64"}, {0, "#!AMR", "AMR"}, {0, "\x30\x26\xb2\x75", "WMA"}, {0, "wvpk", "WavPack"},
	{0, "MAC ", "Monkey's Audio"}, {0, "DSD ", "DSF"}, {4, "ftyp", "MP4 (AAC, ALAC)"}, {0, "\x1aE\xdf\xa3", "Matroska or WebM"},
}

// isForeign reports whether a stream that begins so is sound of a known format
// that is not read.
func isForeign(head []byte) bool {
	for _, f := range foreign[:len(foreign)-2] {
		if bytes.HasPrefix(head, []byte(f.begin)) {
			return true
		}
	}
	return false
}

// refusal reports what a stream is that is not read, and what reads it.
func refusal(head []byte) error {
	for _, f := range foreign {
		if len(head) >= f.at+len(f.begin) && string(head[f.at:f.at+len(f.begin)]) == f.begin {
			return fmt.Errorf("is %s, which is not read here; %s", f.name, throughFFmpeg)
		}
	}
	if len(head) > 1 && head[0] == 0xff && head[1]&0xf6 == 0xf0 {
		return fmt.Errorf("is AAC, which is not read here; %s", throughFFmpeg)
	}
	return errors.New("neither WAV nor FLAC nor MP3 by its first bytes: set format (raw and csv have no header)")
}

// throughFFmpeg is how anything that ffmpeg decodes is heard.
const throughFFmpeg = "ffmpeg reads it: ffmpeg -i FILE -f wav - | ganglion run CONFIG --input -"
