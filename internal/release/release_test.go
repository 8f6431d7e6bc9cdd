package main

import (
	"debug/elf"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"ganglion/internal/shareddata"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && (os.Args[1] == "completion" || os.Args[1] == "manual") {
		os.Exit(pretend(os.Args[1], os.Args[2]))
	}
	_ = os.Chdir(filepath.Join("..", "..")) // where releases are made
	os.Exit(m.Run())
}

// TestTheReadmesBuildLineMakesAStaticBinary builds as the README says. A small
// program with cgo, where there is a C compiler, wants the system's libraries: the
// test can fail.
func TestTheReadmesBuildLineMakesAStaticBinary(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("builds the program; an ELF file")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	const line = "CGO_ENABLED=0 go build -trimpath -o ganglion ./cmd/ganglion"
	if !strings.Contains(string(readme), "\n"+line+"\n") {
		t.Fatalf("README.md does not say %q", line)
	}
	path := filepath.Join(t.TempDir(), "ganglion")
	build := func(cgo, what string) {
		cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", path, what)
		cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	build("0", "./cmd/ganglion")
	if libraries, interpreter := wants(t, path); len(libraries) > 0 || interpreter {
		t.Errorf("it wants %q, an interpreter: %t", libraries, interpreter)
	}
	out, err := exec.CommandContext(t.Context(), path, "version").Output()
	if err != nil || !regexp.MustCompile(`^ganglion \S+ go1\S* linux/`).Match(out) {
		t.Errorf("version: %v\n%s", err, out)
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("no C compiler here: nothing is built with cgo")
	}
	main := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(main, []byte("package main\n\nimport _ \"net\"\n\nfunc main() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	build("1", main)
	if libraries, interpreter := wants(t, path); len(libraries) == 0 && !interpreter {
		t.Error("a binary with cgo passes for a static one")
	}
}

// wants reads which libraries and whether an interpreter an ELF file asks for.
func wants(t *testing.T, path string) (libraries []string, interpreter bool) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	libraries, err = f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range f.Progs {
		interpreter = interpreter || p.Type == elf.PT_INTERP
	}
	return libraries, interpreter
}

func TestTheBillNamesEveryModuleWithItsLicence(t *testing.T) {
	direct := []module{
		{standard, runtime.Version(), ""},
		{"github.com/spf13/cobra", versionOf(t, "github.com/spf13/cobra"), "h1:x="},
		{"github.com/apache/arrow/go/v17", versionOf(t, "github.com/apache/arrow/go/v17"), ""},
		{"ganglion/internal/gojson", "", ""},
	}
	texts, err := licences(direct)
	if err != nil {
		t.Fatal(err)
	}
	text, err := bill("v1.2.3", direct, texts)
	if err != nil {
		t.Fatal(err)
	}
	var b bom
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	if b.Format != "CycloneDX" || b.Spec != "1.6" || b.Metadata.Component.Version != "v1.2.3" || len(b.Components) != 4 {
		t.Errorf("%s", text)
	}
	if !regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(b.Serial) {
		t.Errorf("serial number %s", b.Serial)
	}
	refs := []string{}
	for i, want := range []string{"BSD-3-Clause", "Apache-2.0", "Apache-2.0", "Apache-2.0"} {
		c := b.Components[i]
		refs = append(refs, c.Ref)
		if c.Licences[0].Licence.ID != want || !strings.HasPrefix(c.PURL, "pkg:golang/") {
			t.Errorf("%s: %+v", c.Name, c)
		}
	}
	if !slices.Equal(b.Dependencies[0].On, refs) {
		t.Errorf("depends on %q", b.Dependencies[0].On)
	}
	again, err := bill("v1.2.3", direct, texts)
	if err != nil || string(again) != string(text) {
		t.Error("made again it is another")
	}
	if file := licenceFile(direct, texts); !strings.Contains(file, "github.com/spf13/cobra "+direct[1].version) ||
		!strings.Contains(file, "The Go Authors") {
		t.Error("the file of licences lacks some")
	}
	if _, err := licences([]module{{"example.com/none", "v1", ""}}); err == nil {
		t.Error("a module without a licence is not an error")
	}
}

func versionOf(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Version}}", path).Output()
	if err != nil {
		t.Skipf("go list: %v", err)
	}
	return strings.TrimSpace(string(out))
}

