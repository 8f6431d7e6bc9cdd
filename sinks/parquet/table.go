package parquet

import (
	"bufio"
	"errors"
	"fmt"
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

// table is a Parquet file that is being written.
type table struct {
	f       outfile.File
	path    string // where it belongs
	to      *steady
	w       *file.Writer
	group   int // rows of a row group
	cols    []column
	texts   map[string]parquet.ByteArray // of the row group
	waiting int                          // rows in the columns
}

// steady is what the library writes to: it keeps the first error and lets the
// library believe that all is well, because that panics at some errors and returns
// nil for others.
type steady struct {
	w   *bufio.Writer
	n   int64 // bytes that it was given
	err error
}

func (s *steady) Write(p []byte) (int, error) {
	if s.err == nil {
		_, s.err = s.w.Write(p)
	}
	s.n += int64(len(p))
	return len(p), nil
}

// newTable begins the file of a path, whose first row tells whose it is.
func newTable(path string, group int, first *pipeline.Detection) (*table, error) {
	cols := columns()
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
		{"ganglion.schema_version", strconv.Itoa(int(pipeline.SchemaVersion))}, {"ganglion.stream", first.Stream},
		{"ganglion.config_hash", first.ConfigHash}, {keyRun, first.Run}, {keyFirst, strconv.FormatUint(first.Seq, 10)},
	} {
		if err := about.Append(kv[0], kv[1]); err != nil {
			return nil, err
		}
	}
	f, err := outfile.Create(path + unfinished)
	if err != nil {
		return nil, err
	}
	t := &table{f: f, path: path, to: &steady{w: bufio.NewWriterSize(f, 64<<10)}, group: group, cols: cols,
		texts: map[string]parquet.ByteArray{}}
	props := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCreatedBy("ganglion"))
	t.w = file.NewParquetWriter(t.to, root, file.WithWriterProps(props), file.WithWriteMetadata(about))
	return t, nil
}

// add takes a row in, and writes the row group before it where that is full.
func (t *table) add(d *pipeline.Detection) error {
	if t.waiting >= t.group {
		if err := t.flush(); err != nil {
			return err
		}
	}
	for k := range t.cols {
		t.cols[k].add(d, t.texts)
	}
	t.waiting++
	return nil
}

// flush writes the row group.
func (t *table) flush() error {
	if t.waiting == 0 {
		return nil
	}
	t.waiting = 0
	clear(t.texts)
	group := t.w.AppendRowGroup()
	for i := range t.cols {
		w, err := group.NextColumn()
		if err != nil {
			return err
		}
		if err := t.cols[i].write(w); err != nil {
			return err
		}
	}
	return errors.Join(group.Close(), t.to.err)
}

// finish writes the index and makes the file the one at its path.
func (t *table) finish() error {
	err := t.flush()
	if err == nil {
		err = errors.Join(t.w.Close(), t.to.err)
	}
	if err == nil {
		err = t.to.w.Flush()
	}
	if state := t.state(); err == nil && state != outfile.Intact { // what stands there may be somebody else's
		return errors.Join(fmt.Errorf("%s %v: %w", t.path+unfinished, state, outfile.ErrGone), t.f.Close())
	}
	if err != nil {
		return errors.Join(err, t.drop())
	}
	if err := t.f.Close(); err != nil {
		return err
	}
	return outfile.Settle(t.path+unfinished, t.path)
}

// drop gives the file up.
func (t *table) drop() error {
	return errors.Join(t.f.Close(), outfile.Remove(t.path+unfinished))
}

// state is what became of the file. One that is longer than what was written is
// damaged too: a cut made it so before the last writes.
func (t *table) state() outfile.State {
	f, ok := t.f.(*os.File)
	if !ok {
		return outfile.Intact
	}
	written := t.to.n - int64(t.to.w.Buffered())
	state := outfile.Look(f, t.path+unfinished, written)
	if info, err := f.Stat(); state == outfile.Intact && err == nil && info.Size() != written {
		return outfile.Cut
	}
	return state
}

// made makes a file of rows that are there, and removes them.
func made(path string, group int, r *rows) (n int, err error) {
	var t *table
	err = r.each(func(d *pipeline.Detection) (bool, error) {
		if t == nil {
			var err error
			if t, err = newTable(path, group, d); err != nil {
				return false, err
			}
		}
		return true, t.add(d)
	})
	switch {
	case err != nil && t != nil:
		err = errors.Join(err, t.drop())
	case err == nil && t != nil:
		err = t.finish()
	}
	if err != nil {
		return 0, errors.Join(fmt.Errorf("%s: %w; its rows stay in %s", path, err, r.path), r.f.Close())
	}
	return r.n, r.end()
}
