package lint

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/shareddata"
)

const module = "ganglion"

// promised are packages that may export what nobody here uses, with the reason.
var promised = map[string]string{
	"pipeline":        "the vocabulary and the contracts that docs/embedding.md promises to programs of others",
	"internal/gojson": "what Arrow's library asks for",
}

// apart are folders that are modules of their own, which ./... does not compile.
var apart = []string{module + "/testdata/embedding", module + "/internal/gojson"}

// census counts who uses the exported names of the module: functions, types,
// constants, variables and methods, each under a name such as
// "ganglion/pipeline.Spikes.Append".
type census struct {
	set      *token.FileSet
	importer types.Importer
	used     map[string]bool // outside the folder that exports it, or by an example
	wanted   map[string]bool // methods that make a type fit an interface; constants of a used group
	faces    map[string][]*types.Interface
	groups   map[string][]string // constants that are declared together
	packages map[string]*types.Package
}

func newCensus(set *token.FileSet, i types.Importer) *census {
	c := &census{
		set: set, importer: i, used: map[string]bool{}, wanted: map[string]bool{},
		faces: map[string][]*types.Interface{}, groups: map[string][]string{}, packages: map[string]*types.Package{},
	}
	c.face(types.Universe.Lookup("error").Type())
	return c
}

// nameOf is how an object is called from elsewhere, "" for what is not a name of the
// module: fields, locals, other modules.
func nameOf(o types.Object) string {
	if o == nil || o.Pkg() == nil || !o.Exported() || !strings.HasPrefix(o.Pkg().Path(), module) {
		return ""
	}
	if f, ok := o.(*types.Func); ok {
		if recv := f.Signature().Recv(); recv != nil {
			n := named(recv.Type())
			if n == nil {
				return ""
			}
			return o.Pkg().Path() + "." + n.Obj().Name() + "." + o.Name()
		}
	}
	if o.Parent() != o.Pkg().Scope() {
		return ""
	}
	return o.Pkg().Path() + "." + o.Name()
}

// named is a named type, or that to which a pointer points.
func named(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	if n == nil {
		return nil
	}
	return n.Origin()
}

// read checks the types of a package, and counts what it uses. Errors of types
// are the compiler's to report.
func (c *census) read(path string, files []*ast.File) {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: c.importer, Error: func(error) {}, FakeImportC: true}
	pkg, _ := conf.Check(path, c.set, files, info)
	folder := strings.TrimSuffix(path, "_test")
	for _, f := range files {
		c.group(path, f)
	}
	for ident, o := range info.Uses {
		example := strings.HasPrefix(filepath.Base(c.set.Position(ident.Pos()).Filename), "example")
		if f, ok := o.(*types.Func); ok {
			o = f.Origin()
		}
		if name := nameOf(o); name != "" && (o.Pkg().Path() != folder || example) {
			c.used[name] = true
		}
	}
	for expr, t := range info.Types {
		if _, ok := expr.(*ast.InterfaceType); ok && t.Type != nil {
			c.face(t.Type)
		}
	}
	for _, other := range append(pkg.Imports(), pkg) {
		c.packages[other.Path()] = other
	}
	c.want(pkg)
}

// face keeps an interface.
func (c *census) face(t types.Type) {
	i, ok := t.Underlying().(*types.Interface)
	if !ok || i.NumMethods() == 0 {
		return
	}
	for k := range i.NumMethods() {
		name := i.Method(k).Name()
		c.faces[name] = append(c.faces[name], i)
	}
}

// know keeps all interfaces that a package exports.
func (c *census) know(pkg *types.Package) {
	for _, name := range pkg.Scope().Names() {
		if t, ok := pkg.Scope().Lookup(name).(*types.TypeName); ok {
			if n, ok := t.Type().(*types.Named); ok && n.TypeParams() == nil {
				c.face(n)
			}
		}
	}
}

// want marks the methods that make the types of a package fit an interface.
func (c *census) want(pkg *types.Package) {
	for _, name := range pkg.Scope().Names() {
		t, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || types.IsInterface(t.Type()) {
			continue
		}
		set := types.NewMethodSet(types.NewPointer(t.Type()))
		for i := range set.Len() {
			method := set.At(i).Obj().(*types.Func).Origin()
			if slices.ContainsFunc(c.faces[method.Name()], func(f *types.Interface) bool { return fits(set, f) }) {
				c.wanted[nameOf(method)] = true
			}
		}
	}
}

