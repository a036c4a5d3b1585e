# SPDX-License-Identifier: GPL-3.0-or-later
#
# make            build the program          make demo     set up, build, run the main scenario to plots
# make check      set up, run all tests      make bench    what events, primitives and wrappers cost
# make asan       tests under ASan + UBSan     make fuzz     libFuzzer targets, FUZZ_SECONDS each
# make mutants    broken rules that tests must notice, an hour or so
# make sweep      random faults against committees alone, SEEDS of each variant, certificates and size
# make soak       the same, and SOAK_RUNS random fault schedules of whole worlds: nothing may be stuck
# make tables     the README's tables and results/reference, from runs; results/tables --check compares
# make calibrate  a CPU table of this machine, for cpu.table
# make format     clang-format the tree        make install  PREFIX, DESTDIR
# V=1 shows the commands; CC=clang and O=-O0 choose compiler and level; BUILD=dir keeps builds apart.

CC         ?= cc
CLANG      ?= clang
PKG_CONFIG ?= pkg-config
PREFIX     ?= /usr/local
O          ?= -O2
BUILD      ?= build
Q           = $(if $(V),,@)
say         = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)')

PACKAGES = gcc make pkg-config git libsimgrid-dev libsodium-dev libisal-dev libgsl-dev check gnuplot-nox \
           libfyaml-dev libsqlite3-dev zlib1g-dev libjansson-dev uthash-dev libgeos-dev libxxhash-dev \
           libmurmurhash-dev fonts-dejavu-core clang libclang-rt-14-dev libssl-dev
LIBRARIES = libsodium libisal gsl libfyaml sqlite3 zlib jansson

WARNINGS = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wwrite-strings -Wundef -Wvla -Wno-unused-parameter
CFLAGS  += -std=c17 $(O) -g $(WARNINGS) $(SANITIZE)
CPPFLAGS += -D_GNU_SOURCE -DTIERCHAIN_VERSION='"$(VERSION)"' -Isrc -I. -MMD -MP
LIBS     = $(shell $(PKG_CONFIG) --libs $(LIBRARIES)) -lsimgrid -lm
TEST_LIBS = $(shell $(PKG_CONFIG) --libs check) -lgeos_c -lxxhash -lmurmurhash -lcrypto
VERSION  = 0.1.0

# One static library a layer; the program and the tests link the same objects.
STACK_SOURCES = $(sort $(wildcard src/*/*.c src/*/*/*.c))
MODEL_SOURCES = $(sort $(wildcard models/*.c models/*/*.c))
SIM_SOURCES   = $(filter-out sim/main.c,$(sort $(wildcard sim/*.c sim/*/*.c)))
TEST_SOURCES  = $(sort $(wildcard tests/*/*_test.c tests/*/*/*_test.c))
TRIALS        = $(sort $(filter-out %_test.c,$(wildcard tests/property/*.c)))
TEST_HELPERS  = $(sort $(wildcard tests/lib/*.c)) $(TRIALS) tests/soak/schedule.c
DATA_FILES    = $(sort $(wildcard models/data/*.csv models/data/*/*.csv))

object   = $(addprefix $(BUILD)/,$(addsuffix .o,$(basename $(1))))
STACK    = $(BUILD)/libtierchain.a
MODELS   = $(BUILD)/libmodels.a
SIM      = $(BUILD)/libsim.a
PROGRAM  = $(BUILD)/tierchain
TESTS    = $(BUILD)/tierchain-tests

all: $(PROGRAM)

$(PROGRAM): $(call object,sim/main.c) $(SIM) $(MODELS) $(STACK)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(TESTS): $(call object,tests/main.c $(TEST_SOURCES) $(TEST_HELPERS)) $(SIM) $(MODELS) $(STACK)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TEST_LIBS) $(LIBS)

$(STACK): $(call object,$(STACK_SOURCES))
$(MODELS): $(call object,$(MODEL_SOURCES)) $(BUILD)/models/data-files.o
$(SIM): $(call object,$(SIM_SOURCES))
%.a:
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(AR) rcsD $@ $^

