package lint

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ganglion/internal/shareddata"
)

// rule refuses some functions of a package, outside some files or folders.
type rule struct {
	pkg     string   // import path
	names   []string // of functions
	instead string
	except  []string // files, or folders with a slash behind them
}

// program is the folders whose packages are the process, and those that only
// tests use.
var program = []string{"cmd/", "internal/mutate/", "findings/", "testdata/", "pipeline/pipelinetest/", "sinks/nats/natstest/"}

var rules = []rule{
	{
		"math", []string{
			"Exp", "Exp2", "Expm1", "Log", "Log2", "Log10", "Log1p", "Pow", "Cbrt", "Hypot", "FMA",
			"Sin", "Cos", "Sincos", "Tan", "Asin", "Acos", "Atan", "Atan2", "Sinh", "Cosh", "Tanh", "Asinh", "Acosh", "Atanh",
			"Gamma", "Lgamma", "Erf", "Erfc", "Erfinv", "Erfcinv", "J0", "J1", "Jn", "Y0", "Y1", "Yn",
		},
		"the functions of ganglion/internal/portable, whose bits are the same everywhere",
		[]string{"sinks/picture/", "findings/"},
	},
	{"context", []string{"Background", "TODO"}, "the caller's context", program},
	{"log", []string{"SetOutput", "SetFlags", "SetPrefix"}, "an option of the caller: the logger is the process's", program},
	{"log/slog", []string{"SetDefault", "SetLogLoggerLevel"}, "an option of the caller: the logger is the process's", program},
	{
		"go.opentelemetry.io/otel", []string{"SetErrorHandler", "SetLogger", "SetMeterProvider", "SetTracerProvider", "SetTextMapPropagator"},
		"an option of the caller: the handler is the process's", program,
	},
	{"os", []string{"Exit", "Setenv", "Unsetenv", "Clearenv", "Chdir"}, "an error, or an option", program},
	{"os/signal", []string{"Notify", "NotifyContext", "Ignore", "Reset"}, "a context: signals are the process's", program},
	{"runtime/debug", []string{"SetGCPercent", "SetMemoryLimit", "SetMaxThreads", "SetMaxStack"}, "nothing: memory is the process's", program},
	{"net/http", []string{"Handle", "HandleFunc"}, "a mux of your own", program},
}

// check lists what rules refuse in a file, whose name is its path from the top.
func check(name string, src any) (refused []string, err error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	imported := map[string]string{} // path by name
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		as := path.Base(p)
		if spec.Name != nil {
			as = spec.Name.Name
		}
		imported[as] = p
	}
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := selector.X.(*ast.Ident)
		if !ok {
			return true
		}
		for _, r := range rules {
			if r.pkg == imported[pkg.Name] && slices.Contains(r.names, selector.Sel.Name) && !r.excepts(name) {
				refused = append(refused, fmt.Sprintf("%v: %s.%s; use %s", files.Position(n.Pos()), pkg.Name, selector.Sel.Name, r.instead))
			}
		}
		return true
	})
	if imported["."] == "math" && !rules[0].excepts(name) {
		refused = append(refused, name+": imports math into its own names")
	}
	return refused, nil
}

func (r rule) excepts(name string) bool {
	return slices.ContainsFunc(r.except, func(e string) bool { return name == e || strings.HasSuffix(e, "/") && strings.HasPrefix(name, e) })
}

func TestTheSourceKeepsItsPromises(t *testing.T) {
	t.Parallel()
	top, checked := shareddata.Project(t), 0
	err := filepath.WalkDir(top, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != top && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "out"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		name, err := filepath.Rel(top, file)
		if err != nil {
			return err
		}
		if name = filepath.ToSlash(name); strings.HasPrefix(name, "internal/portable/") {
			return nil // says what it stands for
		}
		checked++
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		refused, err := check(name, src)
		for _, r := range refused {
			t.Error(r)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 300 {
		t.Errorf("only %d files were checked", checked)
	}
}

func TestTheRulesCanFail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file, src string
		refused         int
	}{
		{"a call", "network/x.go", `package x; import "math"; var a = math.Exp(1)`, 1},
		{"a value", "encoders/x.go", `package x; import "math"; var f = math.Log10`, 1},
		{"another name", "sources/x.go", `package x; import m "math"; func f() { _ = m.Sin(m.Pi) }`, 1},
		{"twice", "network/x.go", `package x; import "math"; var a = math.Pow(math.Cos(1), 2)`, 2},
		{"all names", "network/x.go", `package x; import . "math"; var a = Exp(1)`, 1},
		{"exact functions", "network/x.go", `package x; import "math"; var a = math.Sqrt(math.Floor(math.Pi))`, 0},
		{"portable ones", "network/x.go", `package x; import "ganglion/internal/portable"; var a = portable.Exp(1)`, 0},
		{"a picture", "sinks/picture/x.go", `package x; import "math"; var a = math.Exp(1)`, 0},
		{"beside the pictures", "sinks/picture.go", `package x; import "math"; var a = math.Exp(1)`, 1},
		{"a context", "pipeline/x.go", `package x; import "context"; func f() { g(context.Background()) }`, 1},
		{"a context of the program", "cmd/x.go", `package x; import "context"; func f() { g(context.TODO()) }`, 0},
		{"a context of tests", "pipeline/pipelinetest/x.go", `package x; import "context"; var c = context.Background()`, 0},
		{"the logger", "sources/audio/x.go", `package x; import "log"; func f() { log.SetOutput(nil) }`, 1},
		{"the handler of OpenTelemetry", "pipeline/telemetry/x.go",
			`package x; import "go.opentelemetry.io/otel"; func f() { otel.SetErrorHandler(nil) }`, 1},
		{"a signal", "sinks/x.go", `package x; import "os/signal"; func f() { signal.Notify(nil) }`, 1},
	} {
		refused, err := check(c.file, c.src)
		if err != nil || len(refused) != c.refused {
			t.Errorf("%s: refused %q, %v, want %d", c.name, refused, err, c.refused)
		}
	}
}