// fits reports whether a set has all methods of an interface, with as many
// parameters and results: types are not compared, because those of a package and
// of what imports it are not the same.
func fits(set *types.MethodSet, f *types.Interface) bool {
	for i := range f.NumMethods() {
		want := f.Method(i)
		have := set.Lookup(want.Pkg(), want.Name())
		if have == nil {
			return false
		}
		a, b := want.Signature(), have.Obj().(*types.Func).Signature()
		if a.Params().Len() != b.Params().Len() || a.Results().Len() != b.Results().Len() {
			return false
		}
	}
	return true
}

// reach adds what follows from what is used: the types in the signatures, fields
// and values of used names, and the constants that stand with used ones.
func (c *census) reach() {
	seen := map[types.Type]bool{}
	var walk func(t types.Type)
	walk = func(t types.Type) {
		t = types.Unalias(t)
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			if name := nameOf(t.Obj()); name != "" {
				c.used[name] = true
			}
			if t.Obj().Pkg() != nil && strings.HasPrefix(t.Obj().Pkg().Path(), module) {
				walk(t.Underlying())
			}
			for a := range t.TypeArgs().Types() {
				walk(a)
			}
		case *types.Map:
			walk(t.Key())
			walk(t.Elem())
		case interface{ Elem() types.Type }: // pointer, slice, array, channel
			walk(t.Elem())
		case *types.Signature:
			for v := range t.Params().Variables() {
				walk(v.Type())
			}
			for v := range t.Results().Variables() {
				walk(v.Type())
			}
		case *types.Struct:
			for f := range t.Fields() {
				if f.Exported() {
					walk(f.Type())
				}
			}
		case *types.Interface:
			for m := range t.Methods() {
				walk(m.Type())
			}
		}
	}
	c.each(func(name string, o types.Object) {
		if c.used[name] || c.wanted[name] && o.Parent() == nil {
			walk(o.Type())
		}
	})
	for name, group := range c.groups {
		if !c.used[name] && slices.ContainsFunc(group, func(other string) bool { return c.used[other] }) {
			c.wanted[name] = true
		}
	}
}

// each calls f with every exported name of the module.
func (c *census) each(f func(name string, o types.Object)) {
	for _, path := range slices.Sorted(maps.Keys(c.packages)) {
		scope := c.packages[path].Scope()
		for _, id := range scope.Names() {
			o := scope.Lookup(id)
			if strings.HasSuffix(c.set.Position(o.Pos()).Filename, "_test.go") {
				continue
			}
			if name := nameOf(o); name != "" {
				f(name, o)
			}
			t, ok := o.(*types.TypeName)
			if n, isNamed := o.Type().(*types.Named); ok && isNamed && o.Exported() && !t.IsAlias() && !types.IsInterface(n) {
				for m := range n.Methods() {
					if name := nameOf(m); name != "" && !strings.HasSuffix(c.set.Position(m.Pos()).Filename, "_test.go") {
						f(name, m)
					}
				}
			}
		}
	}
}

// idle lists the names that nobody uses.
func (c *census) idle() (names []string) {
	for _, pkg := range c.packages {
		c.want(pkg)
	}
	c.reach()
	c.each(func(name string, _ types.Object) {
		if !c.used[name] && !c.wanted[name] {
			names = append(names, strings.TrimPrefix(name, module+"/"))
		}
	})
	return names
}

// exports finds the compiled form of packages, for the importer.
func exports(top string, paths ...string) (map[string]string, error) {
	args := append([]string{"list", "-export", "-deps", "-e", "-json=ImportPath,Export"}, paths...)
	list := exec.Command("go", args...)
	list.Dir = top
	// Of what is built already: with the caller's -trimpath, without its -cover.
	list.Env = append(os.Environ(), "GOFLAGS="+strings.ReplaceAll(os.Getenv("GOFLAGS"), "-cover", ""))
	out, err := list.Output()
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return files, nil
		} else if err != nil {
			return nil, err
		}
		files[p.ImportPath] = p.Export
	}
}

