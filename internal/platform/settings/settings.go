// Package settings is the one table of the variables by which a registry's container is
// configured: the REGISTRY_* of distribution and the REGCTL_SERVE_* of regctl's own image.
// Platforms write them, and what reads a running registry reads them, by the same fields.
package settings

import "reflect"

// Settings are the variables of a registry, in the order in which they are written. What is
// empty is not set. The tag of a field is the name of its variable.
type Settings struct {
	Addr          string `env:"REGISTRY_HTTP_ADDR"` // :5000
	Net           string `env:"REGISTRY_HTTP_NET"`  // tcp
	HTTPSecret    Secret `env:"REGISTRY_HTTP_SECRET"`
	Host          string `env:"REGISTRY_HTTP_HOST"`         // the URL by which clients call the registry
	RelativeURLs  string `env:"REGISTRY_HTTP_RELATIVEURLS"` // true or false
	ServeAddr     string `env:"REGCTL_SERVE_ADDR"`
	ServeRoot     string `env:"REGCTL_SERVE_ROOT"`
	ServeTrust    string `env:"REGCTL_SERVE_TRUST"`
	Quota         string `env:"REGISTRY_MIDDLEWARE_REPOSITORY_OPENSHIFT_ENFORCEQUOTA"` // true or false
	OpenShiftAddr string `env:"REGISTRY_OPENSHIFT_SERVER_ADDR"`                        // HOST:PORT

	Storage      string `env:"REGISTRY_STORAGE"` // the driver: s3, azure, gcs
	Directory    string `env:"REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"`
	ServeStorage string `env:"REGCTL_SERVE_STORAGE"` // s3://BUCKET/PREFIX?region=REGION
	Cache        string `env:"REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR"`
	Delete       string `env:"REGISTRY_STORAGE_DELETE_ENABLED"` // true or false

	S3Bucket    string `env:"REGISTRY_STORAGE_S3_BUCKET"`
	S3Region    string `env:"REGISTRY_STORAGE_S3_REGION"`
	S3Endpoint  string `env:"REGISTRY_STORAGE_S3_REGIONENDPOINT"`
	CertDirs    string `env:"SSL_CERT_DIR"` // of every connection of a Go program, with colons between
	S3Directory string `env:"REGISTRY_STORAGE_S3_ROOTDIRECTORY"`
	S3AccessKey Secret `env:"REGISTRY_STORAGE_S3_ACCESSKEY"`
	S3SecretKey Secret `env:"REGISTRY_STORAGE_S3_SECRETKEY"`
	AWSKeys     string `env:"AWS_SHARED_CREDENTIALS_FILE"`
	AWSCA       string `env:"AWS_CA_BUNDLE"`
	ServeCA     string `env:"REGCTL_SERVE_CA"` // of outgoing connections

	AzureAccount    string `env:"REGISTRY_STORAGE_AZURE_ACCOUNTNAME"`
	AzureContainer  string `env:"REGISTRY_STORAGE_AZURE_CONTAINER"`
	AzureRealm      string `env:"REGISTRY_STORAGE_AZURE_REALM"`
	AzureURL        string `env:"REGISTRY_STORAGE_AZURE_SERVICEURL"`
	AzureDirectory  string `env:"REGISTRY_STORAGE_AZURE_ROOTDIRECTORY"`
	AzureLogin      string `env:"REGISTRY_STORAGE_AZURE_CREDENTIALS_TYPE"` // shared_key or default_credentials
	AzureAccountKey Secret `env:"REGISTRY_STORAGE_AZURE_ACCOUNTKEY"`

	GCSBucket    string `env:"REGISTRY_STORAGE_GCS_BUCKET"`
	GCSDirectory string `env:"REGISTRY_STORAGE_GCS_ROOTDIRECTORY"`
	GCSKeyFile   string `env:"REGISTRY_STORAGE_GCS_KEYFILE"`

	NoTLS         string `env:"REGCTL_SERVE_NO_TLS"`
	Insecure      string `env:"REGCTL_SERVE_INSECURE"` // plain HTTP on other addresses than the loopback
	Certificate   string `env:"REGISTRY_HTTP_TLS_CERTIFICATE"`
	Key           string `env:"REGISTRY_HTTP_TLS_KEY"`
	ServeCert     string `env:"REGCTL_SERVE_TLS_CERT"`
	LetsEncrypt   Secret `env:"REGISTRY_HTTP_TLS_LETSENCRYPT_CACHEFILE"`
	ServeAuth     string `env:"REGCTL_SERVE_AUTH"` // none, htpasswd
	Auth          string `env:"REGISTRY_AUTH"`     // htpasswd, token, openshift
	HtpasswdRealm string `env:"REGISTRY_AUTH_HTPASSWD_REALM"`
	Htpasswd      string `env:"REGISTRY_AUTH_HTPASSWD_PATH"`
	ServeHtpasswd string `env:"REGCTL_SERVE_HTPASSWD"`
	TokenRealm    string `env:"REGISTRY_AUTH_TOKEN_REALM"`
	ConfigFile    Secret `env:"REGISTRY_CONFIGURATION_PATH"` // of distribution's config.yml
}

// Secret is a value that may be the key of a Secret, as the platform calls both. Its text is
// known only where the variable has it itself.
type Secret struct{ Text, Object, Key string }

// Given tells whether the variable is set, wherever its value is.
func (s Secret) Given() bool { return s != Secret{} }

// Variable is one of the variables of a container.
type Variable struct {
	Name string
	Secret
}

// Write lists the variables that are set, in the order of the table.
func Write(s Settings) (all []Variable) {
	for field, value := range reflect.ValueOf(s).Fields() {
		v := Variable{Name: field.Tag.Get("env")}
		switch value := value.Interface().(type) {
		case string:
			v.Text = value
		case Secret:
			v.Secret = value
		}
		if v.Given() {
			all = append(all, v)
		}
	}
	return all
}

// Read finds the settings among the variables of a container; those of which it has a second
// one count as the first that is set. A text that is in a Secret is not known, and read as empty.
func Read(all []Variable) (s Settings) {
	for field, value := range reflect.ValueOf(&s).Elem().Fields() {
		name := field.Tag.Get("env")
		for _, v := range all {
			if v.Name != name || !value.IsZero() {
				continue
			}
			if value.Type() == reflect.TypeFor[Secret]() {
				value.Set(reflect.ValueOf(v.Secret))
			} else {
				value.SetString(v.Text)
			}
		}
	}
	return s
}
