package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
)

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
	defer recovered(&err, "its index")
	return metadata.NewFileMetaData(text, nil)
}

// recovered turns a panic into an error: the library panics at what it does not know.
func recovered(err *error, what string) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%s: %v", what, p)
	}
}

// read hands on the rows of a file that this sink wrote, a row group at a time.
func read(path string, row func(*pipeline.Detection) error) (err error) {
	defer recovered(&err, path)
	r, err := file.OpenParquetFile(path, false)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for g := range r.NumRowGroups() {
		ds, err := readGroup(r.RowGroup(g))
		if err != nil {
			return fmt.Errorf("%s: row group %d: %w", path, g, err)
		}
		for i := range ds {
			if err := row(&ds[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func readGroup(g *file.RowGroupReader) ([]pipeline.Detection, error) {
	if g.NumRows() > mostRows || g.NumColumns() != len(pipeline.Fields()) {
		return nil, fmt.Errorf("%d rows of %d columns: it is of another version", g.NumRows(), g.NumColumns())
	}
	ds := make([]pipeline.Detection, g.NumRows())
	for i := range ds {
		ds[i] = pipeline.UnknownDetection()
	}
	for k, f := range pipeline.Fields() {
		c, err := g.Column(k)
		if err != nil {
			return nil, err
		}
		if name := c.Descriptor().Name(); name != f.Name {
			return nil, fmt.Errorf("column %d is %s, not %s: it is of another version", k, name, f.Name)
		}
		if err := fill(c, &f, ds); err != nil {
			return nil, fmt.Errorf("column %s: %w", f.Name, err)
		}
	}
	for i := range ds {
		ds[i].Complete()
	}
	return ds, nil
}

// fill sets a field of the rows that have it.
func fill(c file.ColumnChunkReader, f *pipeline.Field, ds []pipeline.Detection) error {
	n := int64(len(ds))
	levels := make([]int16, n)
	var got int
	var err error
	var set func(at any, k int)
	switch c := c.(type) {
	case *file.ByteArrayColumnChunkReader:
		v := make([]parquet.ByteArray, n)
		_, got, err = c.ReadBatch(n, v, levels, nil)
		set = func(at any, k int) { *at.(*string) = string(v[k]) }
	case *file.Float32ColumnChunkReader:
		v := make([]float32, n)
		_, got, err = c.ReadBatch(n, v, levels, nil)
		set = func(at any, k int) { *at.(*float32) = v[k] }
	case *file.Int32ColumnChunkReader:
		v := make([]int32, n)
		_, got, err = c.ReadBatch(n, v, levels, nil)
		set = func(at any, k int) {
			if p, ok := at.(*uint16); ok {
				*p = uint16(v[k])
			} else {
				*at.(*uint32) = uint32(v[k])
			}
		}
	case *file.Int64ColumnChunkReader:
		v := make([]int64, n)
		_, got, err = c.ReadBatch(n, v, levels, nil)
		set = func(at any, k int) {
			if p, ok := at.(*uint64); ok {
				*p = uint64(v[k])
			} else {
				*at.(*int64) = v[k]
			}
		}
	}
	k := 0
	for i := range ds {
		if c.Descriptor().MaxDefinitionLevel() > 0 && levels[i] == 0 {
			continue
		}
		if k >= got {
			return errors.Join(err, fmt.Errorf("%d values, %d rows", got, n))
		}
		set(f.At(&ds[i]), k)
		k++
	}
	return err
}
