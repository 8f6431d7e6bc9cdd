package ros

import (
	"errors"
	"fmt"
	"io"

	"ganglion/internal/sqlite"
	"ganglion/sources/format"
)

// DB3 is a bag of ROS 2 in an SQLite database: the table topics (id, name, type,
// serialization_format, ...), the table messages (id, topic_id, timestamp, data)
// and, since the release Iron, message_definitions (topic_type, encoding,
// encoded_message_definition). Source: rosbag2_storage_sqlite3.
func DB3() format.Format {
	return format.Format{
		Name:       "db3",
		Summary:    "ROS 2 bag, SQLite: event packets and event arrays, IMU",
		Extensions: []string{".db3"},
		Sniff:      func(p format.Probe) format.Claim { return format.BeginsWith(p, sqlite.Magic) },
		OpenAt: func(s *format.Stream, src io.ReaderAt, size int64) (format.BlockReader, error) {
			d := &db3{s: s, index: map[int64]int{}}
			if err := d.open(src, size); err != nil {
				return nil, err
			}
			return read(s, d)
		},
	}
}

// db3 is a container.
type db3 struct {
	s        *format.Stream
	db       *sqlite.DB
	list     []topic
	index    map[int64]int // the topic of an id
	messages *sqlite.Table
	topic    int // column of the topic's id
	data     int
}

// maxTopics bounds the topics of a bag.
const maxTopics = 10_000

func (d *db3) open(src io.ReaderAt, size int64) error {
	db, err := sqlite.Open(src, size)
	if err != nil {
		return err
	}
	d.db = db
	if d.messages, err = db.Table("messages"); err != nil {
		return fmt.Errorf("is not a ROS 2 bag: %w", err)
	}
	d.topic, d.data = d.messages.Column("topic_id"), d.messages.Column("data")
	if d.topic < 0 || d.data < 0 {
		return fmt.Errorf("is not a ROS 2 bag: its messages have the columns %v", d.messages.Columns)
	}
	topics, err := db.Table("topics")
	if err != nil {
		return fmt.Errorf("is not a ROS 2 bag: %w", err)
	}
	definitions, err := d.definitions(db)
	if err != nil {
		return err
	}
	return rows(topics, []string{"name", "type", "id"}, func(row *sqlite.Row, at []int) {
		id := row.ID
		if v := row.Values[at[2]]; v.Kind == sqlite.Integer {
			id = v.Int
		}
		d.index[id] = len(d.list)
		t := topic{name: string(row.Values[at[0]].Bytes), kind: string(row.Values[at[1]].Bytes), cdr: true}
		t.definition = definitions[t.kind]
		d.list = append(d.list, t)
	})
}

// definitions are the texts of the types, by name; none in older bags.
func (d *db3) definitions(db *sqlite.DB) (map[string]string, error) {
	t, err := db.Table("message_definitions")
	if err != nil {
		return nil, nil
	}
	texts := map[string]string{}
	err = rows(t, []string{"topic_type", "encoding", "encoded_message_definition"}, func(row *sqlite.Row, at []int) {
		if string(row.Values[at[1]].Bytes) == "ros2msg" {
			texts[string(row.Values[at[0]].Bytes)] = string(row.Values[at[2]].Bytes)
		}
	})
	return texts, err
}

// rows hands the rows of a small table to f, with the places of some columns.
func rows(t *sqlite.Table, names []string, f func(row *sqlite.Row, at []int)) error {
	at := make([]int, len(names))
	for i, name := range names {
		if at[i] = t.Column(name); at[i] < 0 {
			return fmt.Errorf("is not a ROS 2 bag: a table has the columns %v, and not %s", t.Columns, name)
		}
	}
	for range maxTopics {
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(row.Values) >= len(t.Columns) {
			f(row, at)
		}
	}
	return fmt.Errorf("more than %d topics", maxTopics)
}

func (d *db3) topics() []topic { return d.list }

func (d *db3) restart() {
	if t, err := d.db.Table("messages"); err == nil { // it was there before
		d.messages = t
	}
}

func (d *db3) offset() int64 { return d.messages.Offset() }

func (d *db3) next() (message, error) {
	for {
		row, err := d.messages.Next()
		if errors.Is(err, sqlite.ErrDamaged) {
			d.s.Damage.Add("broken_page", d.messages.Offset(), 0, 1)
			continue
		}
		if err != nil {
			return message{}, err
		}
		if len(row.Values) <= max(d.topic, d.data) {
			d.s.Damage.Add("broken_message", d.messages.Offset(), 0, 1)
			continue
		}
		topic, ok := d.index[row.Values[d.topic].Int]
		if !ok {
			d.s.Damage.Add("unknown_connection", d.messages.Offset(), 0, 1)
			continue
		}
		return message{topic: topic, data: row.Values[d.data].Bytes, at: d.messages.Offset()}, nil
	}
}