$(BUILD)/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The measured inputs travel inside the binary: an index of (path, bytes), made from the files that are there.
$(BUILD)/models/data-files.S: $(DATA_FILES) Makefile
	$(call say,DATA,$@)
	$(Q)mkdir -p $(@D) && { \
	  echo '.section .rodata'; n=0; \
	  for f in $(DATA_FILES); do \
	    printf '.balign 8\nd%d: .incbin "%s"\ne%d: .byte 0\nn%d: .asciz "%s"\n' $$n $$f $$n $$n $${f#models/data/}; n=$$((n+1)); \
	  done; \
	  echo '.section .data.rel.ro,"aw"'; echo '.balign 8'; echo '.globl data_files'; echo 'data_files:'; \
	  i=0; while [ $$i -lt $$n ]; do printf '.quad n%d, d%d, e%d-d%d\n' $$i $$i $$i $$i; i=$$((i+1)); done; \
	  echo '.globl data_file_count'; echo '.balign 8'; echo "data_file_count: .quad $$n"; \
	  echo '.section .note.GNU-stack,"",@progbits'; } > $@
$(BUILD)/models/data-files.o: $(BUILD)/models/data-files.S
	$(Q)$(CC) -c -o $@ $<

# The commit enters manifests; only this file is compiled again when it changes.
COMMIT := $(shell git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)
$(BUILD)/commit: FORCE
	$(Q)mkdir -p $(@D) && echo '$(COMMIT)' | cmp -s - $@ || echo '$(COMMIT)' > $@
FORCE:
$(call object,sim/cli/facts.c): $(BUILD)/commit
$(call object,sim/cli/facts.c): CPPFLAGS += -DTIERCHAIN_COMMIT='"$(COMMIT)"'

# The list of suites is the list of test files: tests/<area>/<name>_test.c defines Suite *<name>_suite(void).
$(BUILD)/suites.h: $(TEST_SOURCES) Makefile
	$(Q)mkdir -p $(@D) && { for f in $(notdir $(TEST_SOURCES:_test.c=)); do echo "SUITE($$f)"; done; } > $@
$(call object,tests/main.c): $(BUILD)/suites.h
$(call object,tests/main.c): CPPFLAGS += -I$(BUILD)
# A suite is found by its name alone, so that adding a test is adding a file.
$(BUILD)/tests/%.o: CFLAGS += -Wno-missing-prototypes

# Debian packages that are missing are installed, as root or with sudo; with none missing nothing is touched.
deps:
	$(Q)missing=""; for p in $(PACKAGES); do \
	  dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ]; then sudo=; elif command -v sudo >/dev/null; then sudo=sudo; else \
	    echo "tierchain needs these Debian packages; as root: apt-get install$$missing" >&2; exit 1; fi; \
	  echo "installing:$$missing"; \
	  $$sudo apt-get update -q && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -q -y --no-install-recommends $$missing; fi

demo: deps
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all
	$(Q)$(PROGRAM) run scenarios/komatsu.yaml; code=$$?; \
	echo "plots and report: results/komatsu/latest/"; exit $$code

# Other compilers and levels must give the same trace hashes; the determinism suite runs them.
VARIANTS = $(BUILD)/clang-O2 $(BUILD)/gcc-O0
variants:
	$(Q)$(MAKE) --no-print-directory CC="$(CLANG)" O=-O2 BUILD=$(BUILD)/clang-O2 all
	$(Q)$(MAKE) --no-print-directory CC=gcc O=-O0 BUILD=$(BUILD)/gcc-O0 all

# The tests run on one core, a sample of the mutants on the other; the tests' own summary comes last.
check: deps
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all tests
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) variants
	$(Q)TIERCHAIN_PROGRAM=$(PROGRAM) TIERCHAIN_STACK=$(STACK) TIERCHAIN_VARIANTS="$(addsuffix /tierchain,$(VARIANTS))" \
	  CK_TIMEOUT_MULTIPLIER=10 $(TESTS) > $(BUILD)/tests.log 2>&1 & tests=$$!; \
	MUTANTS_SAMPLE=10 BUILD=$(BUILD) CC="$(CC)" tests/mutants/run; mutants=$$?; \
	wait $$tests; tests=$$?; cat $(BUILD)/tests.log; exit $$((tests + mutants))

