package recording

import (
	"context"
	"io"
)

// feed stands between a file that may make its reader wait and the reader. It
// gives up waiting when the context that was bound last ends.
type feed interface {
	io.ReadCloser
	bind(ctx context.Context)
}
