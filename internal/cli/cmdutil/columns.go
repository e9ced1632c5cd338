package cmdutil

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"k8s.io/client-go/util/jsonpath"
)

// column is one of -o custom-columns: its heading and where its value is found.
type column struct {
	heading string
	path    *jsonpath.JSONPath
}

// columns reads NAME:.path,NAME:.path, or a file with the headings in its first line and the paths in its second.
func (o *Output) columns() ([]column, error) {
	kind, spec, _ := strings.Cut(o.Value, "=")
	pairs := strings.Split(spec, ",")
	if kind == "custom-columns-file" {
		b, err := os.ReadFile(spec)
		if err != nil {
			return nil, FileError(spec, err)
		}
		lines := strings.SplitN(string(b), "\n", 3)
		if len(lines) < 2 || len(strings.Fields(lines[0])) != len(strings.Fields(lines[1])) {
			return nil, fmt.Errorf("%s: must have as many headings in its first line as paths in its second", spec)
		}
		pairs = nil
		for i, heading := range strings.Fields(lines[0]) {
			pairs = append(pairs, heading+":"+strings.Fields(lines[1])[i])
		}
	}
	columns := make([]column, 0, len(pairs))
	for _, pair := range pairs {
		heading, path, ok := strings.Cut(pair, ":")
		if !ok || path == "" {
			return nil, fmt.Errorf("column %q: must be HEADING:PATH, such as NAME:.metadata.name", pair)
		}
		c := column{heading, jsonpath.New(heading).AllowMissingKeys(true)}
		if err := c.path.Parse("{." + strings.Trim(strings.TrimPrefix(strings.Trim(path, "{}"), "."), "{}") + "}"); err != nil {
			return nil, fmt.Errorf("column %q: %w", pair, err)
		}
		columns = append(columns, c)
	}
	return columns, nil
}

// printColumns prints a row for the object, or for each item of a list.
func (o *Output) printColumns(e *Env, content map[string]any) error {
	columns, err := o.columns()
	if err != nil {
		return err
	}
	heading := make([]string, len(columns))
	for i, c := range columns {
		heading[i] = c.heading
	}
	rows := [][]string{heading}
	if o.noHeaders {
		rows = nil
	}
	items, several := content["items"].([]any)
	if !several {
		items = []any{content}
	}
	for _, item := range items {
		row := make([]string, len(columns))
		for i, c := range columns {
			var cell bytes.Buffer
			if err := c.path.Execute(&cell, item); err != nil {
				return fmt.Errorf("column %s: %w", c.heading, err)
			}
			if row[i] = cell.String(); row[i] == "" {
				row[i] = "<none>"
			}
		}
		rows = append(rows, row)
	}
	return e.Table(rows)
}