// parse reads all Go files of the module by package, tests of a package among its
// own, and what they import. Files for other systems are only scanned.
func parse(t *testing.T, c *census) (packages map[string][]*ast.File, imports []string) {
	t.Helper()
	packages = map[string][]*ast.File{}
	seen := map[string]bool{}
	top := shareddata.Project(t)
	add := func(folder string) {
		entries, err := os.ReadDir(filepath.Join(top, folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") {
				continue
			}
			file := filepath.Join(top, folder, e.Name())
			parsed, err := parser.ParseFile(c.set, file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			if here, err := build.Default.MatchFile(filepath.Dir(file), e.Name()); err != nil || !here {
				c.scan(parsed)
				continue
			}
			for _, i := range parsed.Imports {
				if path, _ := strconv.Unquote(i.Path.Value); path != "C" && path != "unsafe" {
					seen[path] = true
				}
			}
			path := module + "/" + folder
			if strings.HasSuffix(parsed.Name.Name, "_test") {
				path += "_test"
			}
			packages[path] = append(packages[path], parsed)
		}
	}
	folders := map[string]bool{"testdata/embedding": true}
	for _, f := range files(t, ".go") {
		folders[f.folder()] = true
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		add(folder)
	}
	return packages, slices.Sorted(maps.Keys(seen))
}

// group keeps the constants that are declared together: an enumeration stays
// whole.
func (c *census) group(path string, file *ast.File) {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST || !g.Lparen.IsValid() {
			continue
		}
		var names []string
		for _, s := range g.Specs {
			for _, id := range s.(*ast.ValueSpec).Names {
				names = append(names, path+"."+id.Name)
			}
		}
		for _, name := range names {
			c.groups[name] = names
		}
	}
}

// scan counts the names of other packages in a file whose types cannot be checked
// here.
func (c *census) scan(file *ast.File) {
	imported := map[string]string{}
	for _, i := range file.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		imported[path[strings.LastIndexByte(path, '/')+1:]] = path
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && imported[x.Name] != "" {
				c.used[imported[x.Name]+"."+s.Sel.Name] = true
			}
		}
		return true
	})
}

// TestANameIsExportedForSomebody: an exported name is used by another package of
// the module, by its tests, by an example or by the program in
// testdata/embedding.
func TestANameIsExportedForSomebody(t *testing.T) {
	t.Parallel()
	c := newCensus(token.NewFileSet(), nil)
	packages, imports := parse(t, c)
	compiled, err := exports(shareddata.Project(t), append([]string{"./..."}, imports...)...)
	if err != nil {
		t.Fatal(err)
	}
	c.importer = importer.ForCompiler(c.set, "gc", func(path string) (io.ReadCloser, error) {
		if compiled[path] == "" {
			return nil, fmt.Errorf("no package %s", path)
		}
		return os.Open(compiled[path])
	})
	for path := range packages {
		if !strings.HasSuffix(path, "_test") && !slices.Contains(apart, path) && compiled[path] == "" {
			t.Fatalf("%s does not compile", path)
		}
	}
	for _, path := range append(imports, "encoding") {
		if pkg, err := c.importer.Import(path); err == nil {
			c.know(pkg)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(packages)) {
		c.read(path, packages[path])
	}
	for _, name := range c.idle() {
		folder := name[:strings.LastIndexByte(name, '/')+1]
		folder += name[len(folder) : len(folder)+strings.IndexByte(name[len(folder):], '.')]
		if promised[folder] != "" {
			continue
		}
		t.Errorf("%s is exported, and no other package uses it", name)
	}
}

// TestTheCensusCanFail: one package uses some names of another.
func TestTheCensusCanFail(t *testing.T) {
	t.Parallel()
	c := newCensus(token.NewFileSet(), nil)
	checked := map[string]*types.Package{}
	c.importer = importing(checked)
	for _, p := range []struct{ path, src string }{
		{"ganglion/a", `package a
			const ( Red = iota; Green; blue )
			const Alone = 1
			type Used struct { Inner Inner }
			type Inner struct{}
			type Idle struct{}
			type Fit struct{}
			func (Fit) String() string { return "" }
			func (Fit) Error() string { return "" }
			func (Used) Do() {}
			func (Used) Rest() {}
			func New() *Fit { return nil }
			func Never() { Never2() }
			func Never2() {}
			var Err = 1
			func lower() { _ = Idle{} }`},
		{"ganglion/b", `package b
			import "ganglion/a"
			func f(u a.Used) { u.Do(); _, _ = a.Red, a.New() }`},
	} {
		file, err := parser.ParseFile(c.set, strings.TrimPrefix(p.path, module+"/")+".go", p.src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		c.read(p.path, []*ast.File{file})
		checked[p.path] = c.packages[p.path]
	}
	want := []string{"a.Alone", "a.Err", "a.Fit.String", "a.Idle", "a.Never", "a.Never2", "a.Used.Rest"}
	if d := cmp.Diff(want, c.idle()); d != "" {
		t.Error(d)
	}
}

// importing is an importer of packages that are there.
type importing map[string]*types.Package

func (i importing) Import(path string) (*types.Package, error) { return i[path], nil }
