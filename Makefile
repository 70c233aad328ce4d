# The two commands a newcomer needs: `make demo` and `make test`. Each does the set-up it lacks.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PRESET ?= release
BUILD := build/$(PRESET)
CLI := $(BUILD)/bin/llamafactory-cli
JOBS ?= $(shell nproc)

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## system packages (as root) and the virtual environment
	@tools/setup.sh build

build: setup ## the program: build/release/bin/llamafactory-cli
	@[ -f $(BUILD)/build.ninja ] || cmake --preset $(PRESET) > /dev/null
	@ninja -C $(BUILD) -j$(JOBS) llamafactory-cli

# A first build has nothing to find in a cache, and filling one costs a third more time.
demo: export CCACHE_DISABLE := 1
demo: build ## fine-tune the bundled tiny model on bundled data, then chat with it
	@CLI=$(CLI) examples/demo/run.sh

test: ## everything that is checked before a merge
	@tools/setup.sh test
	@PRESET=$(PRESET) JOBS=$(JOBS) tools/test.sh

asan: ## all C++ tests under the address and undefined-behaviour sanitizers
	@tools/setup.sh test
	@PRESET=asan JOBS=$(JOBS) tools/test.sh --cpp-only

fuzz: ## every fuzz target for SECONDS_EACH seconds (default 60)
	@tools/setup.sh test
	@tools/fuzz.sh $${SECONDS_EACH:-60}

bench: build ## ours against the Python peers in one run; results in bench/results. BENCH=train|tokenizer|data|moe, all without it
	@tools/setup.sh test
	@PRESET=$(PRESET) JOBS=$(JOBS) tools/bench.sh $(BENCH)

demo-model: build ## make the bundled tiny model again, from the recipe
	@CLI=$(CLI) tools/make_demo_model.sh

format: ## clang-format on all sources
	@git ls-files 'src/*.h' 'src/*.cpp' 'tests/*.h' 'tests/*.cpp' 'bench/*.cpp' | xargs clang-format-14 -i

clean: ## build folders
	@rm -rf build

.PHONY: help setup build demo test asan fuzz bench demo-model format clean
