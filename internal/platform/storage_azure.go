package platform

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/regctl/regctl/internal/platform/settings"
	"github.com/regctl/regctl/pkg/hint"
)

// KindAzure is the name of Azure.
const KindAzure = "azure"

// Azure is a container of Azure Blob Storage. The key of its account is in a Secret; without
// one the identity of the machine or of the workload is used.
type Azure struct {
	Account   string `json:"account,omitempty"`
	Container string `json:"container,omitempty"` // CONTAINER or CONTAINER/PREFIX
	Realm     string `json:"realm,omitempty"`     // the domain of another cloud: core.chinacloudapi.cn
	Endpoint  string `json:"endpoint,omitempty"`  // URL of another server than Azure's
	Access
}

// Name is azure.
func (*Azure) Name() string { return KindAzure }

// Place is the container with its account, and the server where it is not Azure's.
func (s *Azure) Place() string {
	return strings.TrimSpace("the Azure container " + s.Address() + " " + s.Endpoint)
}

// Address is ACCOUNT/CONTAINER.
func (s *Azure) Address() string { return s.Account + "/" + s.Container }

// TrustedCA is "": the image knows Azure's.
func (*Azure) TrustedCA() string { return "" }

func (s *Azure) check() error {
	u, err := url.Parse(s.Endpoint)
	switch {
	case s.Account == "":
		return hint.New(errors.New("storage: azure: requires an account"), "--azure-account ACCOUNT")
	case s.Container == "":
		return hint.New(errors.New("storage: azure: requires a container"), "--azure-container CONTAINER")
	case s.Endpoint != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.User != nil):
		return hint.New(fmt.Errorf("storage: azure: endpoint %q: must be a URL with https:// or http:// and a host, without keys", s.Endpoint), "--azure-endpoint https://HOST/ACCOUNT")
	case s.Endpoint != "" && s.Realm != "":
		return errors.New("storage: azure: realm cannot be used with endpoint")
	}
	_, err = s.Keys(false)
	return err
}

// Settings are those of distribution's driver, for every image.
func (s *Azure) Settings(bool) settings.Settings {
	container, prefix := splitPrefix(s.Container)
	login := "default_credentials"
	if s.Secret != "" {
		login = "shared_key"
	}
	return settings.Settings{
		Storage: KindAzure, AzureAccount: s.Account, AzureContainer: container, AzureDirectory: prefix,
		AzureRealm: s.Realm, AzureURL: s.Endpoint, AzureLogin: login,
	}
}

// Keys are the account's key.
func (s *Azure) Keys(bool) ([]Credential, error) {
	key := Credential{Variable: "REGISTRY_STORAGE_AZURE_ACCOUNTKEY", Key: "azure_account_key"}
	if s.Credentials != nil {
		key.Content = bytes.TrimSpace(s.Credentials)
		if _, err := base64.StdEncoding.DecodeString(string(key.Content)); err != nil || len(key.Content) == 0 {
			return nil, hint.New(errors.New("storage: azure: account key: must be base64, as Azure shows it"), "az storage account keys list --account-name ACCOUNT --query '[0].value' -o tsv")
		}
	}
	return []Credential{key}, nil
}

func readAzure(s settings.Settings) *Storage {
	if s.AzureContainer == "" {
		return nil
	}
	return &Storage{Azure: &Azure{Account: s.AzureAccount, Container: s.AzureContainer + s.AzureDirectory, Realm: s.AzureRealm, Endpoint: s.AzureURL}}
}