# The bench is built along, so that it keeps compiling.
tests: $(TESTS) $(BUILD)/tierchain-bench $(BUILD)/tierchain-soak

# Broken rules that tests must notice: tests/mutants/README.
mutants: deps
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all tests
	$(Q)BUILD=$(BUILD) CC="$(CC)" tests/mutants/run $(MUTANTS)

asan: deps
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)/asan O=-O1 \
	  SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer' all tests
	$(Q)TIERCHAIN_CONTEXTS=thread TIERCHAIN_PROGRAM=$(BUILD)/asan/tierchain TIERCHAIN_STACK=$(BUILD)/asan/libtierchain.a \
	  CK_TIMEOUT_MULTIPLIER=40 ASAN_OPTIONS=detect_stack_use_after_return=0 \
	  LSAN_OPTIONS=suppressions=tests/lib/lsan.supp:print_suppressions=0 $(BUILD)/asan/tierchain-tests

bench: deps
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) $(BUILD)/tierchain-bench
	$(Q)$(BUILD)/tierchain-bench $(BENCH)
$(BUILD)/tierchain-bench: $(call object,$(wildcard tests/bench/*.c)) $(SIM) $(MODELS) $(STACK)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# SOAK_RUNS random fault schedules of SOAK_SEED: nothing may be stuck after the drain.
soak: deps
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all $(BUILD)/tierchain-soak
	$(Q)SOAK_DIRECTORY=$(BUILD)/soak $(BUILD)/tierchain-soak
	$(Q)$(MAKE) --no-print-directory sweep
$(BUILD)/tierchain-soak: $(call object,$(wildcard tests/soak/*.c)) $(SIM) $(MODELS) $(STACK)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# Random faults against committees alone: SEEDS of each variant, kind of certificates and n = 4 … 10.
SEEDS ?= 1..2000
sweep: deps
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all
	$(Q)$(PROGRAM) sweep --seeds $(SEEDS) -j $$(nproc) -o $(BUILD)/sweep

# The README's tables and results/reference, from runs of this build.
tables: deps
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all
	$(Q)PROGRAM=$(PROGRAM) results/tables

CPU_TABLE = $(abspath $(BUILD))/cpu-this-machine.csv
calibrate: deps
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all
	$(Q)$(PROGRAM) calibrate -o $(CPU_TABLE)
	@echo "use it: $(PROGRAM) run scenarios/komatsu.yaml --set cpu.table=$(CPU_TABLE)"

# One build with coverage for all targets. decoders_fuzz holds one target for each trial of decoders.def.
FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))
FUZZ_SECONDS ?= 20
FUZZ = -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=2048 -print_final_stats=1
DECODERS = $(shell sed -n 's/^DECODER(\([a-z0-9_]*\), \([a-z0-9_]*\))/\2 \1/p' tests/property/decoders.def | sort -u -k1,1 | cut -d' ' -f2)
$(BUILD)/%_fuzz: $(BUILD)/tests/fuzz/%_fuzz.o $(call object,$(TRIALS) tests/lib/company.c tests/lib/steps.c) $(SIM) $(MODELS) $(STACK)
	$(call say,FUZZ,$@)
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $^ $(TEST_LIBS) $(LIBS)
fuzz: deps
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) fuzzers
	$(Q)for f in $(FUZZERS); do echo "== $$f"; $$f $(FUZZ) || exit 1; done
	$(Q)export LSAN_OPTIONS=suppressions=tests/lib/lsan.supp:print_suppressions=0; for d in $(DECODERS); do echo "== $$d"; TIERCHAIN_DECODER=$$d $(BUILD)/fuzz/decoders_fuzz -max_len=8192 $(FUZZ) || exit 1; done
fuzzers:
	$(Q)$(MAKE) --no-print-directory CC="$(CLANG)" O=-O1 BUILD=$(BUILD)/fuzz \
	  SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined' $(FUZZERS)

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

install: all
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/tierchain

clean:
	rm -rf $(BUILD)

.PHONY: all deps demo check tests variants mutants asan bench soak sweep tables calibrate fuzz fuzzers format install clean
.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
