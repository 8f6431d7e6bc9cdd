package arrow

import (
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"ganglion/pipeline"
)

// detection shortens what follows.
type detection = pipeline.Detection

// columns are the columns of a file: the fields of a detection, null where JSON
// leaves a key out or prints null.
var columns = pipeline.Fields()

// schema is the Arrow schema of the columns. Strings are plain and not
// dictionaries: a file holds one dictionary per column, and a later batch with
// a new label would break it.
//
// The metadata of a field tells its unit, that of the schema what the file is.
func schema(m pipeline.StreamMeta) *arrow.Schema {
	fields := make([]arrow.Field, len(columns))
	for i := range columns {
		c := &columns[i]
		fields[i] = arrow.Field{Name: c.Name, Type: datatype(c), Nullable: c.Nullable()}
		if c.Unit != "" {
			fields[i].Metadata = arrow.NewMetadata([]string{"unit"}, []string{c.Unit})
		}
	}
	metadata := arrow.NewMetadata(
		[]string{"ganglion.schema_version", "ganglion.stream", "ganglion.config_hash", "ganglion.run"},
		[]string{strconv.Itoa(int(pipeline.SchemaVersion)), m.Name, m.ConfigHash, m.Run})
	return arrow.NewSchema(fields, &metadata)
}

func datatype(c *pipeline.Field) arrow.DataType {
	if c.Instant {
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	}
	switch c.At(new(detection)).(type) {
	case *string:
		return arrow.BinaryTypes.String
	case *uint16:
		return arrow.PrimitiveTypes.Uint16
	case *uint32:
		return arrow.PrimitiveTypes.Uint32
	case *uint64:
		return arrow.PrimitiveTypes.Uint64
	case *int64:
		return arrow.PrimitiveTypes.Int64
	}
	return arrow.PrimitiveTypes.Float32
}

// appendCell appends a cell to the builder of its column.
func appendCell(b array.Builder, c *pipeline.Field, d *detection) {
	if c.Null(d) {
		b.AppendNull()
		return
	}
	switch v := c.At(d).(type) {
	case *string:
		b.(*array.StringBuilder).Append(valid(*v))
	case *uint16:
		b.(*array.Uint16Builder).Append(*v)
	case *uint32:
		b.(*array.Uint32Builder).Append(*v)
	case *uint64:
		b.(*array.Uint64Builder).Append(*v)
	case *int64:
		if tb, ok := b.(*array.TimestampBuilder); ok {
			tb.Append(arrow.Timestamp(*v))
			return
		}
		b.(*array.Int64Builder).Append(*v)
	case *float32:
		b.(*array.Float32Builder).Append(*v)
	}
}

// valid replaces bytes that are not UTF-8 as the JSON form does; readers may
// refuse a whole file for one of them.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// setCell fills a field from the bytes of a cell that is not null.
func setCell(c *pipeline.Field, d *detection, cell []byte, n names) {
	switch v := c.At(d).(type) {
	case *string:
		*v = n.of(cell)
	case *uint16:
		*v = binary.LittleEndian.Uint16(cell)
	case *uint32:
		*v = binary.LittleEndian.Uint32(cell)
	case *uint64:
		*v = binary.LittleEndian.Uint64(cell)
	case *int64:
		*v = int64(binary.LittleEndian.Uint64(cell))
	case *float32:
		*v = math.Float32frombits(binary.LittleEndian.Uint32(cell))
	}
}
