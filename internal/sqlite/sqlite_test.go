package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/sqlite"
	"ganglion/internal/sqlite/sqlitetest"
)

const things = `CREATE TABLE things(id INTEGER PRIMARY KEY, "a name" TEXT CHECK(length("a name") < 9), size NUMERIC(3, 4), [raw] BLOB, PRIMARY KEY(id))`

// rowsOf reads a table into lines.
func rowsOf(t *testing.T, file []byte, table string) []string {
	t.Helper()
	db, err := sqlite.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.Table(table)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprint(row.ID)
		for _, v := range row.Values {
			switch v.Kind {
			case sqlite.Null:
				line += " null"
			case sqlite.Integer:
				line += fmt.Sprintf(" %d", v.Int)
			case sqlite.Real:
				line += fmt.Sprintf(" %g", v.Float)
			default:
				line += fmt.Sprintf(" %q", v.Bytes)
			}
		}
		lines = append(lines, line)
	}
}

func TestRowsOfEveryKindAreRead(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 300)
	file := sqlitetest.File(
		sqlitetest.Table{Name: "other", SQL: "CREATE TABLE other(a)"},
		sqlitetest.Table{Name: "things", SQL: things, Rows: [][]any{
			{nil, "x", int64(-5), []byte{1, 2}}, {nil, "", 2.5, []byte{}}, {nil, long, int8(-7), []byte(long)}, {nil, "y", true, false},
		}})
	want := []string{`1 null "x" -5 "\x01\x02"`, `2 null "" 2.5 ""`, fmt.Sprintf("3 null %q -7 %q", long, long), `4 null "y" 1 0`}
	if diff := cmp.Diff(want, rowsOf(t, file, "THINGS")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := rowsOf(t, file, "other"); got != nil {
		t.Errorf("an empty table has %v", got)
	}
	db, err := sqlite.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	table, err := db.Table("things")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"id", "a", "size", "raw"}, table.Columns); diff != "" {
		t.Errorf("columns: -want +got:\n%s", diff)
	}
	if table.Column("size") != 2 || table.Column("none") != -1 {
		t.Errorf("columns %v are not found", table.Columns)
	}
	if _, err := db.Table("nothing"); err == nil || !strings.Contains(err.Error(), "it has other, things") {
		t.Errorf("error %v", err)
	}
}

// many is a table of a tree of four levels.
func many(n int) []byte {
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = []any{nil, fmt.Sprintf("row %d", i+1), int64(i), bytes.Repeat([]byte{byte(i)}, i%700)}
	}
	return sqlitetest.File(sqlitetest.Table{Name: "things", SQL: things, Rows: rows})
}

func TestTreesAreWalkedInOrderOfTheirKeys(t *testing.T) {
	t.Parallel()
	lines := rowsOf(t, many(3000), "things")
	if len(lines) != 3000 {
		t.Fatalf("%d rows", len(lines))
	}
	for i, line := range lines {
		if want := fmt.Sprintf("%d null \"row %d\" %d ", i+1, i+1, i); !strings.HasPrefix(line, want) {
			t.Fatalf("row %d is %.60s", i, line)
		}
	}
}

// readAll reads a damaged file as far as it goes, and reports how many rows there were.
func readAll(t *testing.T, file []byte) (rows int) {
	t.Helper()
	db, err := sqlite.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return 0
	}
	table, err := db.Table("things")
	if err != nil {
		return 0
	}
	for range 100_000 {
		_, err := table.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err == nil {
			rows++
		} else if !errors.Is(err, sqlite.ErrDamaged) {
			t.Fatal(err)
		}
	}
	t.Fatal("a damaged file has no end")
	return 0
}

func TestACutFileHasRowsBeforeTheCut(t *testing.T) {
	t.Parallel()
	file := many(60)
	for n := range file {
		if rows := readAll(t, file[:n]); rows > 60 {
			t.Fatalf("%d rows of the first %d bytes", rows, n)
		}
	}
}

func TestDamagedFilesEnd(t *testing.T) {
	file := many(60)
	for i := range file {
		if i%3 > 0 {
			continue
		}
		mutant := bytes.Clone(file)
		mutant[i] ^= 0xff
		readAll(t, mutant)
	}
	// A broken leaf costs its rows and no others.
	mutant := bytes.Clone(file)
	broken := 0
	for at := 512; at < len(file) && broken == 0; at += 512 {
		if mutant[at] == 0x0D && mutant[at+4] > 0 {
			broken = int(mutant[at+4])
			mutant[at] = 0x77
		}
	}
	if got := readAll(t, mutant); got != 60-broken {
		t.Errorf("%d rows beside a broken page of %d, want %d", got, broken, 60-broken)
	}
}

func TestFilesThatAreNotDatabasesAreRefused(t *testing.T) {
	t.Parallel()
	whole := many(1)
	edit := func(at int, b ...byte) []byte {
		file := bytes.Clone(whole)
		copy(file[at:], b)
		return file
	}
	for want, file := range map[string][]byte{
		"a header of 10 bytes":       whole[:10],
		"does not begin as one":      edit(0, 'X'),
		"pages of 300 bytes":         edit(16, 1, 44),
		"UTF-16":                     edit(56, 0, 0, 0, 2),
		"kind 0x1 is not a page":     edit(100, 1),
		"pages of 512 bytes, 312 of": edit(20, 200),
		"page 1: 65535 cells":        edit(103, 0xff, 0xff),
	} {
		if _, err := sqlite.Open(bytes.NewReader(file), int64(len(file))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(many(3))
	f.Add(many(40))
	f.Fuzz(func(t *testing.T, file []byte) { readAll(t, file) })
}

// TestDatabasesOfSQLiteItself compares with what SQLite wrote.
func TestDatabasesOfSQLiteItself(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3, whose sqlite3 module writes a database")
	}
	path := filepath.Join(t.TempDir(), "x.db")
	out, err := exec.Command(python, "-c", `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table things(id integer primary key, name text, size real, raw blob)")
db.execute("create index by_name on things(name)")
for i in range(2000):
    db.execute("insert into things values(?, ?, ?, ?)", (3 * i - 500, "n%d" % i, i / 4, bytes([i % 256]) * (i * 7 % 9000)))
db.execute("delete from things where id % 5 = 0")
db.commit()
for row in db.execute("select * from things order by id"):
    print(row[0], "null", '"%s"' % row[1], "%g" % row[2], len(row[3]))
`, path).Output()
	if err != nil {
		t.Skip("sqlite3 of python3 does not work here:", err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	table, err := db.Table("things")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		v := row.Values
		size := v[2].Float
		if v[2].Kind == sqlite.Integer { // SQLite keeps whole numbers short
			size = float64(v[2].Int)
		}
		fmt.Fprintf(&got, "%d null %q %g %d\n", row.ID, v[1].Bytes, size, len(v[3].Bytes))
	}
	if diff := cmp.Diff(string(out), got.String()); diff != "" {
		t.Errorf("-sqlite +ours:\n%.2000s", diff)
	}
}
