package images

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// reasonLimit is how much of a registry's reason is shown, in characters.
const reasonLimit = 500

// registryReason is the registry's own reason: code or message of each error with its detail,
// which tells what "unknown error" does not; or the text of an answer of another form.
func registryReason(answer *transport.Error) string {
	var all []string
	for _, d := range answer.Errors {
		all = append(all, diagnostic(d))
	}
	all = slices.DeleteFunc(slices.Clone(all), func(text string) bool { // distribution says "unknown error" once more without the detail
		return slices.ContainsFunc(all, func(longer string) bool { return strings.HasPrefix(longer, text+": ") })
	})
	all = slices.Compact(all)
	text := strings.Join(all, "; ")
	if text == "" {
		text = strings.TrimSpace(fmt.Sprintf("status %d %s", answer.StatusCode, http.StatusText(answer.StatusCode)))
		if body := plainBody(answer); body != "" {
			text += ": " + body
		}
	}
	if r := []rune(text); len(r) > reasonLimit {
		text = string(r[:reasonLimit]) + "..."
	}
	return text
}

func diagnostic(d transport.Diagnostic) string {
	text := strings.ToLower(string(d.Code))
	if d.Message != "" {
		text = d.Message
	}
	if d.Code == transport.UnauthorizedErrorCode || d.Code == transport.DeniedErrorCode {
		if _, isText := d.Detail.(string); !isText { // which rights were asked for: the user has just typed it
			return text
		}
	}
	if detail := words(d.Detail); detail != "" && detail != text {
		text += ": " + detail
	}
	return text
}

// words writes the values of a detail, whatever its form: registries send text,
// objects and lists.
func words(detail any) string {
	switch d := detail.(type) {
	case nil:
		return ""
	case string:
		return d
	case map[string]any:
		var all []string
		for _, key := range slices.Sorted(maps.Keys(d)) {
			if text := words(d[key]); text != "" {
				all = append(all, key+" "+text)
			}
		}
		return strings.Join(all, ", ")
	case []any:
		var all []string
		for _, item := range d {
			if text := words(item); text != "" {
				all = append(all, text)
			}
		}
		return strings.Join(all, ", ")
	}
	return fmt.Sprint(detail)
}

var htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// plainBody is the reason in an answer that is not of the registry's form, such as
// that of a proxy. The library keeps it in its own message only.
func plainBody(answer *transport.Error) string {
	bare := transport.Error{StatusCode: answer.StatusCode}
	full := *answer
	full.Request = nil
	body, ok := strings.CutPrefix(full.Error(), bare.Error()+": ")
	if !ok {
		return ""
	}
	if title := htmlTitle.FindStringSubmatch(body); title != nil {
		body = title[1]
	}
	var detail any
	if json.Unmarshal([]byte(body), &detail) == nil {
		body = words(detail)
	}
	return strings.Join(strings.Fields(body), " ")
}
