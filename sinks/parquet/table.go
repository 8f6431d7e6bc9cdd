package parquet

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
)

// Keys of a file's metadata.
const (
	keyRun   = "ganglion.run"
	keyFirst = "ganglion.first_seq"
)

// unfinished is what a file's name ends with until it is whole.
const unfinished = ".tmp"

// table is a file that is being written.
type table struct {
	f     outfile.File
	path  string // where it belongs
	to    *steady
	w     *file.Writer
	first pipeline.Detection // of its rows
	rows  int                // written, or on their way
}

// steady is what the library writes to: it keeps the first error and lets the
// library believe that all is well, because that panics at some errors and returns
// nil for others.
type steady struct {
	w   *bufio.Writer
	err error
}

func (s *steady) Write(p []byte) (int, error) {
	if s.err == nil {
		_, s.err = s.w.Write(p)
	}
	return len(p), nil
}

func newTable(path string, cols []column, m pipeline.StreamMeta, first *pipeline.Detection) (*table, error) {
	nodes := make(schema.FieldList, len(cols))
	for i := range cols {
		var err error
		if nodes[i], err = cols[i].node(); err != nil {
			return nil, err
		}
	}
	root, err := schema.NewGroupNode("detections", parquet.Repetitions.Required, nodes, -1)
	if err != nil {
		return nil, err
	}
	about := metadata.NewKeyValueMetadata()
	for _, kv := range [][2]string{
		{"ganglion.schema_version", strconv.Itoa(int(pipeline.SchemaVersion))}, {"ganglion.stream", m.Name},
		{"ganglion.config_hash", m.ConfigHash}, {keyRun, first.Run}, {keyFirst, strconv.FormatUint(first.Seq, 10)},
	} {
		if err := about.Append(kv[0], kv[1]); err != nil {
			return nil, err
		}
	}
	f, err := outfile.Create(path + unfinished)
	if err != nil {
		return nil, err
	}
	t := &table{f: f, path: path, to: &steady{w: bufio.NewWriterSize(f, 64<<10)}, first: *first}
	props := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCreatedBy("ganglion"))
	t.w = file.NewParquetWriter(t.to, root, file.WithWriterProps(props), file.WithWriteMetadata(about))
	return t, nil
}

// write adds a row group of the columns' cells.
func (t *table) write(cols []column) error {
	group := t.w.AppendRowGroup()
	for i := range cols {
		w, err := group.NextColumn()
		if err != nil {
			return err
		}
		if err := cols[i].write(w); err != nil {
			return err
		}
	}
	return errors.Join(group.Close(), t.to.err)
}

// finish writes the index and makes the file the one at its path.
func (t *table) finish() error {
	err := errors.Join(t.w.Close(), t.to.err)
	if err == nil {
		err = errors.Join(t.to.w.Flush(), t.f.Sync())
	}
	return errors.Join(err, t.f.Close())
}

// drop gives the file up.
func (t *table) drop() error { return errors.Join(t.f.Close(), os.Remove(t.path+unfinished)) }

// origin is whose detections a file holds.
func origin(path string) (run string, first uint64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return "", 0, err
	}
	about, err := readMetadata(f, info.Size())
	if err != nil {
		return "", 0, fmt.Errorf("%s %w: %w", path, outfile.ErrForeign, err)
	}
	kv := about.KeyValueMetadata()
	name, number := kv.FindValue(keyRun), kv.FindValue(keyFirst)
	if name == nil || number == nil {
		return "", 0, fmt.Errorf("%s %w", path, outfile.ErrForeign)
	}
	first, err = strconv.ParseUint(*number, 10, 64)
	return *name, first, err
}

// mostMetadata bounds the index that is read, bytes.
const mostMetadata = 64 << 20

// readMetadata reads the index at a file's end: its bytes, their count in four, PAR1.
func readMetadata(r io.ReaderAt, size int64) (m *metadata.FileMetaData, err error) {
	var end [8]byte
	if size < 12 {
		return nil, errors.New("it is too short")
	}
	if _, err := r.ReadAt(end[:], size-8); err != nil {
		return nil, err
	}
	n := int64(binary.LittleEndian.Uint32(end[:]))
	if string(end[4:]) != "PAR1" || n > min(size-12, mostMetadata) {
		return nil, errors.New("it has no index")
	}
	text := make([]byte, n)
	if _, err := r.ReadAt(text, size-8-n); err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil { // the library panics at schemas that it does not know
			err = fmt.Errorf("its index: %v", p)
		}
	}()
	return metadata.NewFileMetaData(text, nil)
}
