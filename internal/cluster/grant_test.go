package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGrant(t *testing.T) {
	for message, want := range map[string]string{
		`secrets "a" is forbidden: User "jane" cannot get resource "secrets" in API group "" in the namespace "web"`:                                               "as an admin, run: regctl policy add-role-to-user edit jane -n web",
		`deployments.apps is forbidden: User "a b" cannot list resource "deployments" in API group "apps" in the namespace "web"`:                                  "as an admin, run: regctl policy add-role-to-user edit 'a b' -n web",
		`roles.rbac.authorization.k8s.io is forbidden: User "jane" cannot create resource "roles" in API group "rbac.authorization.k8s.io" in the namespace "web"`: "as an admin, run: regctl policy add-role-to-user admin jane -n web",
		`User "jane" cannot get resource "tlsroutes" in API group "gateway.networking.k8s.io" in the namespace "web"`: "as an admin, run: kubectl create role regctl-get-tlsroutes --verb=get --resource=tlsroutes.gateway.networking.k8s.io -n web" +
			" && regctl policy add-role-to-user regctl-get-tlsroutes jane --role-namespace web -n web",
		`User "system:serviceaccount:web:builder" cannot list resource "nodes" in API group "" at the cluster scope`: "as an admin, run: kubectl create clusterrole regctl-list-nodes --verb=list --resource=nodes" +
			" && kubectl create clusterrolebinding regctl-list-nodes --clusterrole=regctl-list-nodes --user=system:serviceaccount:web:builder",
		`User "jane" cannot get secrets in the namespace "web"`:                                                       "as an admin, run: regctl policy add-role-to-user edit jane -n web", // OpenShift 3
		`User "jane" cannot get resource "deploymentconfigs" in API group "apps.openshift.io" in the namespace "web"`: "as an admin, run: regctl policy add-role-to-user edit jane -n web",
		`User "jane" cannot list resource "routes" in API group "route.openshift.io" in the namespace "web"`:          "as an admin, run: regctl policy add-role-to-user edit jane -n web",
		`no`: "ask a cluster admin for the permission",
	} {
		require.Equal(t, want, grant(message), message)
	}
}
