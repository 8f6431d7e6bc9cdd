package exam

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// textFolders reports which folders hold recordings as text: those without any
// other recording, beside which a text may be all sorts of things.
type textFolders map[string]bool

// holds reports whether a file is a recording as text, of a class that its folder
// is named for.
func (t textFolders) holds(path string) bool {
	ext := ending(path)
	if ext != ".csv" && ext != ".txt" {
		return false
	}
	folder := filepath.Dir(path)
	text, known := t[folder]
	if !known {
		entries, err := os.ReadDir(folder)
		text = err == nil && !slices.ContainsFunc(entries, func(e os.DirEntry) bool {
			return !e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !notRecordings[ending(e.Name())]
		})
		t[folder] = text
	}
	return text && (packings[packing(path)] || rowsOfEvents(path)) // what is packed tells when it is read
}

// textLines is how many lines are looked at.
const textLines = 32

// rowsOfEvents reports whether one of the first lines of a file has four values or
// five, the first three of them numbers, as events in text have.
func rowsOfEvents(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return true // which reading it tells
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 0; n < textLines && lines.Scan(); n++ {
		fields := strings.FieldsFunc(lines.Text(), func(r rune) bool { return strings.ContainsRune(" ,;|\t", r) })
		number := func(s string) bool {
			_, err := strconv.ParseFloat(s, 64)
			return err == nil
		}
		if (len(fields) == 4 || len(fields) == 5) && number(fields[0]) && number(fields[1]) && number(fields[2]) {
			return true
		}
	}
	return false
}
