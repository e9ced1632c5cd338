package platform

import (
	"errors"
)

// KindPVC is the name of PVC.
const KindPVC = "pvc"

// PVC is a persistent volume claim; with a Size it is made where it is missing.
type PVC struct {
	Claim string `json:"claim,omitempty"`
	Size  string `json:"size,omitempty"`  // 10Gi
	Class string `json:"class,omitempty"` // "" is the cluster's default
	Mode  string `json:"mode,omitempty"`  // ReadWriteOnce, ReadWriteMany, …
}

// Name is pvc.
func (*PVC) Name() string { return KindPVC }

// Place is the claim.
func (s *PVC) Place() string { return "the claim " + s.Claim }

// Address is the claim's name.
func (s *PVC) Address() string { return s.Claim }

// Volume is the claim.
func (s *PVC) Volume() (key string, fields map[string]any) {
	return "persistentVolumeClaim", map[string]any{"claimName": s.Claim}
}

// WhyOnePod is nothing: the claim that exists says how it can be mounted.
func (*PVC) WhyOnePod() string { return "" }

func (s *PVC) check() error {
	if s.Claim == "" {
		return errors.New("storage: pvc: requires the name of a persistent volume claim")
	}
	return nil
}
