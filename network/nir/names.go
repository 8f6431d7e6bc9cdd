package nir

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Names are what models that run side by side are called by, in their order:
// the names of their files without folder and ending, a number behind those
// that another one has already.
func Names(paths []string) []string {
	names, seen := make([]string, len(paths)), map[string]int{}
	for i, p := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(p), builtinPrefix), filepath.Ext(p))
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, seen[name])
		}
		names[i] = name
	}
	return names
}
