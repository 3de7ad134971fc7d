# One command for people and CI: `make test`. The recipes are in scripts/, so that each can be run alone.

.DEFAULT_GOAL := help
.PHONY: help run demo test tools fmt lint doc proto bench guards load peers fuzz soak quality calibrate clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build the release binary and serve the demo registry on loopback until Ctrl-C
	@scripts/run.sh

demo: ## route the sample leads through a server (NAMESAKE_SERVER, or one started for it) and show the decisions
	@scripts/demo.sh

test: ## everything that must hold: format, lints, tests, cost of a decision, documentation, contract, benches
	@scripts/test.sh

tools: ## what the tests need beside Rust: redis-server, valgrind, .venv, buf, cargo-fuzz
	@scripts/tools.sh

fmt: ## format the code
	cargo fmt

lint: ## clippy over everything, warnings are errors
	cargo clippy --all-targets --locked -- -D warnings

doc: ## documentation without warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked

proto: ## lint the contract
	@scripts/proto.sh

bench: ## time the stages of a decision; ARGS="route/10k" for a part (`cargo bench --bench freshness`: a replica of Redis)
	cargo bench --bench routing -- $(ARGS)

guards: ## hold the instructions of a decision to scripts/guards.tsv; ARGS=--write measures its figures anew, bytes of an account too
	@scripts/guards.sh $(ARGS)

load: ## leads over gRPC beside a do-nothing server; ARGS="--quick", "--only 'unary 8x8'" (scripts/h2load.sh: a second opinion)
	cargo bench --bench grpc_load -- $(ARGS)

peers: ## cost and quality beside RapidFuzz and scikit-learn on the labelled sets in CASES, or on the demo
	@benches/peers/run.sh $(ARGS)

fuzz: ## look for inputs that break what must hold; SECONDS=60 for each target, ARGS="route_lead" for one
	@SECONDS_EACH=$(or $(SECONDS),60) scripts/fuzz.sh $(ARGS)

soak: ## replicas of Redis under random faults, every invariant checked; SECONDS=600, NAMESAKE_CHAOS_SEED to replay
	@SECONDS_ALL=$(or $(SECONDS),600) scripts/soak.sh $(ARGS)

quality: ## measure the matcher on the labelled sets in CASES beside its peers; ARGS=--write updates docs/quality.md
	@scripts/quality.sh $(ARGS)

calibrate: ## learn data/name_model.tsv from the labelled sets in CASES
	@scripts/calibrate.sh $(ARGS)

clean: ## remove what was built, and the tools that the tests fetched
	cargo clean
	rm -rf .venv node_modules
