package parquet

import (
	"fmt"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"ganglion/pipeline"
)

// column holds the cells of one field until their row group is written.
type column struct {
	field  pipeline.Field
	levels []int16 // a row each: 1 has a value, 0 is null; a column without nulls has none

	texts  []parquet.ByteArray
	floats []float32
	longs  []int64
	ints   []int32
}

func columns() []column {
	list := make([]column, 0, len(pipeline.Fields()))
	for _, f := range pipeline.Fields() {
		list = append(list, column{field: f})
	}
	return list
}

// node is the column in the schema of the file.
func (c *column) node() (schema.Node, error) {
	repetition := parquet.Repetitions.Required
	if c.field.Nullable() {
		repetition = parquet.Repetitions.Optional
	}
	var logical schema.LogicalType
	var physical parquet.Type
	switch c.field.At(new(pipeline.Detection)).(type) {
	case *string:
		logical, physical = schema.StringLogicalType{}, parquet.Types.ByteArray
	case *float32:
		logical, physical = schema.NoLogicalType{}, parquet.Types.Float
	case *uint16:
		logical, physical = schema.NewIntLogicalType(16, false), parquet.Types.Int32
	case *uint32:
		logical, physical = schema.NewIntLogicalType(32, false), parquet.Types.Int32
	case *uint64:
		logical, physical = schema.NewIntLogicalType(64, false), parquet.Types.Int64
	default:
		if logical, physical = schema.NewIntLogicalType(64, true), parquet.Types.Int64; c.field.Instant {
			logical = schema.NewTimestampLogicalType(true, schema.TimeUnitMicros)
		}
	}
	return schema.NewPrimitiveNodeLogical(c.field.Name, repetition, logical, physical, -1, -1)
}

// add appends the cell of a detection. Texts are few: each is kept once.
func (c *column) add(d *pipeline.Detection, texts map[string]parquet.ByteArray) {
	if c.field.Nullable() {
		if c.field.Null(d) {
			c.levels = append(c.levels, 0)
			return
		}
		c.levels = append(c.levels, 1)
	}
	switch v := c.field.At(d).(type) {
	case *string:
		text, ok := texts[*v]
		if !ok {
			text = parquet.ByteArray(*v)
			texts[*v] = text
		}
		c.texts = append(c.texts, text)
	case *float32:
		c.floats = append(c.floats, *v)
	case *uint16:
		c.ints = append(c.ints, int32(*v))
	case *uint32:
		c.ints = append(c.ints, int32(*v)) // the same bits
	case *uint64:
		c.longs = append(c.longs, int64(*v)) // the same bits
	case *int64:
		c.longs = append(c.longs, *v)
	}
}

// write hands the cells to the file's row group, and forgets them.
func (c *column) write(w file.ColumnChunkWriter) (err error) {
	switch w := w.(type) {
	case *file.ByteArrayColumnChunkWriter:
		_, err = w.WriteBatch(c.texts, c.levels, nil)
	case *file.Float32ColumnChunkWriter:
		_, err = w.WriteBatch(c.floats, c.levels, nil)
	case *file.Int32ColumnChunkWriter:
		_, err = w.WriteBatch(c.ints, c.levels, nil)
	case *file.Int64ColumnChunkWriter:
		_, err = w.WriteBatch(c.longs, c.levels, nil)
	}
	c.clear()
	if err != nil {
		return fmt.Errorf("column %s: %w", c.field.Name, err)
	}
	return w.Close()
}

func (c *column) clear() {
	c.levels, c.texts, c.floats, c.longs, c.ints = c.levels[:0], c.texts[:0], c.floats[:0], c.longs[:0], c.ints[:0]
}
