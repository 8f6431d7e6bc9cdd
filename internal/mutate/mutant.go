package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// mutant is one place of a file with something else in it.
type mutant struct {
	file     string
	line     int
	from, to int // offsets of what is replaced
	what     string
	with     string
}

func (m mutant) String() string {
	if m.with == "" {
		return fmt.Sprintf("%s:%d: without %s", m.file, m.line, m.what)
	}
	return fmt.Sprintf("%s:%d: %s for %s", m.file, m.line, m.with, m.what)
}

// apply is the file's source with the mutant in it.
func (m mutant) apply() ([]byte, error) {
	src, err := os.ReadFile(m.file)
	if err != nil {
		return nil, err
	}
	return append(append(append([]byte(nil), src[:m.from]...), m.with...), src[m.to:]...), nil
}

// exchanged is what stands for an operator.
var exchanged = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.EQL: token.NEQ, token.NEQ: token.EQL, token.LAND: token.LOR, token.LOR: token.LAND,
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL,
}

// mutants lists the mutants of a package folder, without those of its tests, of
// other processors' files and of what is said in an error.
func mutants(dir string) (all []mutant, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_other.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		found, err := mutantsOf(filepath.ToSlash(name), src)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func mutantsOf(name string, src []byte) (all []mutant, err error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	add := func(pos, end token.Pos, with string) {
		p, e := files.Position(pos), files.Position(end)
		what, _, _ := strings.Cut(string(src[p.Offset:e.Offset]), "\n")
		all = append(all, mutant{name, p.Line, p.Offset, e.Offset, strings.TrimSpace(what), with})
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr: // a test does not read what an error says
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "Errorf" || f.Sel.Name == "Sprintf") {
				return false
			}
		case *ast.GenDecl: // nor does it change constants by hand
			return n.Tok == token.VAR
		case *ast.BinaryExpr:
			if to, ok := exchanged[n.Op]; ok {
				add(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), to.String())
			}
		case *ast.ExprStmt, *ast.IncDecStmt:
			add(n.Pos(), n.End(), "")
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE && len(n.Lhs) == 1 {
				add(n.Pos(), n.End(), "")
			}
		}
		return true
	})
	return all, nil
}
