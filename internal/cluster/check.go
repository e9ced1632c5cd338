package cluster

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
)

// CheckLabels says whether labels are such as an API server takes.
func CheckLabels(labels map[string]string) error {
	for key, value := range labels {
		if wrong := validation.IsQualifiedName(key); len(wrong) > 0 {
			return fmt.Errorf("label %q: %s", key, wrong[0])
		}
		if wrong := validation.IsValidLabelValue(value); len(wrong) > 0 {
			return fmt.Errorf("label %s=%q: %s", key, value, wrong[0])
		}
	}
	return nil
}

// CheckServiceName says whether a name can be that of a Service, and so of all that belongs to it.
func CheckServiceName(name string) error {
	if len(validation.IsDNS1035Label(name)) > 0 {
		return fmt.Errorf("name %q: must consist of at most 63 lower-case letters, digits and -, and start with a letter", name)
	}
	return nil
}

// CheckName says whether a name can be that of an account, a claim or a secret.
func CheckName(name string) error {
	if len(validation.IsDNS1123Subdomain(name)) > 0 {
		return fmt.Errorf("%q: must consist of lower-case letters, digits, dots and dashes", name)
	}
	return nil
}

// Quantity is the one form in which an API server writes a size: 1024Mi is 1Gi.
func Quantity(size string) (string, error) {
	q, err := resource.ParseQuantity(strings.TrimSpace(size))
	if err != nil || q.Sign() <= 0 {
		return "", fmt.Errorf("size %q: not a size such as 10Gi", size)
	}
	return q.String(), nil
}

// CompareSizes is below 0 where a is less than b, above where it is more; 0 where they
// are equal, or one of them is no size.
func CompareSizes(a, b string) int {
	x, err1 := resource.ParseQuantity(a)
	y, err2 := resource.ParseQuantity(b)
	if err1 != nil || err2 != nil {
		return 0
	}
	return x.Cmp(y)
}
