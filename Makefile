# make lab and make test are the whole set-up. Each target is a thin call of the lab command.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
LAB := .venv/bin/lab
NAMED := $(if $(NAME),--name $(NAME))
# As they were typed: make would take a $ in them for one of its own variables.
override ARGS := $(value ARGS)
override CMD := $(value CMD)
.DEFAULT_GOAL := help
.PHONY: help setup lab shell status hint grade reset down list prove prove-faults prove-verbs prove-rest images test lint type bench doctor clean checks

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="	" read -r t w; do printf '  make %-12s %s\n' "$$t" "$$w"; done

setup: .venv/.done ## the Python environment, from the lock
.venv/.done: requirements.lock pyproject.toml .ci/setup
	@PYTHON="$(PYTHON)" sh .ci/setup

lab: setup ## SCENARIO=max-connections: start a drill (without SCENARIO: list them)
	@$(if $(SCENARIO),$(LAB) start $(SCENARIO) $(NAMED) $(ARGS),$(LAB) list)

shell: setup ## the toolbox; CMD='psql -l' runs one command there
	@$(if $(CMD),$(LAB) shell $(NAMED) -- bash -c "$$CMD",$(LAB) shell $(NAMED))
export CMD

status hint grade reset down: setup
	@$(LAB) $@ $(NAMED) $(ARGS)
status: ## the clock, what users see, what fires
hint: ## the next hint; its price is said first
grade: ## "I am done": prints the verdict with its reasons
reset: ## a pristine lab again
down: ## nothing is left

# Others need the images, too: ARGS are theirs then.
list doctor images: setup
	@$(LAB) $@ $(if $(filter $@,$(MAKECMDGOALS)),$(ARGS))
list: ## scenarios, labs, earlier runs
doctor: ## what is missing, and what to type
images: ## build what images are missing

prove: setup ## SCENARIO=max-connections: show its laws by real runs
	@$(LAB) prove $(SCENARIO) $(NAMED) $(ARGS)

# Images wait for packages and disks, types for a processor.
test: setup ## everything that CI runs (ARGS go to pytest)
	@$(MAKE) --no-print-directory -j2 images checks ARGS=
	.venv/bin/pytest -m "not matrix" $(ARGS)

# A shard is its faults' laws, and its folder's own tests. What is in no folder does most of it to a network.
UNSHARDED = $(filter-out %/test_laws.py,$(wildcard tests/faults/test_*.py))
OWN = tests/faults/$(SHARD) $(if $(filter net,$(SHARD)),$(UNSHARDED))
SHARDED = tests/faults/test_laws.py $(OWN) -k "$(SHARD). or not test_laws"
prove-faults: images ## every fault's laws, all of them (SHARD=postgres, mysql, redis, net, host or release)
	.venv/bin/pytest $(if $(SHARD),$(SHARDED),tests/faults) $(ARGS)

prove-verbs: images ## every verb of the trainee under load, then the ledger; a switch of deployments that nobody notices
	.venv/bin/pytest tests/contract/test_hands.py tests/contract/test_switch.py $(ARGS)

# The cells of a scenario are what make prove shows; those that take turns come up in make test.
OTHERS = $(patsubst %,--ignore=tests/contract/test_%.py,laws hands switch)
prove-rest: images ## the other long tests: a minute's sleep, a run left alone to its limit, Ctrl-C late in a start
	.venv/bin/pytest -m "matrix and not turn" tests/contract tests/host $(OTHERS) $(ARGS)

checks: lint type

lint: setup ## ruff, and the scenarios
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(LAB) lint

type: setup ## mypy, strict
	.venv/bin/mypy

bench: images ## measure; results in bench/results
	.venv/bin/python -m bench $(ARGS)

clean: ## forget the Python environment and caches; runs stay in .lab
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
