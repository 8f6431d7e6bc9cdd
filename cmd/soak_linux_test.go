package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sys/unix"

	"ganglion/pipeline"
	"ganglion/pipeline/runner"
	"ganglion/sinks/nats/natstest"
	"ganglion/sources/format"
	"ganglion/sources/udp"
)

// soakConfig is what make soak runs: a camera over UDP, a bus that dies every 20
// seconds, and a disk that is full for a while.
const soakConfig = `
name: soak
source: {type: udp, listen: "127.0.0.1:PORT", protocol: es, width: 128, height: 128, window: 5ms, queue: 65536}
encoder: {type: events}
network: {model: motion, step: 1ms}
readout: {type: motion, update: 50ms}
queue: {batches: 64}
telemetry: {listen: "127.0.0.1:METRICS"}
errors: {path: letters.jsonl, most: 1000000}
sinks:
  - {type: nats, url: "URL", subject: "soak.{kind}", timeout: 0s, queue: {detections: 65536},
     jetstream: {stream: SOAK, subjects: ["soak.>"], create: true}}
  - {type: jsonl, path: disk/out.jsonl}
`

// cameraSoak is a run of it.
type cameraSoak struct {
	*testing.T
	dir     string
	port    int
	metrics string
	events  *udp.Writer
	sent    uint64
	kernels uint64    // datagrams that the socket had dropped when the program was stopped
	began   time.Time // of sensor time
	at      int64     // sensor time so far, µs
	batch   []pipeline.Event
}

// TestSoak is make soak: GANGLION_SOAK is how long it lasts. With
// GANGLION_SOAK_SHARED=1 times and memory are told and not judged, for machines
// that do other work too.
func TestSoak(t *testing.T) {
	lasts, err := time.ParseDuration(os.Getenv("GANGLION_SOAK"))
	if err != nil || lasts < time.Minute {
		t.Skip("GANGLION_SOAK=15m runs it")
	}
	s := &cameraSoak{T: t, dir: t.TempDir(), port: freePort(t)}
	s.metrics = fmt.Sprintf("127.0.0.1:%d", freePort(t))
	disk := s.mount(192 << 20)
	server := natstest.StartServer(t, "-js", "-sd", filepath.Join(s.dir, "js"))
	_, metrics, _ := strings.Cut(s.metrics, ":")
	config := strings.NewReplacer("PORT", strconv.Itoa(s.port), "METRICS", metrics, "URL", server.URL).Replace(soakConfig)
	if err := os.WriteFile(filepath.Join(s.dir, "soak.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	program := s.start()
	rate := s.peak() * 8 / 10
	t.Logf("80 %% of peak: %d events/s", rate)

	// What resides, of that the pages of the program's own file that it has touched, and
	// what the collector finds in use, MiB.
	var memory, text, live []sample
	from := time.Now()
	next := struct{ kill, back, look time.Duration }{kill: 20 * time.Second, look: time.Second}
	full, free := lasts*9/20, lasts*11/20
	filler := filepath.Join(disk, "filler")
	for now := time.Duration(0); now < lasts; now = time.Since(from) {
		s.send(rate)
		switch {
		case now >= next.kill:
			server.Kill()
			next.kill, next.back = next.kill+20*time.Second, now+3*time.Second
		case next.back > 0 && now >= next.back:
			server.Restart()
			next.back = 0
		case now >= next.look:
			taken, touched := s.resident(program.Process.Pid)
			memory, text = append(memory, sample{now, taken + touched}), append(text, sample{now, touched})
			live = append(live, sample{now, s.figure("go_memstats_next_gc_bytes") / (2 << 20)}) // its goal is twice that
			next.look += 5 * time.Second
		case full > 0 && now >= full:
			full = 0
			if err := fill(filler); err != nil {
				t.Fatal(err)
			}
		case free > 0 && now >= free:
			free = 0
			if err := os.Remove(filler); err != nil {
				t.Fatal(err)
			}
		}
	}
	if next.back > 0 {
		server.Restart()
	}
	summary := s.stop(program)
	s.accounts(summary, server.URL)
	s.Logf("pages of the program's file: %.1f MiB at first, %.1f at the end", text[0].value, text[len(text)-1].value)
	s.steady(memory, live, lasts)
}

// resident is how much memory of its own a process has in RAM, and how much of files
// that are mapped, MiB. The latter grows whenever code runs for the first time.
func (s *cameraSoak) resident(pid int) (anonymous, files float64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		s.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var key string
		var kib float64
		if n, _ := fmt.Sscanf(line, "%s %f kB", &key, &kib); n == 2 && key == "RssAnon:" {
			anonymous = kib / 1024
		} else if n == 2 && key == "RssFile:" {
			files = kib / 1024
		}
	}
	return anonymous, files
}

func freePort(t *testing.T) int {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}

// mount makes the folder disk a file system of its own size.
func (s *cameraSoak) mount(size int) string {
	disk := filepath.Join(s.dir, "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		s.Fatal(err)
	}
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		s.Skipf("no file system of a limited size can be mounted here: %v", err)
	}
	s.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	return disk
}

