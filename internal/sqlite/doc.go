// Package sqlite reads the rows of tables out of SQLite database files, in the
// order of their keys, in constant memory.
//
//	db, err := sqlite.Open(file, size)
//	table, err := db.Table("messages")
//	for {
//		row, err := table.Next() // io.EOF behind the last
//		...
//	}
//
// It follows the description of the file format (sqlite.org/fileformat2.html):
// B-tree pages of tables, overflow pages, records. It does not run SQL, and does
// not read indexes, tables without a rowid, text in UTF-16 or what a write-ahead
// log beside the file still holds.
//
// Nothing that the file states is believed: pages are visited at most once for
// each that the file has, a row has at most maxRow bytes, and damage is an error
// with the number of the page.
package sqlite
