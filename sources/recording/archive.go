package recording

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"

	"ganglion/sources/format"
)

const (
	zipMagic = "PK\x03\x04"
	// zipIndex bounds what is read of an archive's index, bytes, and zipMembers
	// how many members are looked into.
	zipIndex   = 16 << 20
	zipMembers = 4096
	// archiveFormat is the format whose recordings are archives themselves.
	archiveFormat = "npz"
	zstdMethod    = 93
)

// member is a recording in an archive of size bytes.
type member struct {
	*zip.File
	archive io.ReaderAt
	size    int64
}

// findMember finds the recording in a ZIP archive: the only one, or the one
// that the options name as MEMBER or MEMBER:STREAM. It returns nil for an
// archive that is a recording itself.
func findMember(in *format.Input, name string, o *Options) (*member, error) {
	head, last, err := in.Window(format.ProbeLength)
	if err != nil || o.Format == archiveFormat {
		return nil, err
	}
	f, err := byName(archiveFormat)
	if err != nil || o.Format == "" && f.Sniff(probeOf(head, last, in, name)).Weight == format.Certain {
		return nil, err
	}
	src, size, err := in.Hold("a ZIP archive")
	if err != nil {
		return nil, err
	}
	archive, err := readArchive(src, size)
	if err != nil {
		return nil, fmt.Errorf("ZIP archive: %w", err)
	}
	found := recordingsIn(archive, o.Format)
	if len(found) == 0 && slices.ContainsFunc(archive.File, func(f *zip.File) bool { return path.Ext(f.Name) == ".npy" }) {
		return nil, nil
	}
	m, err := choose(archive, found, o)
	if err != nil {
		return nil, err
	}
	return &member{m, src, size}, nil
}

// readArchive reads the index of an archive.
func readArchive(src io.ReaderAt, size int64) (*zip.Reader, error) {
	index := &bounded{src, zipIndex}
	archive, err := zip.NewReader(index, size)
	if index.left < 0 {
		return nil, fmt.Errorf("index of more than %d bytes", zipIndex)
	}
	if err != nil {
		return nil, err
	}
	index.left = math.MaxInt64
	archive.RegisterDecompressor(zip.Deflate, flate.NewReader)
	archive.RegisterDecompressor(zstdMethod, zstd.ZipDecompressor(zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderLowmem(true)))
	return archive, nil
}

// bounded gives no more than so many bytes.
type bounded struct {
	io.ReaderAt
	left int64
}

func (b *bounded) ReadAt(p []byte, at int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errors.New("too much is read")
	}
	return b.ReaderAt.ReadAt(p, at)
}

// found is a member that is a recording.
type found struct {
	*zip.File
	format string
}

// recordingsIn looks for members that are recordings, of a format where it is
// told.
func recordingsIn(archive *zip.Reader, kind string) (all []found) {
	head := make([]byte, format.ProbeLength)
	for _, m := range archive.File[:min(len(archive.File), zipMembers)] {
		name := path.Base(m.Name)
		if m.FileInfo().IsDir() || strings.HasPrefix(name, ".") || strings.HasPrefix(m.Name, "__MACOSX/") {
			continue
		}
		c, err := m.Open()
		if err != nil {
			continue // encrypted, or packed in a way that is not known
		}
		n, err := io.ReadFull(c, head)
		c.Close()
		if n == 0 {
			continue
		}
		p := format.Probe{Head: head[:n], Whole: err != nil, Size: int64(m.UncompressedSize64), Name: m.Name}
		if i := packingOf(p.Head); i >= 0 {
			all = append(all, found{m, packings()[i].name})
		} else if f, ok := claimed(p, kind); ok {
			all = append(all, found{m, f})
		}
	}
	return all
}

// claimed is the format of a recording that begins so, if it is one of a kind, or
// of any where that is "".
func claimed(p format.Probe, kind string) (string, bool) {
	if kind == "" {
		f, err := detect(p)
		return f.Name, err == nil
	}
	f, err := byName(kind)
	return kind, err == nil && f.Sniff(p).Weight > format.No
}

// choose takes the member that is asked for, or the only recording.
func choose(archive *zip.Reader, recordings []found, o *Options) (*zip.File, error) {
	if o.Stream != "" {
		for _, m := range archive.File {
			for _, name := range []string{m.Name, path.Base(m.Name)} {
				if rest, ok := strings.CutPrefix(o.Stream, name); ok && (rest == "" || rest[0] == ':') {
					o.Stream = strings.TrimPrefix(rest, ":")
					return m, nil
				}
			}
		}
	}
	switch len(recordings) {
	case 0:
		var names []string
		for _, m := range archive.File {
			names = append(names, m.Name)
		}
		return nil, fmt.Errorf("%w: it is a ZIP archive without one: it holds %s", errUnknownFormat, few(names))
	case 1:
		return recordings[0].File, nil
	}
	slices.SortStableFunc(recordings, func(a, b found) int { return cmp.Compare(a.Name, b.Name) })
	var names []string
	for _, f := range recordings {
		names = append(names, f.Name+" ("+f.format+")")
	}
	if o.Stream != "" {
		return nil, fmt.Errorf("ZIP archive has no member %q: it has %s", o.Stream, few(names))
	}
	return nil, fmt.Errorf("is a ZIP archive of several recordings; choose one by its name as the stream (--stream NAME): %s", few(names))
}

// few lists names, as many as fit into a message.
func few(names []string) string {
	const most = 6
	if len(names) == 0 {
		return "nothing"
	}
	text := ""
	for i, n := range names {
		if i == most || len(text) > 160 {
			return fmt.Sprintf("%s and %d more", text, len(names)-i)
		}
		if i > 0 {
			text += ", "
		}
		text += n
	}
	return text
}

// section is a part of a file that is read as one.
type section struct {
	*io.SectionReader
}

func newSection(src io.ReaderAt, at, size int64) section {
	return section{io.NewSectionReader(src, at, size)}
}

// Stat reports that it is a regular file, and its size.
func (s section) Stat() (fs.FileInfo, error) { return sectionInfo(s.Size()), nil }

// sectionInfo is the size of a section.
type sectionInfo int64

func (sectionInfo) Name() string       { return "" }
func (s sectionInfo) Size() int64      { return int64(s) }
func (sectionInfo) Mode() fs.FileMode  { return 0 }
func (sectionInfo) ModTime() time.Time { return time.Time{} }
func (sectionInfo) IsDir() bool        { return false }
func (sectionInfo) Sys() any           { return nil }