// fill writes until nothing fits.
func fill(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for block := make([]byte, 1<<16); len(block) > 0; {
		if _, err := f.Write(block); err != nil {
			block = block[:len(block)/2]
		}
	}
	return nil
}

func (s *cameraSoak) start() *exec.Cmd {
	program, err := exec.LookPath("ganglion")
	if err != nil {
		s.Fatal(err)
	}
	cmd := exec.CommandContext(s.Context(), program, "run", "soak.yaml", "--summary", "summary.json", "--log-json")
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		s.Fatal(err)
	}
	defer log.Close()
	cmd.Dir, cmd.Stderr = s.dir, log
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	for range 600 {
		if r, err := http.Get("http://" + s.metrics + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				s.events, err = udp.Dial(fmt.Sprintf("127.0.0.1:%d", s.port), udp.EventStream, format.Info{Width: 128, Height: 128})
				if err != nil {
					s.Fatal(err)
				}
				s.began = time.Now()
				return cmd
			}
		}
		pause(s.Context(), 100*time.Millisecond)
	}
	text, _ := os.ReadFile(log.Name())
	s.Fatalf("not ready after a minute:\n%s", text)
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// noise is how many events a second are on no edge, at most: some 10 a pixel. More
// would hide what moves.
const noise = 160_000

// barWide is how far the two edges of a bar are from each other, px.
const barWide = 8

// send sends the events since the last call: three bars that move, each with a front of
// ON and a rear of OFF events, and noise.
func (s *cameraSoak) send(rate int) {
	pause(s.Context(), time.Millisecond)
	now := time.Since(s.began).Microseconds()
	n := int(int64(rate) * (now - s.at) / 1_000_000)
	s.batch = s.batch[:0]
	for i := range n {
		t := s.at + int64(i)*(now-s.at)/int64(n)
		h := uint64(t)*0x9e3779b97f4a7c15 + uint64(i)*0xd1b54a32d192ed03
		h ^= h >> 29
		e := pipeline.Event{T: t, X: uint16(h>>8) % 128, Y: uint16(h>>24) % 128, P: uint8(h & 1)}
		if h>>44%uint64(max(4, rate/noise)) != 0 { // on an edge
			bar := uint16(h>>40) % 3
			behind := barWide * uint16(1-e.P)
			e.X, e.Y = (uint16(t/10_000+int64(bar)*43)+128-behind)%128, 10+40*bar+uint16(h>>24)%24
		}
		s.batch = append(s.batch, e)
	}
	s.at = now
	if err := s.events.Write(s.batch); err != nil {
		s.Fatal(err)
	}
	s.sent += uint64(n)
}

// peak finds the rate of events that the program takes without a loss for half a
// minute, in steps of a tenth below the highest that three seconds pass without one.
func (s *cameraSoak) peak() int {
	rate := 50_000
	for next := rate; next <= 6_400_000 && s.passes(next, 3*time.Second); next = next * 3 / 2 {
		rate = next
	}
	for !s.passes(rate, 30*time.Second) {
		if rate = rate * 9 / 10; rate < 50_000 {
			s.Fatalf("the program loses events at %d a second", rate)
		}
	}
	return rate
}

