package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// applySettings fills the flags that were not given: from REGCTL_<COMMAND>_<FLAG>
// in the environment, else from the settings file. A flag of all commands has no
// command in its name: REGCTL_COLOR, and "color:" at the top of the file.
func applySettings(env *cmdutil.Env, cmd *cobra.Command) error {
	v := viper.New()
	path, err := readSettings(env, v)
	if err != nil {
		return err
	}
	warnUnknown(env, cmd.Root(), v.AllKeys(), path)
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if err == nil && !f.Changed && f.Name != "help" && f.Name != "version" {
			err = fill(env, v, cmd, f, path)
		}
	})
	return err
}

// readSettings reads the settings file: an explicit file name, since another
// program called regctl keeps a config.json in the same folder.
func readSettings(env *cmdutil.Env, v *viper.Viper) (string, error) {
	path, asked := env.Lookup("REGCTL_SETTINGS")
	if !asked {
		path = filepath.Join(env.ConfigHome(), "regctl", "regctl.yaml")
	}
	v.SetConfigFile(path)
	v.SetConfigType("yaml")
	err := v.ReadInConfig()
	if errors.Is(err, os.ErrNotExist) && !asked {
		return path, nil
	}
	if err != nil {
		return path, hint.Errorf("mend the file, or name another by REGCTL_SETTINGS", "settings %s: %w", path, err)
	}
	return path, nil
}

func fill(env *cmdutil.Env, v *viper.Viper, cmd *cobra.Command, f *pflag.Flag, path string) error {
	key := settingKey(cmd, f)
	value, from := "", variable(key)
	value, ok := env.Lookup(from)
	if !ok {
		if _, commands := v.Get(key).(map[string]any); commands || !v.IsSet(key) { // "volume: {add: …}" is about the command add, not the flag --add
			return nil
		}
		value, from = setting(v, key), path+": "+key
	}
	if err := cmd.Flags().Set(f.Name, value); err != nil {
		return hint.BadUsage(fmt.Errorf("%s: %w", from, cmdutil.PlainValue(err)), "correct or remove it; a flag on the command line overrides it")
	}
	return nil
}

// settingKey is the name of a flag in the settings file: the command's path and the flag, with dots.
func settingKey(cmd *cobra.Command, f *pflag.Flag) string {
	if cmd.Root().PersistentFlags().Lookup(f.Name) != nil {
		return f.Name
	}
	_, path, _ := strings.Cut(cmd.CommandPath(), cmd.Root().CommandPath())
	return strings.Join(append(strings.Fields(path), f.Name), ".")
}

// variable is the environment variable of a setting: serve.tls-cert is REGCTL_SERVE_TLS_CERT.
func variable(key string) string {
	return "REGCTL_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}

func setting(v *viper.Viper, key string) string {
	if list, ok := v.Get(key).([]any); ok && len(list) > 0 {
		return strings.Join(v.GetStringSlice(key), ",")
	}
	return v.GetString(key)
}
