package change

import "encoding/json"

// withoutKeys replaces the private key that a Route carries, which is not for a screen.
func withoutKeys(live, want []byte) (shownLive, shownWant []byte) {
	was, is := routeTLS(live), routeTLS(want)
	hidden := "*** (hidden)"
	shownLive = withKey(live, hidden)
	if was["key"] != nil && was["key"] != is["key"] {
		hidden = "*** (hidden, differs)"
	}
	return shownLive, withKey(want, hidden)
}

func withKey(doc []byte, key string) []byte {
	var o map[string]any
	if routeTLS(doc)["key"] == nil || json.Unmarshal(doc, &o) != nil {
		return doc
	}
	o["spec"].(map[string]any)["tls"].(map[string]any)["key"] = key //nolint:forcetypeassert // routeTLS has just looked
	b, err := json.Marshal(o)
	if err != nil {
		return doc
	}
	return b
}

// routeTLS is the part of a Route with its certificates; nil of anything else.
func routeTLS(doc []byte) map[string]any {
	var o struct {
		Kind string
		Spec struct{ TLS map[string]any }
	}
	if json.Unmarshal(doc, &o) != nil || o.Kind != "Route" {
		return nil
	}
	return o.Spec.TLS
}
