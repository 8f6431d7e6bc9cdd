package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

// module is one that a binary is made of.
type module struct{ path, version, sum string }

// The names of Go's own library among the modules and of this repository.
const (
	standard = "stdlib"
	project  = "ganglion"
)

// modulesOf lists the modules of a binary, and the library of its toolchain. A
// folder of this repository that stands in for a module is listed as that folder,
// without a version of its own.
func modulesOf(info *debug.BuildInfo) []module {
	list := []module{{path: standard, version: info.GoVersion}}
	for _, d := range info.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		if inside, ok := strings.CutPrefix(d.Path, "./"); ok {
			list = append(list, module{path: project + "/" + inside})
			continue
		}
		list = append(list, module{d.Path, d.Version, d.Sum})
	}
	return list
}

// own reports whether the module is a folder of this repository.
func (m module) own() bool { return strings.HasPrefix(m.path, project+"/") }

func union(a, b []module) []module {
	list := append(a, b...)
	slices.SortFunc(list, func(x, y module) int { return strings.Compare(x.path+x.version, y.path+y.version) })
	return slices.Compact(list)
}

// licence is what a module's files say.
type licence struct {
	id   string // of SPDX, empty where it is none that is known here
	text string
}

// licences reads the licences of modules out of the module cache. A module
// without one is an error.
func licences(modules []module) (map[module]licence, error) {
	dirs, err := folders()
	if err != nil {
		return nil, err
	}
	found := map[module]licence{}
	var errs []error
	for _, m := range modules {
		dir := dirs[m.path+"@"+m.version]
		if m.path == standard {
			dir = goRoot()
		} else if m.own() {
			dir = dirs[project+"@"]
		}
		l, err := licenceOf(dir)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", m.path, m.version, err))
		}
		found[m] = l
	}
	return found, errors.Join(errs...)
}

func goRoot() string {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "" // then no licence of Go's is found, which is told
	}
	return strings.TrimSpace(string(out))
}

// folders are where the modules of the main module lie.
func folders() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-m", "-json", "all").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	dirs := map[string]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var m struct {
			Path, Version, Dir string
			Replace            *struct{ Path, Version, Dir string }
		}
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return dirs, nil
		} else if err != nil {
			return nil, err
		}
		if r := m.Replace; r != nil {
			m.Path, m.Version, m.Dir = r.Path, r.Version, r.Dir
		}
		dirs[m.Path+"@"+m.Version] = m.Dir
	}
}

var (
	licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents|unlicense)([-.].*)?$`)
	readmeName  = regexp.MustCompile(`(?i)^readme([-.].*)?$`)
)

// licenceOf joins the files of a folder that state its licence. Where there are
// none, the licence may stand in the README.
func licenceOf(dir string) (l licence, err error) {
	if dir == "" {
		return l, errors.New("is not in the module cache")
	}
	if l, err = licenceIn(dir, licenceName); err != nil || l.text != "" {
		return l, err
	}
	if l, err = licenceIn(dir, readmeName); err == nil && l.id == "" {
		return licence{}, errors.New("states no licence")
	}
	return l, err
}

// licenceIn joins the files of a folder with such names.
func licenceIn(dir string, name *regexp.Regexp) (l licence, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return l, err
	}
	for _, e := range entries {
		if e.IsDir() || !name.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return l, err
		}
		if l.id == "" {
			l.id = recognise(string(text))
		}
		l.text += strings.TrimSpace(string(text)) + "\n\n"
	}
	return l, nil
}

// recognise finds a licence by its own words.
func recognise(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, k := range []struct{ id, words string }{
		{"Apache-2.0", "Apache License Version 2.0"},
		{"MPL-2.0", "Mozilla Public License Version 2.0"},
		{"MPL-2.0", "Mozilla Public License, version 2.0"},
		{"BSD-3-Clause", "Neither the name"},
		{"BSD-2-Clause", "Redistribution and use in source and binary forms"},
		{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose"},
		{"ISC", "Permission to use, copy, modify, and distribute this software for any purpose"},
		{"MIT", "Permission is hereby granted, free of charge"},
		{"Unlicense", "This is free and unencumbered software released into the public domain"},
		{"CC0-1.0", "CC0 1.0 Universal"},
	} {
		if strings.Contains(text, k.words) {
			return k.id
		}
	}
	return ""
}

// licenceFile is the text of all licences, each under the modules that it is of.
func licenceFile(modules []module, texts map[module]licence) string {
	var b strings.Builder
	b.WriteString("Licences of what ganglion is made of.\n")
	for _, m := range modules {
		name := strings.TrimSpace(m.path + " " + m.version)
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s", strings.Repeat("=", 80), name, texts[m].text)
	}
	return b.String()
}
