package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// module is the path that all packages of this project begin with.
const module = "github.com/regctl/regctl/"

// pkg is a package as "go list" reports it.
type pkg struct {
	path    string   // below the module
	about   string   // the first sentence of its documentation
	imports []string // of this project, below the module
}

// layout writes the table of packages into docs/project-layout.md: importers above what they import.
func layout(ctx context.Context, dir string) error {
	pkgs, err := list(ctx, dir)
	if err != nil {
		return err
	}
	var table bytes.Buffer
	fmt.Fprintln(&table, "| package | what it is for |\n| --- | --- |")
	for _, p := range inOrder(pkgs) {
		fmt.Fprintf(&table, "| `%s` | %s |\n", p.path, p.about)
	}
	file := filepath.Join(dir, "docs", "project-layout.md")
	page, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, rest, begun := bytes.Cut(page, []byte("<!-- packages -->\n"))
	_, tail, ended := bytes.Cut(rest, []byte("<!-- end -->\n"))
	if !begun || !ended {
		return errors.New(file + ": no <!-- packages --> and <!-- end -->")
	}
	return write(file, slices.Concat(head, []byte("<!-- packages -->\n"), table.Bytes(), []byte("<!-- end -->\n"), tail))
}

// list asks the go command for the packages of the module.
func list(ctx context.Context, dir string) ([]pkg, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-f", "{{.ImportPath}}\t{{.Doc}}\t{{join .Imports \" \"}}", "./...")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var pkgs []pkg
	for line := range strings.Lines(string(out)) {
		cols := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		p := pkg{path: strings.TrimPrefix(cols[0], module), about: about(cols[1])}
		for path := range strings.FieldsSeq(cols[2]) {
			if inner, ours := strings.CutPrefix(path, module); ours {
				p.imports = append(p.imports, inner)
			}
		}
		pkgs = append(pkgs, p)
	}
	return pkgs, nil
}

// about is a sentence of a package's documentation without its usual beginning.
func about(doc string) string {
	for _, start := range []string{"Package ", "Command "} {
		if rest, ok := strings.CutPrefix(doc, start); ok {
			_, doc, _ = strings.Cut(rest, " ")
		}
	}
	return strings.TrimSuffix(doc, ".")
}

// inOrder sorts packages so that each is above all that it imports, and otherwise by name.
func inOrder(pkgs []pkg) []pkg {
	byPath := map[string]pkg{}
	for _, p := range pkgs {
		byPath[p.path] = p
	}
	slices.SortFunc(pkgs, func(a, b pkg) int { return cmp.Compare(b.path, a.path) })
	var below []pkg // what is imported comes first here
	seen := map[string]bool{}
	var visit func(p pkg)
	visit = func(p pkg) {
		if seen[p.path] {
			return
		}
		seen[p.path] = true
		slices.SortFunc(p.imports, func(a, b string) int { return cmp.Compare(b, a) })
		for _, path := range p.imports {
			visit(byPath[path])
		}
		below = append(below, p)
	}
	for _, p := range pkgs {
		visit(p)
	}
	slices.Reverse(below)
	return below
}
