package cmd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// freeAddress is a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// startRun runs a command line until stop.
func startRun(t *testing.T, args ...string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { // ends with stop
		root := ganglion.newRoot()
		root.SetOut(io.Discard)
		root.SetArgs(args)
		done <- root.ExecuteContext(ctx)
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// browser starts Chromium, or skips where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium on this machine: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// until waits for an expression of the page to hold.
func until(expression string) chromedp.Action {
	return chromedp.Poll(expression, nil, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(20*time.Second))
}

// pixels counts the pixels of a canvas that differ from its first one, and sums
// them up weighted by their places, so that a picture that moves has another sum.
const pixels = `(id => {
	const c = document.getElementById(id), d = new Uint32Array(c.getContext("2d").getImageData(0, 0, c.width, c.height).data.buffer);
	let n = 0, sum = 0;
	d.forEach((v, i) => { if (v !== d[0]) { n++; sum = (sum + v % 65521 * (i % 997)) % 2147483647; } });
	return {n, sum};
})`

type painted struct{ N, Sum float64 }

// TestThePageShowsEventsAndBoxesThatMove loads what the README starts, looks at its
// pixels and its accessibility tree, draws a line that objects then cross, and
// restarts the program under it.
func TestThePageShowsEventsAndBoxesThatMove(t *testing.T) {
	ctx := browser(t)
	t.Chdir("..")
	address := freeAddress(t)
	args := []string{"run", "configs/motion.yaml", "--view=" + address, "--log-level", "error", "--set", "sinks=[]"}
	stop := startRun(t, args...)
	answers(t, address)

	var events, later, boxes, moved painted
	var tree []*accessibility.Node
	check := func(what string, actions ...chromedp.Action) {
		t.Helper()
		if err := chromedp.Run(ctx, actions...); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	check("the page", chromedp.Navigate("http://"+address),
		until(`/ moving: .*(right|left)/.test(document.getElementById("events").ariaLabel)`))
	check("its pixels, with boxes alone on top", chromedp.Click("#trails"), chromedp.Sleep(200*time.Millisecond),
		chromedp.Evaluate(pixels+`("events")`, &events), chromedp.Evaluate(pixels+`("overlay")`, &boxes),
		chromedp.Sleep(300*time.Millisecond), chromedp.Evaluate(pixels+`("events")`, &later), chromedp.Evaluate(pixels+`("overlay")`, &moved))
	if events.N < 100 || boxes.N < 100 {
		t.Errorf("%v pixels of events, %v of boxes", events.N, boxes.N)
	}
	if events == later || boxes == moved {
		t.Error("the events or the boxes do not move")
	}
	check("the accessibility tree", chromedp.ActionFunc(func(ctx context.Context) (err error) {
		tree, err = accessibility.GetFullAXTree().Do(ctx)
		return err
	}))
	if words := names(tree); !strings.Contains(words, "events of a camera") || !strings.Contains(words, "position in the recording") ||
		!strings.Contains(words, "motion_update") {
		t.Errorf("the accessibility tree lacks the events, the scrubber or the detections:\n%s", words)
	}
	check("a line", chromedp.Click("#drawline"), chromedp.Evaluate(drag(.5, .05, .5, .95), nil),
		until(`document.querySelector("#shapes .name[aria-label='name of line line-1']")`),
		until(`document.getElementById("detections").textContent.includes("line_cross") || document.getElementById("overlay").dataset.crossed`))
	check("a zone", chromedp.Click("#drawzone"), chromedp.Evaluate(drag(.1, .1, .9, .9), nil),
		until(`document.querySelector("#shapes .corners[aria-label='corners of zone zone-1']")`),
		until(`/zone_(enter|leave)/.test(document.getElementById("detections").textContent) || document.getElementById("overlay").dataset.crossed === "zone-1"`))
	corners := `document.querySelector("#shapes .corners[aria-label*='zone-1']").value`
	check("a corner that is dragged", chromedp.Evaluate(`window.before = `+corners, nil), chromedp.Evaluate(drag(.9, .9, .8, .7), nil),
		until(corners+` !== window.before`))
	check("a line by keyboard alone", chromedp.Evaluate(`document.getElementById("drawline").focus()`, nil), chromedp.KeyEvent(kb.Enter),
		chromedp.KeyEvent(kb.Enter), until(`document.querySelector("#shapes .name[aria-label='name of line line-2']")`))
	check("the configuration", chromedp.Evaluate(`window.saved = new Promise(done => {
			const make = URL.createObjectURL;
			URL.createObjectURL = blob => { blob.text().then(done); return make.call(URL, blob); };
		}); document.getElementById("save").click()`, nil))
	var file string
	check("the configuration as a file", chromedp.Evaluate(`window.saved`, &file, func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
		return p.WithAwaitPromise(true)
	}))
	if !strings.Contains(file, "zone-1") || !strings.Contains(file, "line-1") {
		t.Errorf("the saved configuration lacks what was drawn:\n%s", file)
	}

	stop()
	check("a lost connection", until(`document.getElementById("link").textContent.includes("lost")`),
		chromedp.Evaluate(`window.frozen = `+pixels+`("events").sum`, nil))
	startRun(t, args...)
	check("a restart", until(`document.getElementById("link").textContent === "connected"`),
		until(pixels+`("events").sum !== window.frozen`))
}

// drag is a pointer's way over the picture, from and to in parts of its size.
func drag(x0, y0, x1, y1 float64) string {
	return fmt.Sprintf(`(() => {
		const c = document.getElementById("overlay"), b = c.getBoundingClientRect();
		c.setPointerCapture = () => {};
		for (const [type, x, y] of [["pointerdown", %v, %v], ["pointermove", %v, %v], ["pointerup", %v, %v]])
			c.dispatchEvent(new PointerEvent(type, {clientX: b.left + x * b.width, clientY: b.top + y * b.height, pointerId: 1}));
	})()`, x0, y0, x1, y1, x1, y1)
}

func names(tree []*accessibility.Node) string {
	var b strings.Builder
	for _, n := range tree {
		if n.Name != nil && len(n.Name.Value) > 2 {
			b.WriteString(string(n.Name.Value) + "\n")
		}
	}
	return b.String()
}

// answers waits for the page.
func answers(t *testing.T, address string) {
	t.Helper()
	for range 200 {
		if r, err := http.Get("http://" + address + "/"); err == nil {
			r.Body.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the page does not answer")
}

// TestAPageThatOthersCanReachNeedsItsToken opens such a page without its token, with
// a wrong one, and then, in a browser, with the address that the program printed.
func TestAPageThatOthersCanReachNeedsItsToken(t *testing.T) {
	t.Chdir("..")
	_, port, _ := net.SplitHostPort(freeAddress(t))
	page := printedPage(t, "run", "configs/motion.yaml", "--view=0.0.0.0:"+port, "--set", "sinks=[]")
	page.Host = "127.0.0.1:" + port
	for path, want := range map[string]int{"/": 401, "/live": 401, "/main.js": 401, "/?token=guess": 401, page.RequestURI(): 200} {
		r, err := http.Get("http://" + page.Host + path)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, r.Status, want)
		}
	}
	ctx := browser(t)
	refused := until(`document.body.textContent.includes("needs its token")`)
	if err := chromedp.Run(ctx, chromedp.Navigate("http://"+page.Host), refused); err != nil {
		t.Errorf("without the token: %v", err)
	}
	shown := until(`/ moving: /.test(document.getElementById("events").ariaLabel)`)
	if err := chromedp.Run(ctx, chromedp.Navigate(page.String()), shown); err != nil {
		t.Errorf("with the token: %v", err)
	}
}

// printedPage starts the program, until the test ends, and returns the address of the
// page that it prints, which ends in its token.
func printedPage(t *testing.T, args ...string) *url.URL {
	t.Helper()
	page, err := url.Parse(printedLike(t, `http://\S+/\?token=[A-Za-z0-9_%-]+`, args...))
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// printedLike starts the program, until the test ends, and returns the first of what it
// prints on standard error that is like a pattern.
func printedLike(t *testing.T, pattern string, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("ganglion")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), program, args...)
	out, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Wait() }) // the test's context has killed it
	lines, wanted := bufio.NewScanner(out), regexp.MustCompile(pattern)
	for lines.Scan() {
		if found := wanted.FindString(lines.Text()); found != "" {
			go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the program
			return found
		}
	}
	t.Fatalf("the program prints nothing like %s", pattern)
	return ""
}
