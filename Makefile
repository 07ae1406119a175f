# The face of the project. Everything is done by Meson, npm and the scripts named here.
#
#   make           builds the server and its command: build/egided, build/egidectl
#   make setup     installs what is missing on this machine to build and to run
#   make demo      builds, creates a demonstration département and starts it
#   make check     runs every test (about twelve minutes on two cores)
#   make torture   the same tests that are driven by chance or by kill -9, twenty times longer
#   make bench     measures, each number beside its limit or its peer
#   make format    lays out the C files as .clang-format says
#   make install   installs under PREFIX (DESTDIR is honoured)
#   make clean     removes everything that was built

PREFIX ?= /usr/local
EGIDE_BUDGET ?= 1

.PHONY: all setup web demo check torture bench format install clean
.DEFAULT_GOAL := all

all: build/build.ninja
	@ninja -C build egided egidectl

build/build.ninja:
	@echo '→ Préparation de la compilation'
	@out=$$(meson setup --prefix $(PREFIX) build 2>&1) || { printf '%s\n' "$$out" >&2; exit 1; }

setup:
	@packaging/setup

web: setup
	@echo '→ Pages'
	@cd web && npm run --silent build

demo: setup all web
	@packaging/demo

check:
	@packaging/setup --check
	@EGIDE_BUDGET=$(EGIDE_BUDGET) tests/run

torture:
	@packaging/setup --check
	@EGIDE_BUDGET=20 tests/run unit sim fuzz system

bench:
	@packaging/setup --bench
	@$(MAKE) --no-print-directory build/build.ninja
	@ninja -C build
	@bench/run

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

install: build/build.ninja web
	@meson configure build -Dprefix=$(PREFIX)
	@ninja -C build installation
	@meson install -C build --no-rebuild --quiet
	@echo 'Installé sous $(DESTDIR)$(PREFIX) ; la suite : docs/operation.md'

clean:
	@rm -rf build build-asan build-fuzz web/dist web/build
