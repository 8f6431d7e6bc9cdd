// Command release builds what a release consists of into a folder: the program for
// every platform, what it is made of (CycloneDX), the licences of all that, the
// completions of shells, manual pages, and checksums.
//
//	go run ./internal/release -out out/release -version v1.0.0
//
// The same commit and toolchain give the same bytes.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// platform is what a binary is built for.
type platform struct{ os, arch, arm string }

var platforms = []platform{
	{"linux", "amd64", ""}, {"linux", "arm64", ""}, {"linux", "arm", "7"},
	{"darwin", "amd64", ""}, {"darwin", "arm64", ""}, {"windows", "amd64", ""},
}

// name is the file of a platform's binary.
func (p platform) name() string {
	name := "ganglion-" + p.os + "-" + p.arch
	if p.arm != "" {
		name += "v" + p.arm
	}
	if p.os == "windows" {
		name += ".exe"
	}
	return name
}

func main() {
	if err := command(os.Args[1:], platform.build); err != nil {
		log.Fatalln("release:", err)
	}
}

// builder makes a platform's program.
type builder func(p platform, path, version string) error

// command does what the arguments say.
func command(args []string, build builder) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	out := flags.String("out", "out/release", "folder for the release")
	version := flags.String("version", "", "what the program calls itself; empty is its commit")
	system := flags.String("os", "", "system to build for alone, such as linux; empty builds for all")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return release(*out, *version, *system, build)
}

// release fills the folder.
func release(out, version, system string, build builder) error {
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	var modules []module
	for _, p := range platforms {
		if system != "" && system != p.os {
			continue
		}
		path := filepath.Join(out, p.name())
		if err := build(p, path, version); err != nil {
			return fmt.Errorf("%s: %w", p.name(), err)
		}
		info, err := buildinfo.ReadFile(path)
		if err != nil {
			return err
		}
		modules = union(modules, modulesOf(info))
		fmt.Println("built", p.name())
	}
	if version == "" {
		version = "unversioned"
	}
	if err := describe(out, version, modules); err != nil {
		return err
	}
	if err := shells(out); err != nil {
		return err
	}
	return checksums(out)
}

func (p platform) build(path, version string) error {
	flags := "-s -w"
	if version != "" {
		flags += " -X ganglion/cmd.release=" + version
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", flags, "-o", path, "./cmd/ganglion")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.os, "GOARCH="+p.arch, "GOARM="+p.arm)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// describe writes the bill of materials and the licences.
func describe(out, version string, modules []module) error {
	texts, err := licences(modules)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "THIRD_PARTY_LICENSES"), []byte(licenceFile(modules, texts)), 0o644); err != nil {
		return err
	}
	bom, err := bill(version, modules, texts)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "ganglion.cdx.json"), bom, 0o644)
}

// shells lets the program of this machine write its completions, and adds the
// manual pages.
func shells(out string) error {
	program := filepath.Join(out, platform{runtime.GOOS, runtime.GOARCH, ""}.name())
	if _, err := os.Stat(program); err != nil {
		return fmt.Errorf("this machine's own platform is not among those built: %w", err)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		text, err := exec.Command(program, "completion", shell).Output()
		if err != nil {
			return fmt.Errorf("completion %s: %w", shell, err)
		}
		if err := os.WriteFile(filepath.Join(out, "ganglion."+shell), text, 0o644); err != nil {
			return err
		}
	}
	return exec.Command("go", "run", "./cmd/manual", filepath.Join(out, "man")).Run()
}

func checksums(out string) error {
	var lines []string
	err := filepath.WalkDir(out, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(out, path)
		lines = append(lines, fmt.Sprintf("%x  %s\n", sha256.Sum256(data), filepath.ToSlash(name)))
		return err
	})
	if err != nil {
		return err
	}
	slices.Sort(lines)
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte(strings.Join(lines, "")), 0o644)
}
