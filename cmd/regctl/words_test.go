package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/regctl/regctl/internal/cli"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plainPackages are the directories whose messages TestMessagesAreInPlainEnglish reads.
func plainPackages() []string {
	return []string{
		"../../internal/cli", "../../internal/cluster", "../../internal/discover", "../../internal/host", "../../internal/plan",
		"../../internal/platform", "../../internal/policy", "../../internal/secrets", "../../internal/survey",
		"../../internal/workload", "../../pkg/certs",
	}
}

// avoided matches the words for which the glossary has a better one.
func avoided() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(believ\w*|unchecked|folders?|doubt\w*|ways in|come in|mend\w*|comes to nothing` +
		`|of one's own|excludes?|exclude each other|do(es)? not go with|needs|wants|heed\w*|makes? no sense|rotten` +
		`|set aside|(is|are) not there|that (is|are) there|there already|makes? sign|in the place of|made anew|mistake` +
		`|say what|says? what|anybody|everybody|takes? over|taken over|colou?r(?:ed)? when|colour\w*|authoris\w*|behaviour|cancelled|neighbour\w*)\b`)
}

// commands returns all visible commands.
func visibleCommands() []*cobra.Command {
	var all []*cobra.Command
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Hidden {
			return
		}
		all = append(all, cmd)
		for _, child := range cmd.Commands() {
			walk(child)
		}
	}
	walk(cli.Root(cmdutil.System()))
	return all
}

func TestHelpIsInPlainEnglish(t *testing.T) {
	verbs := strings.Fields(`Add Apply Check Configure Copy Create Decrypt Delete Deploy Encrypt Expose Grant Inspect Install Link List
		Log Manage Prepare Print Provide Pull Push Reject Remove Renew Run Save Set Show Tag Trust Unlink Unset Verify`)
	for _, cmd := range visibleCommands() {
		path := cmd.CommandPath()
		first := strings.Trim(strings.Fields(cmd.Short)[0], ",")
		assert.Contains(t, verbs, first, "%s: the summary must begin with an imperative", path)
		assert.LessOrEqual(t, strings.Count(cmd.Long, "\n")+1, 25, "%s: the help is too long: move it to docs/", path)
		assert.Empty(t, avoided().FindString(cmd.Short+"\n"+cmd.Long), path)
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			assert.Empty(t, avoided().FindString(f.Usage), "%s --%s", path, f.Name)
			if f.Name != "auth" { // the list of its defaults is longer
				assert.LessOrEqual(t, utf8.RuneCountInString(strings.ReplaceAll(f.Usage, "`", "")), 80, "%s --%s", path, f.Name)
			}
		})
	}
}

func TestHelpFitsTheTerminal(t *testing.T) {
	for _, cmd := range visibleCommands() {
		var out strings.Builder
		cmd.Root().SetOut(&out)
		require.NoError(t, cmd.Help())
		for line := range strings.Lines(strings.Replace(out.String(), cmd.Example, "", 1)) {
			line = strings.TrimRight(line, "\n")
			assert.LessOrEqual(t, utf8.RuneCountInString(line), cmdutil.HelpWidth, "%s: %s", cmd.CommandPath(), line)
		}
	}
}

// TestMessagesAreInPlainEnglish reads the text of errors, hints, warnings and notes in the source.
func TestMessagesAreInPlainEnglish(t *testing.T) {
	for _, dir := range plainPackages() {
		require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					for _, fault := range faults(call) {
						t.Errorf("%s: %s", files.Position(call.Pos()), fault)
					}
				}
				return true
			})
			return nil
		}))
	}
}

// faults lists what is wrong with the texts that a call passes on.
func faults(call *ast.CallExpr) []string {
	name := calledName(call)
	if !slices.Contains([]string{"errors.New", "fmt.Errorf", "hint.Errorf", "hint.New", "hint.BadUsage", "Say", "Warn"}, name) {
		return nil
	}
	var found []string
	for _, arg := range call.Args {
		text := literal(arg)
		if word := avoided().FindString(text); word != "" {
			found = append(found, fmt.Sprintf("%q: the glossary has a better word in %q", word, text))
		}
	}
	if len(call.Args) == 0 || !slices.Contains([]string{"errors.New", "fmt.Errorf", "hint.Errorf"}, name) {
		return found
	}
	text := literal(call.Args[0])
	if name == "hint.Errorf" {
		text = literal(call.Args[min(1, len(call.Args)-1)])
	}
	if strings.HasSuffix(text, ".") {
		found = append(found, fmt.Sprintf("%q ends with a period", text))
	}
	if r, size := utf8.DecodeRuneInString(text); unicode.IsUpper(r) && !isName(text[size:]) {
		found = append(found, fmt.Sprintf("%q begins with a capital", text))
	}
	return found
}

// isName reports whether what follows a capital makes the word a name, such as HOME or SOURCE_DATE_EPOCH.
func isName(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsUpper(r)
}

func calledName(call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if sel.Sel.Name == "Say" || sel.Sel.Name == "Warn" {
		return sel.Sel.Name
	}
	if pkg, ok := sel.X.(*ast.Ident); ok {
		return pkg.Name + "." + sel.Sel.Name
	}
	return ""
}

// literal is the text of a string literal or of a concatenation of them; "" for other expressions.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text
		}
	case *ast.BinaryExpr:
		return literal(e.X) + literal(e.Y)
	}
	return ""
}
