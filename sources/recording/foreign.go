package recording

import (
	"bytes"
	"strings"

	"ganglion/sources/format"
)

// signature is how a file begins that is something else than a recording, or a
// recording of a format that is not read.
type signature struct {
	at    int // offset of the magic number
	magic string
	name  string
	todo  string // what to do with it
}

// signatures are asked when no format is certain of a recording.
var signatures = []signature{
	{0, "#ROSBAG V", "a ROS 1 bag of an unknown version", "version 2.0 is read; export its events as RAW, CSV or NumPy"},
	{0, "SQLite format 3\x00", "an SQLite database that is not a ROS 2 bag", "export its events as RAW, CSV or NumPy"},
	{0, "\x89MCAP0\r\n", "an MCAP file without events that are read", "export its events as RAW, CSV or NumPy"},
	{4, "ftyp", "an MP4 or MOV film", "it holds pictures; a simulator such as v2e makes events of them"},
	{0, "RIFF", "a WAV or AVI file", "it holds sound or pictures and not events"},
	{0, "fLaC", "a FLAC file", "it holds sound and not events"},
	{0, "ID3", "an MP3 file", "it holds sound and not events"},
	{0, "\x1aE\xdf\xa3", "a Matroska or WebM film", "it holds pictures; a simulator such as v2e makes events of them"},
	{0, "GIF8", "a GIF picture", "it holds pictures and not events"},
	{0, "\x89PNG\r\n\x1a\n", "a PNG picture", "it holds a picture and not events"},
	{0, "\xff\xd8\xff", "a JPEG picture", "it holds a picture and not events"},
	{0, "PK\x03\x04", "a ZIP archive", "unpack it first"},
	{0, "PK\x05\x06", "an empty ZIP archive", "it holds no recording"},
	{0, "\x1f\x8b", "compressed in a way of gzip that is not known", "unpack it first: gunzip"},
	{0, "\x04\x22\x4d\x18", "compressed with LZ4", "unpack it first: lz4 -d"},
	{0, "BZh", "compressed with bzip2", "unpack it first: bunzip2"},
	{0, "\xfd7zXZ\x00", "compressed with xz", "unpack it first: unxz"},
	{0, "7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"},
	{0, "Rar!", "a RAR archive", "unpack it first"},
	{0, "OggS", "an Ogg file", "it holds sound or pictures and not events"},
	{0, "MZ", "a program", "it holds no events"},
	{0, "\xff\xfe\x00\x00", "text in UTF-32", "save it as UTF-8"},
	{257, "ustar", "a tar archive", "unpack it first: tar -x"},
	{0, "%PDF", "a PDF document", "it holds no events"},
	{0, "version https://git-lfs", "a Git LFS pointer", "the file itself was not fetched: git lfs pull"},
	{0, "PAR1", "a Parquet file", "save it as Arrow, CSV or NumPy"},
	{0, "\x7fELF", "a program", "it holds no events"},
	{0, "\x80\x04\x95", "a Python pickle", "save the array with numpy.save"},
	{0, "\x80\x03", "a Python pickle", "save the array with numpy.save"},
}

// foreign names what a recording is instead of one, and what to do.
func foreign(p format.Probe) (name, todo string, ok bool) {
	for _, s := range signatures {
		if s.at < len(p.Head) && bytes.HasPrefix(p.Head[s.at:], []byte(s.magic)) {
			return s.name, s.todo, true
		}
	}
	start := strings.ToLower(string(bytes.TrimLeft(p.Head[:min(len(p.Head), 256)], " \t\r\n\xef\xbb\xbf")))
	if strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html") {
		return "a web page", "the download gave a page in place of the recording", true
	}
	if strings.HasPrefix(start, "<?xml") {
		return "an XML document", "if the download gave it in place of the recording, it tells why", true
	}
	if len(p.Head) >= 64 && len(bytes.TrimLeft(p.Head, "\x00")) == 0 {
		return "nothing but zeros as far as was looked", "the file may not have been written or fetched whole", true
	}
	return "", "", false
}
