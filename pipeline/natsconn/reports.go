package natsconn

import (
	"log/slog"
	"sync"
	"time"
)

// reportPause is how long nothing is logged after a report.
const reportPause = 10 * time.Second

// Reports logs what a server tells of a connection, such as each message that it
// denies: one line in ten seconds.
type Reports struct {
	log *slog.Logger

	mu   sync.Mutex // guards told
	told time.Time  // when one was logged
}

// NewReports makes the reports of one connection.
func NewReports(log *slog.Logger) *Reports { return &Reports{log: log} }

// Note logs a report, unless one has been logged just now.
func (r *Reports) Note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.told) >= reportPause {
		r.told = now
		r.log.Warn("nats: server reports", "error", err)
	}
}
