package registry

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/distribution/distribution/v3/registry/storage/driver/factory"
	"github.com/regctl/regctl/pkg/hint"
)

// objectURL is the form of an object store's URL: SCHEME://CONTAINER/PREFIX?PARAMETER=VALUE.
type objectURL struct {
	driver    string
	container string            // the parameter that takes the host of the URL
	names     map[string]string // parameters by the names that URLs have for them
	allowed   []string          // further parameters of the driver
	secret    func(parameter string) bool
	keys      string // where secrets belong
}

func (o objectURL) parse(u *url.URL) (Storage, error) {
	s := Storage{Kind: o.driver, Parameters: map[string]any{o.container: u.Host, "rootdirectory": strings.Trim(u.Path, "/")}}
	if u.Host == "" {
		return Storage{}, badStorage("storage %q: no %s", u.Redacted(), o.container)
	}
	if u.User != nil {
		return Storage{}, o.keysInURL()
	}
	for key, values := range u.Query() {
		key = strings.ToLower(key)
		if name, ok := o.names[key]; ok {
			key = name
		}
		switch {
		case key == "redirect":
			on, err := strconv.ParseBool(values[0])
			if err != nil {
				return Storage{}, hint.BadUsage(fmt.Errorf("storage %s://%s: redirect=%s: must be true or false", u.Scheme, u.Host, values[0]), "redirect=true or redirect=false")
			}
			s.Redirect = &on
		case o.secret(key):
			return Storage{}, o.keysInURL()
		case slices.Contains(o.allowed, key):
			s.Parameters[key] = values[0]
		default:
			return Storage{}, hint.BadUsage(fmt.Errorf("storage %s://%s: unknown parameter %q", u.Scheme, u.Host, key), "use one of "+strings.Join(o.all(), ", "))
		}
	}
	return s, nil
}

// all are the parameters of a URL.
func (o objectURL) all() []string {
	all := []string{"redirect"}
	for name := range o.names {
		all = append(all, name)
	}
	slices.Sort(all)
	return append(all, o.allowed...)
}

func (o objectURL) keysInURL() error {
	return hint.BadUsage(errors.New("storage: keys are not accepted in the URL, where every user of the machine can read them"), o.keys)
}

// objectName is an object store's container and prefix, for people.
func objectName(kind, container string) func(p map[string]any) string {
	return func(p map[string]any) string {
		prefix, _ := p["rootdirectory"].(string)
		return fmt.Sprintf("%s %s %v, prefix %q", kind, container, p[container], prefix)
	}
}

// reach asks an object store for the registry's directory, so that wrong keys, a
// missing bucket or an unknown CA are an error at start. failed explains an error of
// the driver, and made one of its parameters.
func (s Storage) reach(ctx context.Context, made, failed func(error) error) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	d, err := factory.Create(ctx, s.Kind, s.Parameters)
	if err != nil {
		return made(err)
	}
	_, err = d.Stat(ctx, "/")
	if _, empty := errors.AsType[driver.PathNotFoundError](err); err == nil || empty {
		return nil
	}
	return failed(detail(err))
}

// detail is the error inside the driver's, which has no Unwrap.
func detail(err error) error {
	if wrapped, ok := errors.AsType[driver.Error](err); ok {
		return wrapped.Detail
	}
	return err
}

// text is a parameter as text; "" where it is missing.
func text(p map[string]any, key string) string {
	if p[key] == nil {
		return ""
	}
	return fmt.Sprint(p[key])
}
