package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Magic begins a database file.
const Magic = "SQLite format 3\x00"

// maxRow bounds the bytes of a row.
const maxRow = 256 << 20

// headerSize is the bytes of the file's header, in front of the first page.
const headerSize = 100

// DB is a database file.
type DB struct {
	src      io.ReaderAt
	size     int64
	page     int // bytes of a page
	usable   int // of it
	pages    int64
	utf16    bool
	entities []entity
}

// entity is a row of the table of tables.
type entity struct {
	name string
	root int64
	sql  string
}

// ErrDamaged is wrapped by every error about the content of a file.
var ErrDamaged = errors.New("damaged database")

// Open reads the header and the table of tables.
func Open(src io.ReaderAt, size int64) (*DB, error) {
	var h [headerSize]byte
	if n, err := src.ReadAt(h[:], 0); n < len(h) {
		return nil, errors.Join(fmt.Errorf("%w: a header of %d bytes", ErrDamaged, n), notEOF(err))
	}
	if string(h[:16]) != Magic {
		return nil, fmt.Errorf("%w: it does not begin as one", ErrDamaged)
	}
	db := &DB{src: src, size: size, page: int(binary.BigEndian.Uint16(h[16:]))}
	if db.page == 1 {
		db.page = 1 << 16
	}
	db.usable = db.page - int(h[20])
	if db.page < 512 || db.page&(db.page-1) != 0 || db.usable < 480 {
		return nil, fmt.Errorf("%w: pages of %d bytes, %d of them usable", ErrDamaged, db.page, db.usable)
	}
	db.pages = (size + int64(db.page) - 1) / int64(db.page)
	if db.utf16 = binary.BigEndian.Uint32(h[56:]) > 1; db.utf16 {
		return nil, errors.New("text in UTF-16 is not read")
	}
	return db, db.readTables()
}

func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// maxTables bounds the table of tables.
const maxTables = 10_000

// readTables reads the table of tables, whose root is the first page: type,
// name, table, root page, SQL.
func (db *DB) readTables() error {
	t := db.table(1, nil)
	for range maxTables {
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if v := row.Values; len(v) >= 5 && string(v[0].Bytes) == "table" {
			db.entities = append(db.entities, entity{name: string(v[1].Bytes), root: v[3].Int, sql: string(v[4].Bytes)})
		}
	}
	return fmt.Errorf("%w: more than %d tables", ErrDamaged, maxTables)
}

// tables lists the names of all tables.
func (db *DB) tables() []string {
	var names []string
	for _, e := range db.entities {
		names = append(names, e.name)
	}
	return names
}

// Table returns a reader of a table from its first row on.
func (db *DB) Table(name string) (*Table, error) {
	for _, e := range db.entities {
		if strings.EqualFold(e.name, name) {
			return db.table(e.root, columns(e.sql)), nil
		}
	}
	return nil, fmt.Errorf("has no table %q; it has %s", name, strings.Join(db.tables(), ", "))
}

// columns are the names of the columns that a CREATE TABLE statement makes.
func columns(sql string) []string {
	_, body, ok := strings.Cut(sql, "(")
	if !ok {
		return nil
	}
	var names []string
	depth, begin := 0, 0
	add := func(piece string) {
		words := strings.Fields(piece)
		if len(words) == 0 {
			return
		}
		switch strings.ToUpper(words[0]) {
		case "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN":
			return
		}
		names = append(names, strings.Trim(words[0], "\"`[]'"))
	}
	for i := range len(body) {
		switch body[i] {
		case '(':
			depth++
		case ')':
			if depth == 0 {
				add(body[begin:i])
				return names
			}
			depth--
		case ',':
			if depth == 0 {
				add(body[begin:i])
				begin = i + 1
			}
		}
	}
	return names
}
