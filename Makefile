# The words people try. Each works on a fresh machine with Go; .ci/run holds all of it.
export CGO_ENABLED := 0
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := -s -w $(if $(VERSION),-X ganglion/cmd.release=$(VERSION))
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0

.PHONY: all build test race lint vuln fuzz bench bench-cluster soak soak-cluster cover mutate controls generate pictures release clean

all: lint test build

build: ## one static binary, out/ganglion
	go build -trimpath -ldflags '$(LDFLAGS)' -o out/ganglion ./cmd/ganglion

test: ## the README's test command
	go test ./...

race: ## the concurrent packages under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race -short -skip 'Alloc|Memory' $$(.ci/concurrent)

lint: ## format, vet, staticcheck, go.mod
	@unformatted=$$(git ls-files '*.go' | xargs gofmt -l); [ -z "$$unformatted" ] || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	$(STATICCHECK) ./...
	go mod tidy -diff

vuln: ## known vulnerabilities in what is called; wants the online database
	$(GOVULNCHECK) ./...

fuzz: ## every fuzz target for FUZZTIME, such as 30s (5000x: so many inputs)
	.ci/fuzz $(FUZZTIME)

bench: ## benchmarks of PKG (all packages), for benchstat
	go test -run '^$$' -bench . -benchmem -count $(or $(COUNT),6) $(or $(PKG),./...)

bench-cluster: ## workers beside one process, failover, latency, idle streams (docs/scale-out.md; a still machine)
	GANGLION_FIGURES=1 go test -p 1 -count 1 -v -run ScaleOutFigures -bench 'Latency|Failover|ManyStreams' -benchtime 1x ./cmd ./pipeline/cluster

soak-cluster: ## kills 200 real workers, pauses others, kills servers (needs nats-server 2.12 on the PATH; some 20 minutes)
	GANGLION_SOAK=1 go test ./cmd -run TestSoakCluster -v -count 1 -timeout 60m

cover: ## statement coverage by package, with the floor of .ci/coverage
	.ci/coverage

controls: ## takes each safeguard of docs/reliability.md out: its test must fail (some 15 minutes)
	go run ./internal/mutate -controls -limit 2m $(ARGS)

mutate: ## breaks one thing at a time and lists what no test noticed (docs/testing.md)
	go run ./internal/mutate $(ARGS)

generate: ## rewrite generated pages and golden files
	go test ./pipeline/component ./internal/lint -update && go test ./cmd -run "ReferencePage|PageOfDetections" -update

pictures: ## makes docs/images again (the live page's want chromium)
	go test ./cmd -run 'PicturesOf|PictureOf' -update -count 1

release: ## out/release: binaries, SBOM, licences, completions, manual pages, checksums (docs/operations.md)
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct 2>/dev/null) go run ./internal/release -out out/release -version '$(VERSION)'

soak: ## 15 minutes of a live camera, a bus that dies and a full disk (docs/reliability.md; root, for a small file system)
	GANGLION_SOAK=$(or $(FOR),15m) go test ./cmd -run 'TestSoak$$' -v -count 1 -timeout 2h

clean:
	rm -rf out
