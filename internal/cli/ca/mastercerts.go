package ca

import (
	"errors"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// newHiddenMasterCerts refuses "oadm ca create-master-certs": of its many certificates a registry uses the signer's alone.
func newHiddenMasterCerts() *cobra.Command {
	return &cobra.Command{
		Use: "create-master-certs", Hidden: true, DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return hint.BadUsage(errors.New("create-master-certs: regctl creates no certificates of an OpenShift master"), cmd.Parent().CommandPath()+" create-signer-cert")
		},
	}
}
