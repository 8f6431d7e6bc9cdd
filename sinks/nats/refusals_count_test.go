package nats

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"ganglion/pipeline/natsconn"

	"github.com/nats-io/nats.go"
)

// Only what is refused for lack of permission counts as that, under its subject.
func TestOnlyRefusalsOfASubjectAreCounted(t *testing.T) {
	for text, want := range map[string]int{
		`%w to Publish to "a"`: 1, `%w for Subscription to "a"`: 0, `slow, Publish to "a"`: 0,
	} {
		r := &refusals{reports: natsconn.NewReports(slog.New(slog.DiscardHandler))}
		err := errors.New(text)
		if strings.Contains(text, "%w") {
			err = fmt.Errorf(text, nats.ErrPermissionViolation)
		}
		if r.note(nil, nil, err); r.by["a"] != want || len(r.by) != want || (r.reason == nil) != (want == 0) || r.last == nil {
			t.Errorf("%q: counted %v", err, r.by)
		}
	}
}
