// Package e2e runs regctl beside the real docker, podman, skopeo, openssl and S3
// server. The scripts in testdata are the tests, and recipes at the same time;
// README.md says how to run them.
package e2e