// passes reports whether a rate of events is taken for so long without a loss.
func (s *cameraSoak) passes(rate int, lasts time.Duration) bool {
	before := s.lost()
	for from := time.Now(); time.Since(from) < lasts; {
		s.send(rate)
	}
	return s.lost() == before
}

// lost is how many events or datagrams were lost so far, wherever.
func (s *cameraSoak) lost() float64 {
	return s.figure("ganglion_input_left_out_total") + s.figure("ganglion_input_dropped_total") + float64(s.kernel())
}

// figure sums the series of a metric.
func (s *cameraSoak) figure(name string) (sum float64) {
	r, err := http.Get("http://" + s.metrics + "/metrics")
	if err != nil {
		s.Fatal(err)
	}
	defer r.Body.Close()
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		if line := lines.Text(); strings.HasPrefix(line, name+"{") || strings.HasPrefix(line, name+" ") {
			v, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
			if err != nil {
				s.Fatal(err)
			}
			sum += v
		}
	}
	return sum
}

// kernel is how many datagrams the socket has dropped.
func (s *cameraSoak) kernel() (drops uint64) {
	text, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		s.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 12 && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", s.port)) {
			n, err := strconv.ParseUint(f[len(f)-1], 10, 64)
			if err != nil {
				s.Fatal(err)
			}
			drops += n
		}
	}
	return drops
}

// stop lets what is on its way arrive and ends the program.
func (s *cameraSoak) stop(cmd *exec.Cmd) (sum runner.Summary) {
	if err := s.events.Close(); err != nil { // which sends what it holds
		s.Fatal(err)
	}
	pause(s.Context(), 2*time.Second)
	s.kernels = s.kernel()
	s.Logf("the socket dropped %d datagrams", s.kernels)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.Fatal(err)
	}
	err := cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != exitDropped {
		s.Errorf("exit code %d: %v", code, err)
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "summary.json"))
	if err != nil {
		s.Fatal(err)
	}
	if err := json.Unmarshal(text, &sum); err != nil {
		s.Fatal(err)
	}
	return sum
}

// accounts holds every count of the summary to what is there.
func (s *cameraSoak) accounts(sum runner.Summary, url string) {
	if err := sum.Verify(); err != nil {
		s.Error(err)
	}
	in := sum.Input.Events.In + sum.Input.LeftOut
	s.Logf("%d events sent, %d came in, %d of them left out, %d dropped", s.sent, in, sum.Input.LeftOut, sum.Input.Events.Dropped)
	if in > s.sent || s.sent-in > s.kernels*mostEvents {
		s.Errorf("%d events sent, %d came in, and nothing counts the rest", s.sent, in)
	}
	if n := sum.Input.Overruns(); n != s.kernels {
		s.Errorf("%d datagrams were counted as dropped by the socket, the kernel counts %d", n, s.kernels)
	}
	stored := s.stored(url)
	rows, _ := s.rows()
	for i, there := range []int{stored, rows} {
		k := sum.Sinks[i]
		s.Logf("sink %s: %d in, %d written, %d duplicates, %d dropped %v, %d there",
			k.Name, k.In, k.Written, k.Duplicates, k.Dropped, k.Drops, there)
		if have := uint64(there); have < k.Written+k.Duplicates || have > k.In || i == 1 && have != k.Written {
			s.Errorf("sink %s: %d written, %d there", k.Name, k.Written, there)
		}
	}
	if k := sum.Sinks[0]; k.Dropped != 0 {
		s.Errorf("the bus lost %d detections that it should have waited with", k.Dropped)
	}
	if k := sum.Sinks[1]; k.Dropped == 0 {
		s.Error("the full disk cost nothing: it was not full")
	}
	s.Logf("dead letters: %+v", *sum.Errors)
}

// mostEvents is how many events a datagram of the writer holds at most: 1,472 bytes
// of the shortest records.
const mostEvents = 1472