func TestModulesAreThoseOfTheBinary(t *testing.T) {
	got := modulesOf(&debug.BuildInfo{GoVersion: "go1.26", Deps: []*debug.Module{
		{Path: "a", Version: "v1", Sum: "h1:a="}, {Path: "b", Version: "v1", Replace: &debug.Module{Path: "c", Version: "v2"}},
		{Path: "d", Version: "v1", Replace: &debug.Module{Path: "./internal/d", Version: "(devel)"}},
	}})
	want := []module{{standard, "go1.26", ""}, {"a", "v1", "h1:a="}, {"c", "v2", ""}, {"ganglion/internal/d", "", ""}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if purl(want[0]) != "pkg:golang/stdlib@1.26" {
		t.Error(purl(want[0]))
	}
	if got := purl(module{"ganglion/internal/d", "v1.2.3", ""}); got != "pkg:golang/ganglion@v1.2.3#internal/d" {
		t.Error(got)
	}
}

// TestTheUnitAndTheContainer hold the files to what they are for.
func TestTheUnitAndTheContainer(t *testing.T) {
	unit := read(t, "docs/deploy/ganglion.service")
	for _, line := range []string{
		"Type=notify", "WatchdogSec=", "ExecReload=/bin/kill -HUP $MAINPID", "NoNewPrivileges=yes", "ProtectSystem=strict", "DynamicUser=yes",
		"SystemCallFilter=@system-service", "CapabilityBoundingSet=\n", "SuccessExitStatus=3", "RestartPreventExitStatus=2",
	} {
		if !strings.Contains(unit, "\n"+line) {
			t.Errorf("the unit lacks %q", line)
		}
	}
	container := read(t, "docs/deploy/Containerfile")
	var steps []string
	for line := range strings.Lines(container) {
		if word, _, _ := strings.Cut(line, " "); word == strings.ToUpper(word) && word != "#" && strings.TrimSpace(word) != "" {
			steps = append(steps, word)
		}
	}
	want := []string{"FROM", "ARG", "ARG", "COPY", "COPY", "USER", "WORKDIR", "STOPSIGNAL", "ENTRYPOINT", "CMD"}
	if !slices.Equal(steps, want) || !strings.Contains(container, "\nFROM scratch\n") || strings.Contains(container, "\nUSER 0") {
		t.Errorf("steps %q", steps)
	}
	names := []string{}
	for _, p := range platforms {
		names = append(names, p.name())
	}
	for _, arch := range []string{"amd64", "arm64", "armv7"} {
		if !slices.Contains(names, "ganglion-linux-"+arch) {
			t.Errorf("no release for linux/%s among %q", arch, names)
		}
	}
}

// TestSystemdTakesTheUnit asks systemd itself, where it is.
func TestSystemdTakesTheUnit(t *testing.T) {
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze here")
	}
	// The program is where the unit says only once it is installed.
	unit := strings.Replace(read(t, "docs/deploy/ganglion.service"), "/usr/local/bin/ganglion", "/bin/true", 1)
	unit = strings.Replace(unit, "Documentation=man:ganglion(1)\n", "", 1)
	path := filepath.Join(t.TempDir(), "ganglion.service")
	if err := os.WriteFile(path, []byte(unit), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, "verify", path).CombinedOutput()
	if err != nil || strings.Contains(string(out), path) {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = exec.CommandContext(t.Context(), program, "security", "--offline=true", "--threshold=20", path).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(shareddata.Project(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
