# Volley's workshop. `make help` lists the targets.
SHELL := /bin/bash
GO    ?= go
TOOLS := $(GO) tool -modfile=tools.mod
# packages whose goroutines share state
CONCURRENT := ./pgwire/... ./flight/... ./worker/... ./coordinator/... ./exec/... ./catalog/... ./app/...

.PHONY: help build run test chaos docs lint race bench fuzz conformance verdicts readings random clients peers estimates planning s3 memory scale clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

build: ## build bin/volley
	$(GO) build -o bin/volley ./cmd/volley

run: build ## the main job: a taxi sample, a coordinator, two workers, one question over the PostgreSQL wire
	$(GO) run ./examples/taxi --volley bin/volley

test: ## everything that needs only Go
	$(GO) test -timeout 30m ./...

lint: ## format, vet and lint
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not formatted:"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	$(TOOLS) golangci-lint run ./...

docs: ## docs/functions.md from the registry
	$(GO) test ./app -run TestFunctionTableIsCurrent -count=1 -update-docs

chaos: build ## every fault of docs/operations.md ROUNDS (200) times, and the suites while workers are killed; hours
	VOLLEY_CHAOS_ROUNDS=$(or $(ROUNDS),200) $(GO) test ./app -run '^TestFault' -v -count=1 -timeout 24h
	bench/conformance -workers 3 -kill 1s

race: ## the race detector over the concurrent packages
	$(GO) test -race -short -timeout 40m $(CONCURRENT)

bench: build ## benchmarks: kernels by go test, whole queries as ratios to DuckDB where it can be installed
	bench/run

fuzz: ## every fuzz target for FUZZTIME (default 20s)
	bench/fuzz $(or $(FUZZTIME),20s)

conformance: build ## the faults of an object store, and other people's suites in ../shared/corpora, where that exists
	VOLLEY_CHAOS_ROUNDS=1 $(GO) test ./app -run '^TestFaultObjects$$' -v -count=1 -timeout 1h
	bench/conformance

random: ## N (20000) random queries on all configurations, and on the PostgreSQL of VOLLEY_TEST_POSTGRES if set
	$(GO) test ./app -run '^TestRandomQueries$$' -v -rapid.checks=$(or $(N),20000) -timeout 3h

verdicts: build ## write down what the PostgreSQL 15 at URL says about those suites
	bench/conformance -record -url "$(or $(URL),postgres://postgres@127.0.0.1:5432/postgres)"

readings: build ## write down what DuckDB, of the Python PYTHON, reads from the files of those suites
	bench/conformance -record -python "$(or $(PYTHON),.volley/venv/bin/python)"

clients: build ## psql and other people's drivers against a server of ours
	bench/clients

peers: build ## the same queries on other engines, answers compared, times as ratios
	bench/peers

estimates: build ## how far the optimizer's guesses at rows are off, over all operators of TPC-H and JOB
	@[ -x .volley/venv/bin/tpchgen-cli ] || { python3 -m venv .volley/venv && .volley/venv/bin/pip install -q tpchgen-cli; }
	$(GO) run ./bench/estimates

planning: build ## what planning takes, and what EXPLAIN ANALYZE adds to TPC-H's queries
	@[ -x .volley/venv/bin/tpchgen-cli ] || { python3 -m venv .volley/venv && .volley/venv/bin/pip install -q tpchgen-cli; }
	$(GO) run ./bench/planning

memory: build ## what a budget of 128 MB costs: resident memory, and time beside that without a limit
	$(GO) run ./bench/memory $(if $(ROWS),-rows $(ROWS))

scale: build ## how a cluster grows: 1 to 4 worker processes, up to 64 that sleep, threads beside workers
	@[ -x .volley/venv/bin/tpchgen-cli ] || { python3 -m venv .volley/venv && .volley/venv/bin/pip install -q tpchgen-cli; }
	$(GO) build -o bin/classify ./examples/classify
	$(GO) run ./bench/scale -scale $(or $(SF),1)

s3: build ## queries over objects of an S3 server behind a slow link, with and without the cache, and DuckDB's
	@[ -d .volley/httpfs ] || { python3 -m venv .volley/httpfs && .volley/httpfs/bin/pip install -q duckdb==1.5.5 duckdb-extension-httpfs==1.5.5; } || true
	$(GO) run ./bench/s3 -rows $(or $(ROWS),2000000) -pairs $(or $(PAIRS),5)

clean: ## remove what was built
	rm -rf bin .volley