// stored is how many detections the stream holds, each once.
func (s *cameraSoak) stored(url string) int {
	nc, err := nats.Connect(url)
	if err != nil {
		s.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		s.Fatal(err)
	}
	stream, err := js.Stream(s.Context(), "SOAK")
	if err != nil {
		s.Fatal(err)
	}
	info, err := stream.Info(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return int(info.State.Msgs)
}

// rows counts the lines of the file, whole and in order, and lists their delays by
// the sensor time.
func (s *cameraSoak) rows() (n int, delays []sample) {
	f, err := os.Open(filepath.Join(s.dir, "disk", "out.jsonl"))
	if err != nil {
		s.Fatal(err)
	}
	defer f.Close()
	last := -1
	for d := json.NewDecoder(f); ; n++ {
		var row struct {
			Seq   int     `json:"seq"`
			T     int64   `json:"t_us"`
			Delay float64 `json:"emit_delay_us"`
		}
		err := d.Decode(&row)
		if err == io.EOF {
			return n, delays
		}
		if err != nil || row.Seq <= last {
			s.Fatalf("line %d: number %d after %d: %v", n, row.Seq, last, err)
		}
		last = row.Seq
		delays = append(delays, sample{time.Duration(row.T) * time.Microsecond, row.Delay / 1000})
	}
}

// sample is a figure at a time.
type sample struct {
	at    time.Duration
	value float64
}

// steady looks at the growth of memory after the first five minutes, or the first
// third of a short run, and at delays of the first and last third.
func (s *cameraSoak) steady(memory, live []sample, lasts time.Duration) {
	judge := s.Errorf
	if os.Getenv("GANGLION_SOAK_SHARED") != "" {
		judge = s.Logf
	}
	settled := min(5*time.Minute, lasts/3)
	early := func(m sample) bool { return m.at < settled }
	first := memory[0].value
	memory, live = slices.DeleteFunc(memory, early), slices.DeleteFunc(live, early)
	slope := perHour(memory)
	s.Logf("in use: %.1f MiB after %v, %.1f MiB at the end, %+.2f MiB per hour",
		live[0].value, settled, live[len(live)-1].value, perHour(live))
	s.Logf("memory: %.1f MiB at first, %.1f MiB after %v, %.1f MiB at the end, %+.2f MiB per hour since %v",
		first, memory[0].value, settled, memory[len(memory)-1].value, slope, settled)
	if slope > 1 {
		judge("memory grows by %.2f MiB per hour", slope)
	}
	_, delays := s.rows()
	if len(delays) == 0 {
		s.Fatal("nothing was detected")
	}
	end := delays[len(delays)-1].at
	var thirds [3][]float64
	for _, d := range delays {
		if begun := end - lasts; d.at >= begun {
			i := min(int(3*(d.at-begun)/lasts), 2)
			thirds[i] = append(thirds[i], d.value)
		}
	}
	var p99 [3]float64
	for i, third := range thirds {
		if len(third) == 0 {
			s.Fatalf("nothing was detected in third %d", i+1)
		}
		slices.Sort(third)
		p99[i] = third[len(third)*99/100]
		s.Logf("delay from arrival to detection, third %d: p50 %.2f ms, p99 %.2f ms, %d detections", i+1, third[len(third)/2], p99[i], len(third))
	}
	if p99[2] > 1.2*p99[0] {
		judge("the 99th percentile of the last third is %.2f times that of the first", p99[2]/p99[0])
	}
}

// perHour is the slope of a regression line.
func perHour(list []sample) float64 {
	var n, sx, sy, sxx, sxy float64
	for _, m := range list {
		x := m.at.Hours()
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+m.value, sxx+x*x, sxy+x*m.value
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

func TestTheSlopeOfALine(t *testing.T) {
	var line []sample
	for i := range 100 {
		line = append(line, sample{time.Duration(i) * time.Minute, 7 + float64(i)/30}) // 2 per hour
	}
	if got := perHour(line); got < 1.999 || got > 2.001 {
		t.Errorf("got %v, want 2", got)
	}
}
