package registry

import (
	"cmp"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v2"
)

const variablePrefix = "REGISTRY_"

// variable is a REGISTRY_* variable of the process's environment.
type variable struct {
	name, value string
	path        []string // the words after the prefix: HTTP, TLS, CLIENTCAS, 0
	use         use
}

// use is what a variable does to the configuration.
type use int

const (
	sets    use = iota // distribution's parser applies it
	element            // it sets one element of a list, which distribution's parser leaves empty; "" sets nothing
	unknown            // no setting has that name
	foreign            // another program's variable
)

// serviceLink matches what Kubernetes puts into pods for a Service called registry or registry-….
var serviceLink = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$`)

// variables returns the REGISTRY_* variables of the environment, elements of lists in their order.
func variables() (vars []variable) {
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(name, variablePrefix)
		if !ours || rest == "" {
			continue
		}
		v := variable{name: name, value: value, path: strings.Split(rest, "_")}
		switch {
		case name == "REGISTRY_AUTH_FILE" || serviceLink.MatchString(name): // the former is the clients' login file
			v.use = foreign
		default:
			v.use = useOf(reflect.TypeFor[Config](), v.path)
		}
		vars = append(vars, v)
	}
	slices.SortFunc(vars, func(a, b variable) int { return slices.CompareFunc(a.path, b.path, compareWords) })
	return vars
}

// compareWords sorts the index 10 after 9.
func compareWords(a, b string) int {
	i, errA := strconv.Atoi(a)
	j, errB := strconv.Atoi(b)
	if errA == nil && errB == nil {
		return cmp.Compare(i, j)
	}
	return strings.Compare(a, b)
}

// useOf follows the path of a variable through the configuration's types, as distribution's parser does.
func useOf(t reflect.Type, path []string) use {
	if len(path) == 0 {
		return sets
	}
	switch t.Kind() {
	case reflect.Pointer:
		return useOf(t.Elem(), path)
	case reflect.Struct:
		if f, ok := fieldOf(t, path[0]); ok {
			return useOf(f.Type, path[1:])
		}
		return unknown
	case reflect.Map:
		return useOf(t.Elem(), path[1:])
	case reflect.Slice:
		if len(path) == 1 {
			return element
		}
		return useOf(t.Elem(), path[1:])
	case reflect.Interface:
		if _, err := strconv.Atoi(path[len(path)-1]); err == nil {
			return element
		}
		return sets
	}
	return unknown
}

// fieldOf finds a field by its name in capitals, also in inlined structs. Its index is relative to t.
func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	for _, f := range fields(t) {
		if strings.ToUpper(f.Name) == name {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// fields lists the fields of a struct; an inlined struct is replaced by its fields.
func fields(t reflect.Type) (list []reflect.StructField) {
	for i := range t.NumField() {
		f := t.Field(i)
		if !strings.HasSuffix(f.Tag.Get("yaml"), ",inline") {
			list = append(list, f)
			continue
		}
		for _, inner := range fields(f.Type) {
			inner.Index = append(slices.Clone(f.Index), inner.Index...)
			list = append(list, inner)
		}
	}
	return list
}

var environment sync.Mutex

// withoutVariables calls f while the variables are not in the environment of the
// process, which is the only place that distribution's parser reads them from.
func withoutVariables(vars []variable, f func() error) (err error) {
	if len(vars) == 0 {
		return f()
	}
	environment.Lock()
	defer environment.Unlock()
	for _, v := range vars {
		if err := os.Unsetenv(v.name); err != nil {
			return err
		}
	}
	defer func() {
		for _, v := range vars {
			err = cmp.Or(err, os.Setenv(v.name, v.value))
		}
	}()
	return f()
}

// setElements applies the variables that set elements of lists.
func setElements(cfg *Config, vars []variable) error {
	for _, v := range vars {
		if v.value == "" {
			continue
		}
		if err := setElement(reflect.ValueOf(cfg), v.path, v.value); err != nil {
			return fmt.Errorf("variable %s: %w", v.name, err)
		}
	}
	return nil
}

func setElement(v reflect.Value, path []string, value string) error {
	if len(path) == 0 {
		return setValue(v, value)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return setElement(v.Elem(), path, value)
	case reflect.Struct:
		f, _ := fieldOf(v.Type(), path[0]) // useOf has found it
		return setElement(v.FieldByIndex(f.Index), path[1:], value)
	case reflect.Map:
		return setInMap(v, path, value)
	case reflect.Interface:
		return setInAny(v, path, value)
	case reflect.Slice:
		return setInList(v, path, value)
	}
	return fmt.Errorf("not a list")
}

func setValue(v reflect.Value, value string) error {
	if v.Kind() == reflect.String { // a regular expression is seldom YAML
		v.SetString(value)
		return nil
	}
	return yaml.Unmarshal([]byte(value), v.Addr().Interface())
}

func setInList(v reflect.Value, path []string, value string) error {
	i, err := strconv.Atoi(path[0])
	switch {
	case err != nil || i < 0:
		return fmt.Errorf("%s is not an index", path[0])
	case i > v.Len():
		return fmt.Errorf("the list has %d elements: the next index is %d", v.Len(), v.Len())
	case i == v.Len():
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
	}
	return setElement(v.Index(i), path[1:], value)
}

func setInMap(v reflect.Value, path []string, value string) error {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	key := reflect.ValueOf(strings.ToLower(path[0]))
	for _, k := range v.MapKeys() {
		if strings.EqualFold(fmt.Sprint(k.Interface()), path[0]) {
			key = k
		}
	}
	item := reflect.New(v.Type().Elem()).Elem()
	if old := v.MapIndex(key); old.IsValid() {
		item.Set(old)
	}
	if err := setElement(item, path[1:], value); err != nil {
		return err
	}
	v.SetMapIndex(key, item)
	return nil
}

// setInAny sets an element where the configuration has no type: a missing list or mapping is made.
func setInAny(v reflect.Value, path []string, value string) error {
	var item reflect.Value
	switch {
	case !v.IsNil():
		item = reflect.New(v.Elem().Type()).Elem()
		item.Set(v.Elem())
	case len(path) == 1:
		item = reflect.New(reflect.TypeFor[[]any]()).Elem()
	default:
		item = reflect.New(reflect.TypeFor[map[string]any]()).Elem()
	}
	if err := setElement(item, path, value); err != nil {
		return err
	}
	v.Set(item)
	return nil
}
