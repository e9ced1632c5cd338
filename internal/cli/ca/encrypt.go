package ca

import (
	"bytes"
	"errors"
	"io"
	"os"
	"unicode"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newEncrypt(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "encrypt",
		Short: "Encrypt a string for OpenShift's configuration files",
		Long: `Encrypt a string with AES-256-CBC, in the format that OpenShift 3's master reads where a
configuration file has "keyFile" next to "file".

--genkey creates a new key and never overwrites a file. The input is encrypted unchanged,
including a line end. The format does not authenticate the text, so decryption does not
detect every change.`,
		Example: `  printf hunter2 > secret.txt
  regctl ca encrypt --genkey=secret.key --in=secret.txt --out=secret.encrypted
  printf hunter3 | regctl ca encrypt --key=secret.key > secret2.encrypted`,
		Args: noArgs(dataAdvice),
	}
	var files certs.StringFiles
	in := stringFlags(cmd, &files)
	cmd.Flags().StringVar(&files.NewKey, "genkey", "", "create a key and write it to this `file`")
	fileFlags(cmd, "genkey")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if (files.Key == "") == (files.NewKey == "") {
			return cmdutil.Usage(cmd, errors.New("exactly one of --key and --genkey is required"))
		}
		data, err := plaintext(env, *in)
		if err != nil {
			return err
		}
		if trimmed := bytes.TrimFunc(data, unicode.IsSpace); len(trimmed) < len(data) {
			env.Warn("the data begins or ends with white space, which is encrypted too")
		}
		text, err := certs.Encrypt(data, files, certOptions(env))
		return written(env, text, files.Out, "encrypted", err)
	}
	return cmd
}

// dataAdvice is for who has given the data as an argument: a file has a flag, and
// a secret does not belong on a command line.
func dataAdvice(args []string) string {
	if absent(args[0]) {
		return "pipe the string to stdin, or add --in FILE"
	}
	return "--in " + hint.Quote(args[0])
}

func newDecrypt(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "decrypt",
		Short: "Decrypt a string from the encrypt command",
		Long:  `Decrypt a string that "regctl ca encrypt" or "oadm ca encrypt" encrypted.`,
		Example: `  regctl ca decrypt --key=secret.key --in=secret.encrypted --out=secret.decrypted
  regctl ca decrypt --key=secret.key < secret2.encrypted`,
		Args: noArgs(func(args []string) string { return "--in " + hint.Quote(args[0]) }),
	}
	var files certs.StringFiles
	in := stringFlags(cmd, &files)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := needed(cmd, "key"); err != nil {
			return err
		}
		if _, tty := cmdutil.Terminal(env.In); tty && *in == "" {
			env.Say("Data to decrypt, then Ctrl-D:")
		}
		text, err := input(env, *in)
		if err != nil {
			return err
		}
		data, err := certs.Decrypt(text, files)
		return written(env, data, files.Out, "decrypted", err)
	}
	return cmd
}

func stringFlags(cmd *cobra.Command, files *certs.StringFiles) (in *string) {
	f := cmd.Flags()
	in = f.String("in", "", "input `file` (default: stdin)")
	f.StringVar(&files.Out, "out", "", "output `file` (default: stdout)")
	f.StringVar(&files.Key, "key", "", "key `file` that --genkey created")
	fileFlags(cmd, "in", "out", "key")
	return in
}

// plaintext is the data to encrypt; on a terminal it is asked for and not shown.
func plaintext(e *cmdutil.Env, path string) ([]byte, error) {
	if _, tty := cmdutil.Terminal(e.In); tty && path == "" {
		s, err := e.Password("Data to encrypt: ", false)
		return []byte(s), err
	}
	return input(e, path)
}

// input reads a file, or stdin where it is "".
func input(e *cmdutil.Env, path string) ([]byte, error) {
	if path == "" {
		text, err := e.UnlessInterrupted(func() (string, error) {
			b, err := io.ReadAll(e.In)
			return string(b), err
		})
		return []byte(text), err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		err = hint.New(cmdutil.FileError(path, err), "ls -l "+hint.Quote(path))
	}
	return b, err
}

// written prints a result that no file was named for, else says which file has it.
func written(e *cmdutil.Env, result []byte, path, verb string, err error) error {
	if err != nil {
		return err
	}
	if path == "" {
		_, err = e.Out.Write(result)
		return err
	}
	e.Say("%s to %s", verb, path)
	return nil
}
