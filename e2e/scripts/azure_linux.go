package scripts

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

const azuriteVersion = "3.37.0"

// Azurite puts Microsoft's emulator of Azure Blob Storage into bin, as azurite-blob. npm
// installs it once into the user's cache (360 MB).
func Azurite(ctx context.Context, bin string) error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	dir := filepath.Join(cache, "regctl-e2e", "azurite-"+azuriteVersion)
	program := filepath.Join(dir, "node_modules", ".bin", "azurite-blob")
	if _, err := os.Stat(program); errors.Is(err, os.ErrNotExist) {
		out, err := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--prefix", dir, "azurite@"+azuriteVersion).CombinedOutput()
		if err != nil {
			return fmt.Errorf("npm install azurite: %w\n%s", err, out)
		}
	}
	return os.Symlink(program, filepath.Join(bin, "azurite-blob"))
}

// AzureContainer is the command azurecontainer NAME: creates a container on the server at
// $AZURE, whose account has the key $AZURE_STORAGE_KEY.
func AzureContainer(ts *testscript.TestScript, _ bool, args []string) {
	endpoint := ts.Getenv("AZURE")
	account := endpoint[strings.LastIndex(endpoint, "/")+1:]
	key, err := base64.StdEncoding.DecodeString(ts.Getenv("AZURE_STORAGE_KEY"))
	ts.Check(err)
	req, err := http.NewRequest(http.MethodPut, endpoint+"/"+args[0]+"?restype=container", http.NoBody)
	ts.Check(err)
	now := time.Now().UTC().Format(http.TimeFormat)
	const version = "2021-08-06"
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "PUT%sx-ms-date:%s\nx-ms-version:%s\n/%s/%s/%s\nrestype:container", strings.Repeat("\n", 12), now, version, account, account, args[0])
	req.Header.Set("X-Ms-Date", now)
	req.Header.Set("X-Ms-Version", version)
	req.Header.Set("Authorization", "SharedKey "+account+":"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	ts.Check(resp.Body.Close())
	if resp.StatusCode != http.StatusCreated {
		ts.Fatalf("container %s: %s", args[0], resp.Status)
	}
}
