# strata: build, test, try. `make help` lists the targets.

BUILD   ?= build
PREFIX  ?= /usr/local
# Who sets no flags gets the hardening that costs nothing. With EXTRA, a sanitizer's, none, which would
# hide from it what it looks for.
HARDEN  := $(if $(EXTRA)$(CPPFLAGS),,-D_FORTIFY_SOURCE=2 -fstack-protector-strong)
CFLAGS  ?= -O2 -g $(HARDEN)
LDFLAGS ?= $(if $(EXTRA),,-Wl,-z,relro,-z,now)
Q       := $(if $(V),,@)
# The one place of the version is the program's.
VERSION := $(shell sed -n 's/^.define STRATA_VERSION "\(.*\)"/\1/p' tui/cli/cli.h)
CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))

# Packages of Debian 12, called the same in 13: to build and paint, to test. gnuplot-nox, where
# it is there, plots losses.
PACKAGES := gcc make pkg-config libdnnl-dev libpng-dev libjpeg-dev libwebp-dev zlib1g-dev \
	libinih-dev libcjson-dev libncurses-dev libsixel-dev libchafa-dev libglib2.0-dev libcmocka-dev

# Of libstrata, and of the program besides.
ENGINE_PKGS := libpng libjpeg libwebp zlib inih libcjson
PKGS    := $(ENGINE_PKGS) ncursesw libsixel chafa
# gcc's OpenMP runtime is the one that oneDNN uses, so strata is built with gcc. clang, with its own,
# is for ThreadSanitizer, which does not understand gcc's.
OPENMP  := $(if $(findstring clang,$(CC)),-fopenmp=libomp -Wno-pass-failed,-fopenmp)
# No errno from sqrtf: Adam's loop can use vectors.
FLAGS    = -std=c11 -I. -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE $(OPENMP) -fno-math-errno \
	-Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror=implicit-function-declaration -Wvla $(CPPFLAGS) $(CFLAGS) \
	$(EXTRA) \
	$(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS     = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -ldnnl -lm

# Only strata-mpi, one picture painted by several processes, needs these; it is built where they are.
MPI_PACKAGES := libopenmpi-dev openmpi-bin
MPI_PKG  := ompi-c
HAVE_MPI := $(shell pkg-config --exists $(MPI_PKG) 2>/dev/null && echo yes)

# Only strata-weights, which imports networks, needs these.
PACKAGES += libmatio-dev libhdf5-dev nettle-dev libcurl4-openssl-dev
WPKGS   := matio hdf5 nettle libcurl
WLIBS    = $(shell pkg-config --libs $(WPKGS) 2>/dev/null)

ENGINE  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard engine/*/*.c)) $(BUILD)/weights/builtin.o
TUI     := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tui/*/*.c)) $(BUILD)/tui/cli/peer_script.o $(BUILD)/tui/cli/topics_text.o
MPI     := $(patsubst %.c,$(BUILD)/%.o,$(wildcard mpi/*.c))
WEIGHTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard weights/*/*.c))
ASSETS  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard assets/*/*.c))
TESTLIB := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/lib/fake_run.c,$(wildcard tests/lib/*.c)))
TESTS   := $(patsubst tests/%.c,%,$(wildcard tests/test_*.c))
SCRIPTS := $(wildcard tests/cli/*.sh tests/tui/*.sh) tests/mpi/mpi.sh

.DEFAULT_GOAL := all
.PHONY: all deps test test-full demo asan ubsan sanitize tsan check bench soak latency pictures \
	train-weights critic install uninstall clean help FORCE
.SECONDARY:

all: $(BUILD)/strata $(BUILD)/strata-weights ## build strata and libstrata.a

deps: ## install what is missing, by apt; elsewhere: say what is needed
	@if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then \
	    echo "strata needs what Debian calls: $(PACKAGES)"; exit 0; fi; \
	missing=; for p in $(PACKAGES); do \
	    dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; \
	done; \
	[ -z "$$missing" ] && exit 0; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	echo "installing:$$missing"; \
	mkdir -p $(BUILD); log=$(BUILD)/deps.log; \
	{ $$sudo apt-get update -qq && \
	    $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	} >$$log 2>&1 || { tail -n 20 $$log; exit 1; }

$(BUILD)/strata: $(TUI) $(BUILD)/libstrata.a
	$(if $(V),,@echo "  LINK  $@")
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/strata-weights: $(WEIGHTS) $(BUILD)/libstrata.a
	$(if $(V),,@echo "  LINK  $@")
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $^ $(WLIBS) $(LIBS)

# MPI's headers are not written for these warnings.
$(MPI): FLAGS += $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(MPI_PKG) 2>/dev/null))
$(BUILD)/strata-mpi: $(MPI) $(BUILD)/libstrata.a
	$(if $(V),,@echo "  LINK  $@")
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(MPI_PKG)) $(LIBS)

.PHONY: strata-mpi deps-mpi
strata-mpi: $(BUILD)/strata-mpi ## one picture painted by several processes; needs MPI: make deps-mpi
deps-mpi:
	@$(MAKE) --no-print-directory deps PACKAGES="$(PACKAGES) $(MPI_PACKAGES)"

# Made by the program itself, of its tables and of docs/.
MAN := $(BUILD)/man/strata.1 $(BUILD)/man/strata-job.5 $(BUILD)/man/strata-networks.7
COMPLETIONS := $(BUILD)/completions/strata $(BUILD)/completions/_strata $(BUILD)/completions/strata.fish
.PHONY: docs
docs: $(MAN) $(COMPLETIONS) ## man pages and completions
$(MAN): $(BUILD)/strata
	@mkdir -p $(@D)
	$(Q)$(BUILD)/strata help --man $(@F) > $@
$(COMPLETIONS): $(BUILD)/strata
	@mkdir -p $(@D)
	$(Q)$(BUILD)/strata help --completion \
	    $(if $(filter %.fish,$@),fish,$(if $(filter _%,$(@F)),zsh,bash)) > $@

$(WEIGHTS): FLAGS += $(shell pkg-config --cflags $(WPKGS) 2>/dev/null)

# The programs' parts as archives too: a test takes out what it needs.
$(BUILD)/libtui.a: $(filter-out $(BUILD)/tui/cli/main.o,$(TUI))
$(BUILD)/libweights.a: $(filter-out $(BUILD)/weights/cli/main.o,$(WEIGHTS))
$(BUILD)/libstrata.a: $(ENGINE)
$(BUILD)/libtests.a: $(TESTLIB)
$(BUILD)/lib%.a:
	@rm -f $@
	$(if $(V),,@echo "  AR    $@")
	$(Q)$(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC    $@")
	$(Q)$(CC) $(FLAGS) -MMD -MP -c -o $@ $<

# strata --version names the commit it was built from; a tarball has none.
COMMIT := $(shell git describe --always --dirty --match '' 2>/dev/null)
$(BUILD)/commit: FORCE
	@mkdir -p $(@D)
	@echo '$(COMMIT)' | cmp -s - $@ || echo '$(COMMIT)' > $@
$(BUILD)/tui/cli/help.o: $(BUILD)/commit
$(BUILD)/tui/cli/help.o: FLAGS += -DSTRATA_COMMIT='"$(COMMIT)"'

# Files that lie inside the programs.
$(BUILD)/weights/builtin.o: weights/strata16.safetensors
$(BUILD)/tui/cli/peer_script.o: tui/cli/peer.py
$(BUILD)/tui/cli/topics_text.o: $(wildcard docs/*.md)
$(BUILD)/%.o: %.S
	@mkdir -p $(@D)
	$(if $(V),,@echo "  AS    $@")
	$(Q)$(CC) -c -o $@ $<

$(BUILD)/tests/latency: $(BUILD)/tests/latency.o $(BUILD)/libtests.a $(BUILD)/libstrata.a
	$(Q)$(CC) $(FLAGS) -o $@ $^ -lm

$(BUILD)/tests/test_%: $(BUILD)/tests/test_%.o $(BUILD)/libtests.a $(BUILD)/libtui.a $(BUILD)/libweights.a \
		$(BUILD)/libstrata.a
	$(if $(V),,@echo "  LINK  $@")
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) \
	    $(shell pkg-config --libs cmocka 2>/dev/null)

# The worker with a run that is told what to do, in place of engine/run/run*.c.
$(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_worker*.c)): $(BUILD)/tests/lib/fake_run.o

# Draws and compares pictures, for the scripts.
$(BUILD)/tests/near: $(BUILD)/tests/mpi/near.o $(BUILD)/libstrata.a
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# An HTTP server for the scripts.
$(BUILD)/tests/serve: $(BUILD)/tests/serve.o
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $^

-include $(shell find $(BUILD) -path $(BUILD)/deb -prune -o -name '*.d' -print 2>/dev/null)

test: deps ## unit tests and command-line tests; ends with "N passed, N failed"
	@$(MAKE) --no-print-directory run-tests

.PHONY: run-tests
run-tests: $(BUILD)/strata $(BUILD)/strata-weights $(if $(HAVE_MPI),$(BUILD)/strata-mpi $(BUILD)/tests/near) \
		$(BUILD)/tests/serve $(TESTS:%=$(BUILD)/tests/%)
	@STRATA=$(BUILD)/strata tests/run.sh $(TESTS:%=$(BUILD)/tests/%) $(SCRIPTS)

test-%: $(BUILD)/tests/test_% ## one program: make test-nn
	@STRATA=$(BUILD)/strata tests/run.sh $<

test-full: all ## the objective and classic runs against PyTorch on real pictures, importers at full size: see tests/full*.py
	@STRATA=$(BUILD)/strata python3 tests/full.py
	@STRATA=$(BUILD)/strata python3 tests/full_classic.py
	@STRATA=$(BUILD)/strata python3 tests/full_weights.py

# A sanitizer build is a build of its own beside the usual one.
asan: deps ## the tests under AddressSanitizer and LeakSanitizer
	@$(MAKE) --no-print-directory run-tests BUILD=build-asan EXTRA="-fsanitize=address -fno-omit-frame-pointer"

ubsan: deps ## the tests under UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory run-tests BUILD=build-ubsan EXTRA="-fsanitize=undefined -fno-sanitize-recover=all"

sanitize: deps ## both at once, in half the time
	@$(MAKE) --no-print-directory run-tests BUILD=build-sanitize \
	    EXTRA="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"

# clang for sanitizers that gcc lacks, its runtimes, and OpenMP's.
CLANG := clang libclang-rt-dev libomp-dev

# The loops that run on several threads: clang's OpenMP runtime is one that ThreadSanitizer knows.
TSAN_TESTS := $(patsubst tests/%.c,build-tsan/tests/%,$(wildcard tests/test_nn.c tests/test_losses.c \
	tests/test_optimizer.c tests/test_queue.c tests/test_worker*.c tests/test_disk.c \
	tests/test_thumbnails_thread.c))
tsan: ## what runs on several threads under ThreadSanitizer (clang)
	@$(MAKE) --no-print-directory deps PACKAGES="$(PACKAGES) $(CLANG)"
	@$(MAKE) --no-print-directory $(TSAN_TESTS) CC=clang BUILD=build-tsan EXTRA="-fsanitize=thread"
	@TSAN_OPTIONS=ignore_noninstrumented_modules=1 tests/run.sh $(TSAN_TESTS)

.PHONY: test-debian13
test-debian13: ## make demo and make test on a Debian 13 of its own (root, debootstrap): oneDNN 3, gcc 14
	@$(MAKE) --no-print-directory deps PACKAGES="$(PACKAGES) debootstrap"
	@tests/debian13.sh || [ $$? = 77 ] # which has said why it cannot

# The readers of foreign bytes under libFuzzer; every kind that tests/fuzz/fuzz.c lists, or KINDS="...".
FUZZED := CC=clang BUILD=build-fuzz CFLAGS="-O1 -g" LDFLAGS=-fsanitize=fuzzer \
	EXTRA="-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined,float-cast-overflow -fno-sanitize-recover=all"
FUZZ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fuzz/*.c))
$(BUILD)/tests/fuzz/fuzz: $(FUZZ) $(BUILD)/libtui.a $(BUILD)/libweights.a $(BUILD)/libstrata.a
	$(if $(V),,@echo "  LINK  $@")
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

.PHONY: fuzzer fuzz fuzz-smoke
fuzzer:
	@$(MAKE) --no-print-directory deps PACKAGES="$(PACKAGES) $(CLANG) unzip"
	@$(MAKE) --no-print-directory build-fuzz/tests/fuzz/fuzz $(FUZZED)

fuzz: fuzzer ## hostile bytes for our readers, 20 minutes each kind, two at a time: SECONDS=1200 JOBS=2 KINDS="jpeg job"
	@tests/fuzz/run.sh build-fuzz/tests/fuzz/fuzz $(or $(SECONDS),1200) $(or $(JOBS),2) $(KINDS)

fuzz-smoke: fuzzer ## the same, a minute each
	@tests/fuzz/run.sh build-fuzz/tests/fuzz/fuzz $(or $(SECONDS),60) $(or $(JOBS),2) $(KINDS)

$(BUILD)/tests/fault.so: tests/fault.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(FLAGS) -fPIC -shared -o $@ $< -ldl

.PHONY: crash
crash: all $(BUILD)/tests/fault.so ## runs that are killed and calls that fail, at every moment: CASES="kill once" RUNS=300 (python3)
	@$(MAKE) --no-print-directory deps PACKAGES="$(PACKAGES) python3"
	@STRATA=$(BUILD)/strata FAULT=$(BUILD)/tests/fault.so python3 tests/crash.py $(CASES)

.PHONY: bad
bad: all ## 750 bad inputs: each one sentence, under a second and 200 MB (python3)
	@$(MAKE) --no-print-directory deps PACKAGES="$(PACKAGES) python3"
	@STRATA=$(BUILD)/strata python3 tests/bad.py

check: all $(ASSETS) $(if $(HAVE_MPI),$(BUILD)/strata-mpi) ## names, order of folders, circles, unused symbols, one user per library, sizes
	@LC_ALL=C tests/check.sh $(BUILD)

SANITIZED := BUILD=build-asan EXTRA="-fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer"
soak: deps $(BUILD)/tests/test_soak_pty ## random keys, mouse and sizes on the workbench, under sanitizers: SOAK=2000 JOBS=2 SEED=1
	@$(MAKE) --no-print-directory build-asan/tests/test_soak build-asan/strata $(SANITIZED)
	SOAK=200 LSAN_OPTIONS=suppressions=tests/leaks.txt build-asan/tests/test_soak
	STRATA=build-asan/strata SOAK=$(or $(SOAK),2000) JOBS=$(or $(JOBS),2) SLOW=$(or $(SLOW),1) \
	    OMP_WAIT_POLICY=passive $(BUILD)/tests/test_soak_pty

latency: all $(BUILD)/tests/latency ## how long a key waits while both cores compute (5 minutes)
	$(BUILD)/tests/latency $(BUILD)/strata --content assets/coast.jpg --styles assets/night.jpg \
	    --network random:vgg19 --width 590 --pyramid off --iterations 100000 --output latency.png

bench: all ## milliseconds per iteration and peak memory, one line per size and network
	@tests/bench.sh $(BUILD)/strata

demo: deps ## installs, builds; on a terminal opens the workbench and paints, else paints demo.png
	@$(MAKE) --no-print-directory all
	@if [ -t 0 ] && [ -t 1 ]; then \
	    $(BUILD)/strata assets/demo.ini --start --output demo.png --overwrite; \
	else $(BUILD)/strata run assets/demo.ini --output demo.png --overwrite && \
	    echo "Look at demo.png. Next: sudo make install, then strata photo.jpg painting.jpg"; fi

$(BUILD)/draw: $(ASSETS) $(BUILD)/libstrata.a
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $(ASSETS) $(BUILD)/libstrata.a $(LIBS)

pictures: $(BUILD)/draw ## draw the demo pictures anew
	$(BUILD)/draw assets

.PHONY: film
film: all ## the film in README, from a real xterm (xvfb, xterm, xdotool, x11-utils, imagemagick)
	assets/film.sh docs/pictures/desk.gif

EXPERIMENTS := $(wildcard assets/control.ini assets/exp[123].ini assets/exp3[a-d].ini)
PRESETS := $(wildcard assets/presets/*.ini)
.PHONY: gallery gallery-pictures
gallery: $(BUILD)/strata ## paint experiments and presets into gallery/, and a sheet of them
	$(BUILD)/strata run $(EXPERIMENTS) $(PRESETS) --output gallery/ --overwrite
	set --; for job in $(EXPERIMENTS) $(PRESETS); do \
	    name=$$(basename $$job .ini); \
	    set -- "$$@" gallery/$$name.png --caption "$$name: $$(sed -n '1s/^; *//p' $$job)"; \
	done; $(BUILD)/strata compare "$$@" --side 400 --output gallery/sheet.png --overwrite

