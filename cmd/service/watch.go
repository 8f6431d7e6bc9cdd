package service

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"ganglion/pipeline/config"
)

// watchEvery is how often the files of the configuration are looked at.
const watchEvery = time.Second

// watchFiles asks for a reload when the files have changed, and have stayed as
// they are for one more look, so that half a file is not read. It is the
// goroutine of --watch, until the context ends.
func (s *Service) watchFiles(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	taken := stamp(s.o.Watch)
	for before := taken; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := stamp(s.o.Watch)
		if now == before && now != taken {
			taken = now
			s.Reload()
		}
		before = now
	}
}

// stamp tells files apart by name, size and time of change. One that cannot be
// looked at has its error in place of them.
func stamp(paths []string) string {
	var b strings.Builder
	for _, path := range paths {
		files, err := config.Files(path)
		if err != nil {
			fmt.Fprintln(&b, err)
		}
		for _, f := range files {
			info, err := os.Stat(f)
			if err != nil {
				fmt.Fprintln(&b, err)
				continue
			}
			fmt.Fprintln(&b, f, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}
