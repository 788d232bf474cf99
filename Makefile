# `make` says what there is. Every target sets itself up, and is quick when nothing changed.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
DETECTORS := .venv/.detectors
export PATH := $(CURDIR)/$(BIN):$(PATH)
export NO_ALBUMENTATIONS_UPDATE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup detectors repro study test test-long e2e bench check lock ui studio clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing requirements.lock into .venv, 8 GB with torch: about five minutes"
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# --no-deps: these packages pin an old torch, protobuf and OpenCV; facsimile needs none of those.
$(DETECTORS): $(READY) requirements-detectors.lock
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements-detectors.lock
	touch $@

setup: $(READY) ## the virtual environment, from requirements.lock

detectors: $(DETECTORS) ## the optional face detectors: dlib, mtcnn, mediapipe

repro: $(DETECTORS) ## real clips -> faces -> training -> swapped video -> metrics -> report/index.html
	dvc repro
	facsimile track
	@echo "the report is report/index.html; 'make ui' opens the runs"

study: $(DETECTORS) ## a long study by NAME=, experiments/NAME/dvc.yaml: not part of repro
	@test -f experiments/$(NAME)/dvc.yaml -a -n "$(NAME)" || \
	  { echo "make study NAME=…, one of" $(patsubst experiments/%/dvc.yaml,%,$(wildcard experiments/*/dvc.yaml)); exit 2; }
	dvc repro experiments/$(NAME)/dvc.yaml

test: $(DETECTORS) ## the tests, under ten minutes
	facsimile fetch
	python -m pytest --numprocesses auto --maxprocesses 8 --dist loadfile

test-long: $(DETECTORS) ## what takes longer: DVC, Ray, launchers, FFmpeg's own figures
	facsimile fetch
	python -m pytest -m long --numprocesses auto --maxprocesses 8 --dist loadfile

e2e: $(DETECTORS) ## the studio in a browser, docs/studio-pages.md: needs Chromium
	facsimile fetch
	python -m pytest tests/e2e -m e2e

bench: $(DETECTORS) ## speed, as ratios to a bare lower bound in the same run
	FACSIMILE_UNCHECKED=1 python -m pytest tests/benchmarks -m benchmark -s

check: $(READY) ## formatting, lint, types, import contracts
	ruff format --check .
	ruff check .
	mypy
	lint-imports

lock: $(READY) ## resolve requirements.lock anew (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements.lock

ui: $(READY) ## the MLflow UI on the runs made here
	facsimile track
	@case "$$MLFLOW_TRACKING_URI" in \
	  http*) echo "the runs are at $$MLFLOW_TRACKING_URI" ;; \
	  *) MLFLOW_DISABLE_TELEMETRY=true mlflow ui \
	       --backend-store-uri "$${MLFLOW_TRACKING_URI:-sqlite:///mlflow.db}" ;; \
	esac

studio: $(READY) ## the web application for data-set parameters, on http://127.0.0.1:8080
	facsimile studio

clean: ## what can be made again, but the DVC cache and MLflow's runs
	rm -rf .venv work multirun report data/faces data/selected data/splits
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
