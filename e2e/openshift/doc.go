// Package openshift has the scripts that run regctl against an API server that has
// OpenShift's kinds: testdata/three those of OpenShift 3, testdata/four those of 4.
package openshift
