package kube_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/kube"
	"github.com/regctl/regctl/internal/platform/platformtest"
)

func TestPlatform(t *testing.T) {
	platformtest.Run(t, func(t *testing.T) platform.Platform {
		t.Helper()
		return &kube.Platform{
			Client: &cluster.Client{Namespace: "default"}, Image: "regctl/regctl:test", Rand: rand.Reader, Now: time.Now,
			Confirm: func(question string) error { t.Errorf("asked: %s", question); return nil },
			Warn:    t.Logf,
		}
	})
}