LAYERS := 1:state=on,*2_1.style=night,*4_1.style=night 2:state=blank \
	3:style=watercolour 4:style=woodcut
gallery-pictures: gallery $(BUILD)/draw ## README's pictures from that, and a sweep that changes one layer at a time
	for p in night glass watercolour; do $(BUILD)/draw --reduce gallery/$$p.png 400 docs/pictures/gallery-$$p.jpg || exit; done
	$(BUILD)/strata sweep assets/layers-sweep.ini
	for p in $(LAYERS); do \
	    $(BUILD)/draw --reduce assets/layers-sweep/*$${p#*:}*.png 320 docs/pictures/layers-$${p%%:*}.jpg || exit; done

# VGG: VGG-19, whole or its first layers. SLIM: `strata weights import` of wct_se_16x_new/5SE, to begin
# with and for the layers that VGG lacks (weights/train/README.md); what both lack, conv5_2, the present
# network teaches. TRAIN: further options of train.py.
VGG ?= vgg19.safetensors
SLIM ?= vgg19-se16x.safetensors
train-weights: all ## train strata16 anew (an hour; python3-torch, -pil; VGG=FILE SLIM=FILE)
	cp $(BUILD)/strata $(BUILD)/painter
	python3 weights/train/train.py -o weights/strata16.safetensors --strata $(BUILD)/painter \
	    --teacher $(VGG) $(SLIM) weights/strata16.safetensors --start $(SLIM) \
	    --state $(BUILD)/training.pt $(TRAIN)

critic: all ## how much of a style NETWORK carries over, as CRITIC sees it, over PAIRS of content:style
	python3 weights/train/critic.py --strata $(BUILD)/strata --network $(or $(NETWORK),strata16) \
	    $(addprefix --critic ,$(CRITIC)) $(PAIRS)

# Where the program looks for what belongs to it: ../share/strata and ../libexec/strata.
libdir     ?= $(PREFIX)/lib
includedir ?= $(PREFIX)/include
mandir     ?= $(PREFIX)/share/man
bashdir    ?= $(PREFIX)/share/bash-completion/completions
zshdir     ?= $(PREFIX)/share/zsh/site-functions
fishdir    ?= $(PREFIX)/share/fish/vendor_completions.d
OWNDIRS     = $(PREFIX)/share/strata $(PREFIX)/libexec/strata $(includedir)/strata

# What a program that paints by run.h includes with it.
HEADERS     = $(filter engine/%.h,$(shell $(CC) -MM -I. engine/run/run.h))

$(BUILD)/strata.pc: FORCE
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(libdir)' 'includedir=$(includedir)' '' 'Name: strata' \
	    'Description: neural style transfer, with a style picture for each layer' \
	    'Version: $(VERSION)' 'Requires: $(ENGINE_PKGS)' 'Cflags: -I$${includedir}/strata' \
	    'Libs: -L$${libdir} -lstrata -ldnnl -lm -fopenmp' >$@
FORCE:

install: all docs $(BUILD)/strata.pc ## into $(PREFIX), or $(DESTDIR)$(PREFIX): programs, pictures, libstrata for C
	install -D -m 755 $(BUILD)/strata $(DESTDIR)$(PREFIX)/bin/strata
	install -D -m 755 $(BUILD)/strata-weights $(DESTDIR)$(PREFIX)/libexec/strata/strata-weights
	[ ! -e $(BUILD)/strata-mpi ] || install -D -m 755 $(BUILD)/strata-mpi $(DESTDIR)$(PREFIX)/bin/strata-mpi
	install -d $(DESTDIR)$(PREFIX)/share/strata/presets
	install -m 644 $(wildcard assets/presets/*.ini) $(DESTDIR)$(PREFIX)/share/strata/presets
	install -m 644 $(wildcard assets/*.ini assets/*.jpg) $(DESTDIR)$(PREFIX)/share/strata
	install -D -m 644 $(BUILD)/libstrata.a $(DESTDIR)$(libdir)/libstrata.a
	install -D -m 644 $(BUILD)/strata.pc $(DESTDIR)$(libdir)/pkgconfig/strata.pc
	for header in $(HEADERS); do install -D -m 644 $$header $(DESTDIR)$(includedir)/strata/$$header || exit; done
	@for file in $(MAN) $$([ ! -e $(BUILD)/strata-mpi ] || echo mpi/strata-mpi.1) $(COMPLETIONS); do \
	    case $$file in \
	        *.[1-9]) place=$(mandir)/man$${file##*.}/$${file##*/} ;; \
	        *.fish) place=$(fishdir)/strata.fish ;; \
	        */_*) place=$(zshdir)/_strata ;; \
	        *) place=$(bashdir)/strata ;; \
	    esac; \
	    echo install -D -m 644 $$file $(DESTDIR)$$place; \
	    install -D -m 644 $$file $(DESTDIR)$$place || exit; \
	done

