# What can be made here. "make help" lists it; nothing but Go and make is needed,
# except where a line says so.

export CGO_ENABLED := 0
GOLANGCI_VERSION := v2.15.0
# tools are built once a version and kept outside the tree
TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/regctl-tools/golangci-lint-$(GOLANGCI_VERSION)
prefix ?= /usr/local
FUZZTIME ?= 20s

.PHONY: help run build test lint fmt generate verify bench fuzz e2e e2e-clients e2e-api e2e-node install clean

help: ## list what can be made
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: build ## a secured registry on this machine: regctl serve
	./bin/regctl serve

build: ## the program, as bin/regctl
	go build -ldflags '-s -w' -o bin/regctl ./cmd/regctl

test: ## every test that needs nothing but Go
	go test ./...

lint: $(TOOLS)/golangci-lint ## what a reader would find fault with (builds the linter on first use: 5 minutes)
	$(TOOLS)/golangci-lint run ./...

$(TOOLS)/golangci-lint:
	@echo "building golangci-lint $(GOLANGCI_VERSION) into $(TOOLS), once: about 5 minutes"
	GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

fmt: ## format all Go code
	gofmt -w cmd internal pkg e2e

generate: ## what is generated: docs/commands, docs/man, completions, and the tables of docs
	go run ./internal/gen

verify: lint generate ## that all generated things are current and the modules tidy
	@test -z "$$(gofmt -l cmd internal pkg e2e)" || { echo "not formatted (make fmt):"; gofmt -l cmd internal pkg e2e; exit 1; }
	@test -z "$$(git status --porcelain -- docs completions)" || { \
		echo "generated files are not current: make generate, and commit them"; git status --short -- docs completions; exit 1; }
	go mod tidy -diff
	go mod verify
	go vet ./...
	go -C e2e vet ./...

bench: ## what docs/performance.md writes down: start-up, size, pulls
	go test -run '^$$' -bench . -benchtime 20x ./cmd/regctl ./pkg/registry

fuzz: ## each fuzz test for FUZZTIME (20s)
	@for pkg in $$(go list ./...); do for name in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
		echo "$$pkg $$name"; go test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; done; done

e2e: ## all of the following; needs root and Debian, installs what is missing
	go -C e2e test -count=1 -timeout 40m -p 1 -v ./...

e2e-clients: ## real docker, podman, skopeo, S3 and openssl; needs root and Debian
	go -C e2e test -count=1 -timeout 20m -v .

e2e-api: ## a real Kubernetes API server, plain and as OpenShift 3 and 4; needs no root (builds Kubernetes on first use: 8 minutes)
	go -C e2e test -count=1 -timeout 40m -p 1 -v -run API ./cluster/... ./api/... ./openshift/...

e2e-node: ## a real node, on which pods run; needs root and Debian (builds Kubernetes on first use: 8 minutes)
	go -C e2e test -count=1 -timeout 40m -p 1 -v -run Node ./cluster/ ./node/

install: build ## the program, its man pages and completions below prefix (and DESTDIR)
	install -D bin/regctl $(DESTDIR)$(prefix)/bin/regctl
	install -d $(DESTDIR)$(prefix)/share/man/man1
	install -m 644 docs/man/*.1 $(DESTDIR)$(prefix)/share/man/man1
	install -D -m 644 completions/regctl.bash $(DESTDIR)$(prefix)/share/bash-completion/completions/regctl
	install -D -m 644 completions/_regctl $(DESTDIR)$(prefix)/share/zsh/site-functions/_regctl
	install -D -m 644 completions/regctl.fish $(DESTDIR)$(prefix)/share/fish/vendor_completions.d/regctl.fish

clean: ## remove what was built
	rm -rf bin dist
