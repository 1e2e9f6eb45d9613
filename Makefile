# roost: what people run. `make help` lists the targets.
PREFIX ?= /usr/local
DESTDIR ?=
ONLY ?= sqlite
DEMO_DATABASE ?= roost-demo.sqlite

.PHONY: help build install demo test servers servers-stop matrix bench fuzz tsan lint format clean
.DEFAULT_GOAL := help

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

build: ## Build the release binary .build/release/roost, one file without a Swift runtime.
	@scripts/check-requirements build
	scripts/build-release

install: build ## Install the binary to PREFIX/bin (default /usr/local).
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 .build/release/roost "$(DESTDIR)$(PREFIX)/bin/roost"

demo: ## Make a small shop in SQLite and show what Roost does with it.
	@scripts/check-requirements build
	swift build --product roost
	@"$$(swift build --show-bin-path)/roost" demo --database "$(DEMO_DATABASE)"

test: ## Install what the tests need and run everything.
	@scripts/check-requirements test
	@scripts/test

servers: ## Install and start the real servers the tests use; `eval "$(scripts/servers env)"` names them.
	@scripts/servers install
	@scripts/servers start

servers-stop: ## Stop them.
	@scripts/servers stop

matrix: ## Run the conformance suite and write its matrix into README.md.
	@scripts/check-requirements build
	@scripts/servers install
	@scripts/servers start
	@scripts/update-matrix

bench: ## Run the benchmarks beside their peers (ONLY="sqlite postgresql mariadb mysql compile").
	@scripts/check-requirements bench
	@Benchmarks/run $(ONLY)

fuzz: ## Fuzz texts, URLs and what PostgreSQL and MySQL servers may send with libFuzzer (RUNS=…).
	@scripts/check-requirements build
	@scripts/fuzz $(RUNS)

tsan: ## Run the concurrent tests under the thread sanitizer.
	@scripts/check-requirements build
	@scripts/thread-sanitizer

lint: ## Check format and layers.
	@scripts/lint

format: ## Format all Swift files.
	swift format format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks/Sources Benchmarks/Package.swift Fuzz/Sources Fuzz/Package.swift

clean: ## Remove what was built.
	rm -rf .build .build-macros .build-tsan Benchmarks/.build Fuzz/.build roost-demo.sqlite roost-demo.sqlite-*
