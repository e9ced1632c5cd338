package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// asOld answers what Kubernetes 1.11 has another answer to than the server that runs here; false where it has not.
func asOld(w http.ResponseWriter, r *http.Request) bool {
	r.Header.Del("Accept") // it has one discovery document for each API group
	forget(r, "seccompProfile", "topologySpreadConstraints")
	code, text := http.StatusOK, `{"major": "1", "minor": "11+", "gitVersion": "v1.11.0+d4cacc0"}`
	switch {
	case r.URL.Path == "/version":
	case r.Header.Get("Content-Type") == "application/apply-patch+yaml":
		code, text = http.StatusUnsupportedMediaType, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "UnsupportedMediaType", "code": 415, "message": "the body of the request was in an unknown format"}`
	case r.URL.Query().Has("dryRun"):
		code, text = http.StatusBadRequest, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "BadRequest", "code": 400, "message": "dryRun is not supported yet"}`
	default:
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, text)
	return true
}

// forget leaves fields out of what is sent, as a server does that does not know them.
func forget(r *http.Request, fields ...string) {
	if !strings.Contains(r.Header.Get("Content-Type"), "json") {
		return
	}
	body, err := io.ReadAll(r.Body)
	var sent any
	if err == nil && json.Unmarshal(body, &sent) == nil {
		dropAll(sent, fields)
		if less, err := json.Marshal(sent); err == nil {
			body = less
		}
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

func dropAll(value any, fields []string) {
	switch v := value.(type) {
	case map[string]any:
		for _, f := range fields {
			delete(v, f)
		}
		for _, child := range v {
			dropAll(child, fields)
		}
	case []any:
		for _, child := range v {
			dropAll(child, fields)
		}
	}
}
