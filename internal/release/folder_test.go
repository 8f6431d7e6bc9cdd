package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pretend is the program of a release, for which this test's own binary stands.
func pretend(do, what string) int {
	if do == "completion" {
		fmt.Println("completion for", what)
		return 0
	}
	if os.MkdirAll(what, 0o755) != nil || os.WriteFile(filepath.Join(what, "ganglion.1"), []byte("manual"), 0o644) != nil {
		return 1
	}
	return 0
}

// itself puts this test's binary in the place of a program.
func itself(_ platform, path, _ string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return os.Symlink(self, path)
}

// own is the platform of this machine, or a reason to skip.
func own(t *testing.T) platform {
	t.Helper()
	i := slices.IndexFunc(platforms, func(p platform) bool { return p.os == runtime.GOOS && p.arch == runtime.GOARCH })
	if i < 0 || runtime.GOOS == "windows" {
		t.Skip("no release is built for this machine, or links want a privilege")
	}
	return platforms[i]
}

func TestAReleaseHasAllThatItConsistsOf(t *testing.T) {
	p := own(t)
	out := filepath.Join(t.TempDir(), "release")
	if err := os.MkdirAll(out, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, "of the last one"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var built []string
	err := command([]string{"-out", out, "-version", "v1.2.3", "-os", p.os}, func(p platform, path, version string) error {
		built = append(built, p.name()+" "+version)
		return itself(p, path, version)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range platforms {
		if want := p.os == runtime.GOOS; slices.Contains(built, p.name()+" v1.2.3") != want {
			t.Errorf("built %q", built)
		}
	}
	want := map[string]string{
		"ganglion.bash": "completion for bash\n", "ganglion.zsh": "completion for zsh\n", "ganglion.fish": "completion for fish\n",
		"ganglion.powershell": "completion for powershell\n",
	}
	for name, text := range want {
		if got, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(name))); err != nil || string(got) != text {
			t.Errorf("%s: %q (%v)", name, got, err)
		}
	}
	if manual, err := os.ReadFile(filepath.Join(out, "man", "ganglion.1")); err != nil || len(manual) == 0 {
		t.Errorf("the manual has %d bytes (%v)", len(manual), err)
	}
	var b bom
	text, err := os.ReadFile(filepath.Join(out, "ganglion.cdx.json"))
	if err == nil {
		err = json.Unmarshal(text, &b)
	}
	if err != nil || b.Metadata.Component.Version != "v1.2.3" || !slices.ContainsFunc(b.Components, func(c component) bool {
		return c.Name == standard && c.Licences[0].Licence.ID == "BSD-3-Clause"
	}) {
		t.Errorf("the bill lacks Go's own library (%v)", err)
	}
	if text, err := os.ReadFile(filepath.Join(out, "THIRD_PARTY_LICENSES")); err != nil || !strings.Contains(string(text),
		"The Go Authors") {
		t.Errorf("the licences lack Go's own library (%v)", err)
	}
	sums, err := os.ReadFile(filepath.Join(out, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		data, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(name)))
		if err != nil || fmt.Sprintf("%x", sha256.Sum256(data)) != sum {
			t.Errorf("%s: %s is not its sum (%v)", name, sum, err)
		}
		names = append(names, name)
	}
	for name := range want {
		if !slices.Contains(names, name) {
			t.Errorf("%s has no sum: %q", name, names)
		}
	}
	if slices.Contains(names, "of the last one") || slices.Contains(names, "SHA256SUMS") || !slices.Contains(names, p.name()) {
		t.Errorf("sums of %q", names)
	}
}

func TestAReleaseThatFailsNamesWhat(t *testing.T) {
	p := own(t)
	broken := errors.New("no compiler")
	if err := command([]string{"-nothing"}, itself); err == nil {
		t.Error("a flag that there is not is understood")
	}
	out := filepath.Join(t.TempDir(), "release")
	if err := release(out, "", p.os, func(platform, string, string) error { return broken }); !errors.Is(err, broken) ||
		!strings.HasPrefix(err.Error(), "ganglion-"+p.os) {
		t.Errorf("error %v", err)
	}
	if err := release(out, "", p.os, func(_ platform, path, _ string) error { return os.WriteFile(path, []byte("text"), 0o755) }); err == nil {
		t.Error("a text passes for a program")
	}
	other := "windows" // not that of this machine
	if err := release(out, "", other, itself); err == nil || !strings.Contains(err.Error(),
		"this machine's own platform is not among those built") {
		t.Errorf("error %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := release(filepath.Join(file, "release"), "", p.os, itself); err == nil {
		t.Error("a file holds a release")
	}
	if err := checksums(filepath.Join(out, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if err := shells(file); err == nil {
		t.Error("a file holds the program")
	}
}

// The compiler says what it does not build for.
func TestAPlatformThatThereIsNotIsNotBuiltFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "program")
	if err := (platform{"nowhere", "amd64", ""}).build(path, "v1"); err == nil {
		t.Error("a program for nowhere")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what failed left something: %v", err)
	}
}

func TestProgramsAreNamedForTheirPlatform(t *testing.T) {
	for want, p := range map[string]platform{
		"ganglion-linux-amd64": {"linux", "amd64", ""}, "ganglion-linux-armv7": {"linux", "arm", "7"},
		"ganglion-windows-amd64.exe": {"windows", "amd64", ""},
	} {
		if got := p.name(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	a := []module{{"b", "v1", ""}, {"a", "v1", ""}}
	b := []module{{"a", "v1", ""}, {"a", "v2", ""}}
	if diff := cmp.Diff([]module{{"a", "v1", ""}, {"a", "v2", ""}, {"b", "v1", ""}}, union(a, b), cmp.AllowUnexported(module{})); diff != "" {
		t.Error(diff)
	}
}

func TestALicenceIsThatOfTheFilesThatStateIt(t *testing.T) {
	dir := t.TempDir()
	if _, err := licenceOf(dir); err == nil || err.Error() != "states no licence" {
		t.Errorf("error %v", err)
	}
	if _, err := licenceOf(""); err == nil || err.Error() != "is not in the module cache" {
		t.Errorf("error %v", err)
	}
	if _, err := licenceOf(filepath.Join(dir, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	readme := filepath.Join(dir, "README")
	for text, want := range map[string]string{"Read me.": "", "MIT licence.\nPermission is hereby granted, free of charge": "MIT"} {
		if err := os.WriteFile(readme, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if l, err := licenceOf(dir); l.id != want || (err == nil) != (want != "") {
			t.Errorf("a README with %q: %+v (%v)", text, l, err)
		}
	}
	for name, text := range map[string]string{
		"LICENSE.md": "Permission is hereby\n   granted, free of charge, to any person", "NOTICE": "Of somebody.\n",
		"README": "Apache License Version 2.0", "licenses.go": "MPL",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "COPYING"), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := licenceOf(dir)
	if err != nil || l.id != "MIT" || l.text != "Permission is hereby\n   granted, free of charge, to any person\n\nOf somebody.\n\n" {
		t.Errorf("%+v (%v)", l, err)
	}
	for text, want := range map[string]string{
		"Apache License\n Version 2.0, January 2004": "Apache-2.0", "Mozilla Public License, version 2.0": "MPL-2.0",
		"Redistribution and use in source and binary forms ... Neither the name": "BSD-3-Clause",
		"Redistribution and use in source and binary forms":                      "BSD-2-Clause", "All rights reserved": "",
	} {
		if got := recognise(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
