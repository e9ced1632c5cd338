package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

const envPrefix = "REGCTL"

// newSettings reads REGCTL_<COMMAND>_<FLAG> in the environment, else the settings
// file, for flags that are not on the command line. A flag of all commands has no
// command in its name: REGCTL_COLOR, and "color:" at the top of the file.
func newSettings() *viper.Viper {
	v := viper.NewWithOptions(viper.EnvKeyReplacer(envKeys()))
	v.SetEnvPrefix(envPrefix)
	v.AllowEmptyEnv(true)
	v.AutomaticEnv()
	return v
}

// useSettings applies the settings to a command. Wrong ones do not stop a command
// that only informs about regctl.
func useSettings(env *cmdutil.Env, v *viper.Viper, cmd *cobra.Command) error {
	err := applySettings(env, v, cmd)
	switch {
	case !informs(cmd):
		return err
	case err != nil && !strings.HasPrefix(cmd.Name(), cobra.ShellCompRequestCmd):
		env.Warn("%v", err)
	}
	return nil
}

// informs is true of commands that say what regctl is and does: help, which a family
// prints by itself, version, and what shells ask for.
func informs(cmd *cobra.Command) bool {
	names := []string{"help", "version", "options", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}
	return cmdutil.IsFamily(cmd) || cmd.Parent() == cmd.Root() && slices.Contains(names, cmd.Name())
}

func applySettings(env *cmdutil.Env, v *viper.Viper, cmd *cobra.Command) error {
	path, err := readSettings(env, v)
	if err != nil {
		return err
	}
	warnUnknown(env, cmd.Root(), v.AllKeys(), path)
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		key := settingKey(cmd, f)
		_ = v.BindPFlag(key, f)                               // fails for a nil flag only
		if _, family := v.Get(key).(map[string]any); family { // "volume: {add: …}" is about the command add, not the flag --add
			return
		}
		if err == nil && v.IsSet(key) && !f.Changed && f.Name != "help" && f.Name != "version" {
			err = fill(env, v, cmd.Flags(), f.Name, key, path)
		}
	})
	return err
}

// readSettings reads the settings file: an explicit file name, since another
// program called regctl keeps a config.json in the same directory.
func readSettings(env *cmdutil.Env, v *viper.Viper) (string, error) {
	path, asked := env.Lookup("REGCTL_SETTINGS")
	if !asked {
		path = filepath.Join(env.ConfigHome(), "regctl", "regctl.yaml")
	}
	v.SetConfigFile(path)
	v.SetConfigType("yaml")
	err := v.ReadInConfig()
	if err == nil || errors.Is(err, os.ErrNotExist) && !asked {
		return path, nil
	}
	return path, hint.Errorf("correct the file, or set REGCTL_SETTINGS to another one", "settings %s: %w", path, err)
}

func fill(env *cmdutil.Env, v *viper.Viper, flags *pflag.FlagSet, name, key, path string) error {
	value, from := v.GetString(key), variable(key)
	if list, ok := v.Get(key).([]any); ok && len(list) > 0 {
		value = strings.Join(v.GetStringSlice(key), ",")
	}
	if _, ok := env.Lookup(from); !ok {
		from = path + ": " + key
	}
	if err := flags.Set(name, value); err != nil {
		return hint.BadUsage(fmt.Errorf("%s: %w", from, cmdutil.PlainValue(err)), "fix or remove it; a flag on the command line overrides it")
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
	return envPrefix + "_" + strings.ToUpper(envKeys().Replace(key))
}

func envKeys() *strings.Replacer { return strings.NewReplacer(".", "_", "-", "_") }
