package platform

import (
	"context"
	"time"

	"github.com/regctl/regctl/internal/plan"
)

// What only some platforms can do: who needs it asks whether a Platform is one of these.

// A Statuser is a Platform that knows more of a registry than its objects in a cluster say.
type Statuser interface {
	Status(ctx context.Context, s Spec) (Status, error)
}

// Status is what a platform says of a registry; as JSON it is all of it.
type Status interface {
	Table() [][]string
	IsReady() bool
	Issues() []Issue
}

// Issue is what is wrong with a registry, and what to do.
type Issue struct {
	Text   string `json:"text"`
	Advice string `json:"advice,omitempty"`
}

// A Deleter is a Platform that deletes a registry in its own way, after it has asked.
type Deleter interface {
	// Delete finds the changes after which the registry is gone; data: what holds its images and secrets too.
	Delete(ctx context.Context, name string, data bool) ([]plan.Change, error)
}

// A Pruner is a Platform that deletes unused images by a schedule.
type Pruner interface {
	// Prune finds the changes after which images are deleted so.
	Prune(ctx context.Context, want Pruning) ([]plan.Change, error)
}

// Pruning is when unused images are deleted, and which are kept. What is nil stays as it is.
type Pruning struct {
	Schedule        *string // five fields, as cron's; "" is once a day
	Suspend         *bool
	KeepRevisions   *int           // of each tag
	KeepYoungerThan *time.Duration // whatever uses them
}

// A Manual platform may lack the program that makes its changes: then they are made by hand.
type Manual interface {
	// Missing is why the changes cannot be made here; nil: they can.
	Missing() error
	// ByHand is a configuration, and the commands that use it where they can be run. file is
	// the name by which the commands know the configuration.
	ByHand(s Spec, changes []plan.Change, file string) (configuration string, commands []string)
}
