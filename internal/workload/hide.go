package workload

import (
	"encoding/json"
	"strings"
)

// secretLike tells whether a variable of this name holds what is not for a screen,
// rather than the path of a file with it.
func secretLike(name string) bool {
	upper := strings.ToUpper(name)
	if upper == "REGISTRY_HTTP_TLS_KEY" || strings.HasSuffix(upper, "_FILE") || strings.HasSuffix(upper, "_PATH") {
		return false
	}
	for _, word := range []string{"PASSWORD", "PASSWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL"} {
		if strings.Contains(upper, word) {
			return true
		}
	}
	return false
}

// valueShown is the value of a variable as messages may show it.
func valueShown(v map[string]any) string {
	switch {
	case v["valueFrom"] != nil:
		return refOf(v).String()
	case secretLike(name(v)):
		return hidden
	}
	return stringField(v, "value")
}

const hidden = "*** (hidden)"

// HideVars replaces, in two states of an object, the values of variables whose names
// say that they are secret. That a value differs is still to be seen.
func HideVars(live, want []byte) (shownLive, shownWant []byte) {
	was := map[string]string{}
	shownLive = hideIn(live, func(place, value string) string {
		was[place] = value
		return hidden
	})
	return shownLive, hideIn(want, func(place, value string) string {
		if before, there := was[place]; there && before != value {
			return "*** (hidden, differs)"
		}
		return hidden
	})
}

// hideIn replaces the values of secret variables in a document; place says in which container they are.
func hideIn(doc []byte, instead func(place, value string) string) []byte {
	var o map[string]any
	if json.Unmarshal(doc, &o) != nil {
		return doc
	}
	walkVars("", o, func(place string, v map[string]any) {
		if value := stringField(v, "value"); value != "" && secretLike(name(v)) {
			v["value"] = instead(place, value)
		}
	})
	b, err := json.Marshal(o)
	if err != nil {
		return doc
	}
	return b
}

// walkVars visits the items of every list called env.
func walkVars(place string, at any, visit func(place string, v map[string]any)) {
	switch at := at.(type) {
	case map[string]any:
		for key, value := range at {
			if key == "env" {
				for _, v := range list(at, "env") {
					visit(place+"/"+name(v), v)
				}
			}
			walkVars(place+"/"+key+":"+name(at), value, visit)
		}
	case []any:
		for _, item := range at {
			walkVars(place, item, visit)
		}
	}
}
