package images

import (
	"errors"
	"fmt"
)

// Kind is the kind of an Error: from it a program can tell what its user should do.
type Kind int

// Kinds, with what Error.Name is.
const (
	InvalidReference  Kind = iota + 1 // not an image reference: the reference
	SchemeInReference                 // a reference with https:// in front: the reference without it
	NoRegistryHost                    // a reference without a registry host: the reference
	UserInReference                   // a reference with a user name: the host
	InvalidRepository                 // not a repository: what was given
	InvalidTag                        // not a tag: what was given
	ReferenceAsTag                    // a reference where a tag is expected: the reference
	InvalidPlatform                   // not a platform: what was given
	InvalidName                       // not a name for an image in an archive: what was given
	OtherDigest                       // a push to the digest of another image: the digest of this one
	SeveralImages                     // several images in an archive: a name or digest of one of them
	NoSuchImage                       // no image of that name in an archive: a name or digest of one that exists
	NoSuchPlatform                    // no image for the platform: one that exists
	Packed                            // an archive that is compressed too much or unsupported: its path
	NotLinux                          // not a Linux program: its path
	NotStatic                         // a program that needs libraries: its path
	Schema1                           // an image in docker's old format: its digest
	NotContainer                      // not a container image, so that docker cannot load it: its source
	MissingForeign                    // a layer that a docker-archive needs and the source lacks: its digest
	RefusedForeign                    // a layer at a URL that the registry may refuse: the URL
	NotLayout                         // a directory with something other than an OCI layout: its path
	NotArchive                        // a file that is not an image archive and would be replaced: its path
	NoDirectory                       // a parent directory that does not exist: its path
	Unauthorized                      // a registry that requires other credentials: its host
	Denied                            // a registry that refuses the user: its host
	Unsupported                       // a registry that does not support the operation: its host
	NoDeletion                        // a registry that does not delete: its host
	NoCatalog                         // a registry that does not list its repositories: its host
	StorageFull                       // a registry without space: its host
	UnknownRepository                 // a repository that does not exist: the registry's host
	UnknownTag                        // a tag or digest that does not exist: the repository
	NoReferrers                       // the list of referrers could not be read: the repository
)

// Error is an error of this package that a user can resolve.
type Error struct {
	Kind Kind
	Name string // see Kind
	Tool string // of Packed: the program that unpacks it
	Err  error
}

// Error returns the text of the wrapped error.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is ErrUnknown and e says that something does not exist.
func (e *Error) Is(target error) bool {
	return target == ErrUnknown && (e.Kind == UnknownRepository || e.Kind == UnknownTag)
}

// IsDenied reports whether a registry refused the credentials or the user.
func IsDenied(err error) bool {
	for e, ok := errors.AsType[*Error](err); ok; e, ok = errors.AsType[*Error](e.Err) {
		if e.Kind == Unauthorized || e.Kind == Denied {
			return true
		}
	}
	return false
}

func errorf(kind Kind, name, format string, args ...any) error {
	return &Error{Kind: kind, Name: name, Err: fmt.Errorf(format, args...)}
}
