package registry

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/azure" // registers itself
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/objectstore"
)

const azureKeys = "AZURE_STORAGE_KEY (an account key), else AZURE_CLIENT_ID or the machine's identity"

func azureKind() StorageKind {
	return StorageKind{
		Drivers: []string{"azure"}, Scheme: "azure", Form: "azure://CONTAINER/PREFIX?account=NAME&endpoint=URL", Keys: azureKeys,
		parse: parseAzure, complete: completeAzure, where: objectName("azure", "container"), check: checkAzure, remote: "serviceurl",
	}
}

func parseAzure(u *url.URL) (Storage, error) {
	s, err := objectURL{
		driver: "azure", container: "container", names: map[string]string{"endpoint": "serviceurl", "account": "accountname"},
		allowed: []string{"accountname", "serviceurl", "realm", "skipverify", "max_retries", "retry_delay"},
		secret: func(key string) bool {
			return strings.HasSuffix(key, "key") || strings.Contains(key, "secret") || strings.Contains(key, "connectionstring") || key == "sig"
		},
		keys: "set AZURE_STORAGE_KEY",
	}.parse(u)
	if err == nil && text(s.Parameters, "accountname") == "" && os.Getenv("AZURE_STORAGE_ACCOUNT") == "" {
		err = hint.BadUsage(fmt.Errorf("storage azure://%s: no account", u.Host), "add ?account=NAME to the URL, or set AZURE_STORAGE_ACCOUNT")
	}
	return s, err
}

// completeAzure takes the account and its key from the variables of Azure's own tools,
// and the type of credentials, which registry:2 did not have, from what is given.
func completeAzure(p map[string]any) {
	for key, variable := range map[string]string{"accountname": "AZURE_STORAGE_ACCOUNT", "accountkey": "AZURE_STORAGE_KEY"} {
		if value := os.Getenv(variable); value != "" && text(p, key) == "" && p["credentials"] == nil {
			p[key] = value
		}
	}
	if p["credentials"] != nil {
		return
	}
	kind := "default_credentials"
	if text(p, "accountkey") != "" {
		kind = "shared_key"
	}
	p["credentials"] = map[string]any{"type": kind}
}

func checkAzure(ctx context.Context, s Storage, _ bool) error {
	a := azureOf(s)
	if _, err := base64.StdEncoding.DecodeString(text(s.Parameters, "accountkey")); err != nil {
		return hint.BadUsage(fmt.Errorf("%s: the account key must be base64", a), "az storage account keys list --account-name "+hint.Quote(a.account)+" --query '[0].value' -o tsv")
	}
	return s.reach(ctx, func(err error) error {
		return hint.BadUsage(fmt.Errorf("%s: %w", a, err), "give "+azureKind().Form)
	}, func(err error) error { return a.explain(err, "regctl serve") })
}

// azure is a container, for errors and hints.
type azure struct {
	account, container, prefix, endpoint string
	own, key                             bool // it has an endpoint of its own, and an account key
}

func azureOf(s Storage) azure {
	p := s.Parameters
	a := azure{account: text(p, "accountname"), container: text(p, "container"), prefix: text(p, "rootdirectory"), endpoint: text(p, "serviceurl")}
	a.own, a.key = a.endpoint != "", text(p, "accountkey") != ""
	a.endpoint = cmp.Or(a.endpoint, fmt.Sprintf("https://%s.blob.%s", a.account, cmp.Or(text(p, "realm"), "core.windows.net")))
	return a
}

func (a azure) String() string {
	return fmt.Sprintf("storage azure container %s at %s", a.container, a.endpoint)
}

func (a azure) createCommand() string {
	words := []string{"az", "storage", "container", "create", "--account-name", a.account, "--name", a.container}
	if a.own {
		words = append(words, "--blob-endpoint", a.endpoint)
	}
	return hint.Quote(words...)
}

// permission is what to do when the server refuses.
func (a azure) permission() string {
	if a.key {
		return "check that AZURE_STORAGE_KEY (REGISTRY_STORAGE_AZURE_ACCOUNTKEY) is a key of account " + a.account
	}
	return "az role assignment create --role 'Storage Blob Data Contributor' --assignee ID --scope SCOPE"
}

// azureDenied are the codes for missing permissions.
func azureDenied(code string) bool {
	switch code {
	case "AuthorizationFailure", "AuthorizationPermissionMismatch", "AuthorizationProtocolMismatch", "AuthorizationResourceTypeMismatch",
		"AuthorizationServiceMismatch", "InsufficientAccountPermissions", "AccountIsDisabled", "KeyBasedAuthenticationNotPermitted":
		return true
	}
	return false
}

// azureCode is the code and the reason of an error of the server; "" where no server answered.
func azureCode(err error) (code string, reason error) {
	answer, ok := errors.AsType[*azcore.ResponseError](err)
	if !ok {
		if request, ok := errors.AsType[*url.Error](err); ok { // its text is the whole URL
			err = request.Err
		}
		return "", err
	}
	code = cmp.Or(answer.ErrorCode, http.StatusText(answer.StatusCode))
	return code, fmt.Errorf("%s (HTTP %d)", code, answer.StatusCode)
}

// explain says in one line what the server, or the connection to it, complains about, and what to do.
func (a azure) explain(err error, command string) error {
	code, reason := azureCode(err)
	said := fmt.Errorf("%s: %w", a, reason)
	if advice := objectstore.ConnectionAdvice(err, a.endpoint, "Azure server", command); code == "" && advice != "" {
		return hint.New(said, advice)
	}
	switch {
	case code == "ContainerNotFound":
		return hint.New(said, a.createCommand())
	case code == "AuthenticationFailed" || code == "InvalidAuthenticationInfo" || azureDenied(code):
		return hint.NotAllowed(said, a.permission())
	case strings.Contains(err.Error(), "DefaultAzureCredential"), strings.Contains(err.Error(), "not permitted for non TLS"): // a token over plain HTTP
		return hint.NotAllowed(fmt.Errorf("%s: no credentials found", a), "set AZURE_STORAGE_KEY to the key of account "+a.account)
	}
	return hint.New(said, "check the account, container and endpoint")
}
