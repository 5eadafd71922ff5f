# make help lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

ROOT := $(CURDIR)
PY := .venv/bin/python
VAR := $(or $(GOVVOICE_VAR),$(ROOT)/var)
VOICES := $(or $(GOVVOICE_VOICES),$(VAR)/voices)
BOOTSTRAP := sh platform/govvoice/embedded/bootstrap.sh
LOCKS := base voice $(if $(filter sambert,$(VOICE)),sambert)
export PYTHONPATH := $(ROOT)/platform:$(ROOT)

# The graphs are made again when the weights or the code that turns them change.
GRAPHS := $(VOICES)/fastspeech2/.made
CONVERTER := $(wildcard synthesis/engines/fastspeech2/*.py)

.PHONY: help setup run test check bench lock clean

help: ## 列出所有目标 / list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## 安装环境与内置语音,不启动 / set up, start nothing (VOICE=sambert: with Sambert)
	@$(BOOTSTRAP) $(LOCKS)
	@$(MAKE) $(GRAPHS)

$(GRAPHS): requirements/voice.lock $(CONVERTER)
	@echo "正在转换内置语音 …"
	@$(PY) -m synthesis.engines.fastspeech2.convert --output $(@D)
	@touch $@

run: setup ## 启动平台,Ctrl-C 停止 / start the platform, Ctrl-C stops it
	@exec $(PY) -m govvoice.embedded.runner

test: ## 运行全部测试 / run all tests (ARGS="-k name" for some)
	@$(BOOTSTRAP) base voice sambert dev
	@$(MAKE) $(GRAPHS)
	@exec $(PY) -m pytest $(ARGS)

check: ## 代码与部署检查 / lint, types, import rules, deployment checks
	@$(BOOTSTRAP) base voice sambert dev
	@exec sh .ci/check

bench: setup ## 测量速度 / measure the speed
	@exec $(PY) -m benchmarks

lock: ## 重新锁定依赖 / lock the requirements again
	@$(BOOTSTRAP) base dev
	@exec sh requirements/lock.sh

clean: ## 删除缓存,保留数据与 .venv / remove caches, keep data and .venv
	@find . -path ./.venv -prune -o -path ./var -prune -o -name __pycache__ -type d -print | xargs rm -rf
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