uninstall: ## what install put there
	rm -f $(addprefix $(DESTDIR),$(PREFIX)/bin/strata $(PREFIX)/bin/strata-mpi $(libdir)/libstrata.a \
	    $(libdir)/pkgconfig/strata.pc $(mandir)/man?/strata.? $(mandir)/man?/strata-*.? \
	    $(bashdir)/strata $(zshdir)/_strata $(fishdir)/strata.fish)
	rm -rf $(addprefix $(DESTDIR),$(OWNDIRS))

# ---- what tools say -----------------------------------------------------------------------------

# Everything compiled, nothing linked.
.PHONY: objects clang lint coverage
objects: $(ENGINE) $(TUI) $(WEIGHTS) $(ASSETS) $(TESTLIB) $(TESTS:%=$(BUILD)/tests/%.o) $(if $(HAVE_MPI),$(MPI))

# A field that an initialiser leaves out is zero, which is meant; gcc takes it so behind a field that is named.
clang: ## everything compiled by clang, without a warning
	@$(MAKE) --no-print-directory deps PACKAGES="$(PACKAGES) $(CLANG)"
	@$(MAKE) --no-print-directory objects CC=clang BUILD=build-clang CFLAGS="-O1 -Werror -Wno-missing-field-initializers"

# .clang-tidy and tests/cppcheck.txt say what is not asked, and why.
TIDY := $(filter %.c,$(wildcard engine/*/*.c tui/*/*.c weights/*/*.c) $(if $(HAVE_MPI),$(wildcard mpi/*.c)))
lint: clang ## clang's warnings, clang-tidy, cppcheck: nothing to say
	@$(MAKE) --no-print-directory deps PACKAGES="$(PACKAGES) clang-tidy cppcheck"
	@echo $(TIDY) | xargs -P $$(nproc) -n 8 sh -c 'clang-tidy --quiet "$$@" -- $$0 2>/dev/null' \
	    "$(filter-out -fopenmp -W%,$(FLAGS)) -DSTRATA_COMMIT=\"\" $(shell pkg-config --cflags $(WPKGS) $(if $(HAVE_MPI),$(MPI_PKG)) 2>/dev/null)"
	@cppcheck -q -j $$(nproc) --enable=warning,performance,portability --std=c11 --library=posix -I. \
	    -D_POSIX_C_SOURCE=200809L --suppressions-list=tests/cppcheck.txt --error-exitcode=1 engine tui weights mpi

# Processes that end by _exit, and imports, are counted by tests/coverage.c; those that a signal ends are not.
COVERAGE := BUILD=build-coverage CFLAGS="-O1 -g" EXTRA="--coverage -fprofile-update=atomic" \
	LDFLAGS="--coverage -Wl,--wrap=_exit,--wrap=confine_to build-coverage/tests/coverage.o"
coverage: ## which share of the lines the tests run, by folder
	@$(MAKE) --no-print-directory deps PACKAGES="$(PACKAGES) lcov"
	@find build-coverage -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) --no-print-directory build-coverage/tests/coverage.o $(COVERAGE)
	-@$(MAKE) --no-print-directory run-tests $(COVERAGE)
	@tests/coverage.sh build-coverage

# ---- packages and releases ---------------------------------------------------------------------

DEB_PACKAGES := build-essential fakeroot debhelper lintian
TREE         := strata-$(VERSION)

# The same bytes each time: git gives all files the commit's time.
.PHONY: tarball release deb test-debs
tarball: ## strata-VERSION.tar.gz of the commit that is checked out, in build/
	@mkdir -p $(BUILD)
	git -c tar.umask=0022 archive --format=tar --prefix=$(TREE)/ -o $(BUILD)/$(TREE).tar HEAD
	gzip -9nf $(BUILD)/$(TREE).tar

release: ## the same of a clean tree that CHANGELOG.md dates, tested, with its SHA-256 and signature
	@.ci/release $(VERSION) $(BUILD)

deb: ## Debian packages, in build/deb; DEB_BUILD_OPTIONS=nocheck leaves the tests out
	@$(MAKE) --no-print-directory deps PACKAGES="$(PACKAGES) $(MPI_PACKAGES) $(DEB_PACKAGES)"
	rm -rf $(BUILD)/deb
	mkdir -p $(BUILD)/deb/$(TREE)
	if [ -e .git ]; then git archive HEAD; else tar -c --exclude='./build*' .; fi | tar -x -C $(BUILD)/deb/$(TREE)
	cd $(BUILD)/deb/$(TREE) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
	    DEB_BUILD_OPTIONS="$(DEB_BUILD_OPTIONS) parallel=$$(nproc)" dpkg-buildpackage -us -uc
	lintian --fail-on error,warning $(BUILD)/deb/*.changes
	@ls -l $(BUILD)/deb/*.deb

test-debs: ## the packages in Debians 12 and 13 of their own (root, debootstrap), after make deb
	@$(MAKE) --no-print-directory deps PACKAGES="$(PACKAGES) debootstrap"
	@tests/debs.sh $(BUILD)/deb bookworm trixie || [ $$? = 77 ] # which has said why it cannot

clean: ## remove what was built
	rm -rf build build-*

help: ## this list
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
