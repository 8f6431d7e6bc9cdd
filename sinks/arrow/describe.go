package arrow

import (
	"fmt"
	"strings"

	"ganglion/pipeline"
)

// DescribeSchema is the Arrow schema of a file, a column a line: name, type and
// whether a cell may be null.
func DescribeSchema() string {
	var b strings.Builder
	for _, f := range schema(pipeline.StreamMeta{}).Fields() {
		null := ""
		if f.Nullable {
			null = " nullable"
		}
		fmt.Fprintf(&b, "%s: %s%s\n", f.Name, f.Type, null)
	}
	return b.String()
}
