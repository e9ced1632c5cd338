package credentials

// OwnHelper is the credential helper docker-credential-regctl, which issues tokens of service
// accounts and stores no passwords. To store a password for its host therefore means
// to remove its name from the file; to erase one, too.
const OwnHelper = "regctl"

// Delegate makes the files name a credential helper for a host, in all of them or in none.
// It removes what they held for the host, and returns the files.
func Delegate(files []File, host, name string) (where []string, err error) {
	if err := CanDelegate(files, host, name); err != nil {
		return nil, err
	}
	return apply(files, func(f File) (*change, error) {
		c, err := f.delegated(host, name)
		if err != nil {
			return nil, err
		}
		return c.change()
	})
}

// CanDelegate tells whether Delegate can work: the files can be parsed and can name a helper,
// and the helper is installed. Nothing is changed.
func CanDelegate(files []File, host, name string) error {
	for _, f := range files {
		if h := (helper{name: name, file: f.Path}); !h.installed() {
			return errorf(HelperMissing, h.program(), "%s is not on the PATH, where docker and podman look for credential helpers", h.program())
		}
		if _, err := f.delegated(host, name); err != nil {
			return err
		}
	}
	return nil
}

func (f File) delegated(host, name string) (*contents, error) {
	if f.Format == Legacy {
		return nil, errorf(HelperInLegacy, f.Path, "%s: a .dockercfg cannot name a credential helper", f.Path)
	}
	c, err := f.load()
	if err != nil {
		return nil, err
	}
	if _, err := c.forget(host); err != nil {
		return nil, err
	}
	return c, c.delegate(host, name)
}
