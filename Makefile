# Everything there is to do here. `make run` and `make test` need nothing but Debian or Ubuntu.

SHELL := /bin/sh
# Rust that was installed for this user alone is not always on the path.
export PATH := $(PATH):$(if $(CARGO_HOME),$(CARGO_HOME),$(HOME)/.cargo)/bin

FUZZ_SECONDS ?= 60
BENCH_RUNS ?= 9

.PHONY: help run test test-kernels test-arm64 lint fuzz bench compare docs demo clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: ## install what is missing, build, record this host until ^C; without root: trace a break-in
	@scripts/setup
	@scripts/run

test: ## install what is missing, run all tests
	@scripts/setup data trace disks stores registries targets browser vm
	@scripts/targets
	@scripts/test

test-kernels: ## tests in virtual machines, with every kernel that is supported
	@scripts/setup vm-all
	@WATCHKEEPER_KERNELS=all scripts/test kernels

test-arm64: ## build for arm64, and have it record emulated machines
	@scripts/setup arm64
	@scripts/arm64

lint: ## formatting, clippy, crate arrows, dependency policy, generated pages
	@scripts/setup lint
	@scripts/lint

fuzz: ## fuzz every target for FUZZ_SECONDS each
	@scripts/setup data fuzz
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz

bench: ## measure replay beside sysdig, rules, incidents and traces, BENCH_RUNS times each, and a live host
	@scripts/setup data bench vm
	@cargo build --quiet --release --package watchkeeper
	@cargo xtask bench --runs $(BENCH_RUNS)

compare: ## scan the same targets with Watchkeeper, Trivy and Syft: time, memory, what each found; have our lists validated
	@scripts/setup compare
	@scripts/targets vm
	@cargo build --quiet --release --package watchkeeper
	@cargo xtask compare

docs: ## write the generated pages of docs/
	@scripts/setup
	@cargo xtask docs

demo: ## record the break-in in demo/ anew
	@scripts/setup
	@scripts/demo

clean: ## remove what was built
	@rm -rf target fuzz/target tests/browser/node_modules tests/browser/samples
