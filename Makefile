# SPDX-License-Identifier: GPL-2.0-or-later
#
# make            build/sipseald and build/sipsealctl
# make demo       (root) the whole thing on a bare machine: a call, two attacks
# make check      (root) everything that must hold
# make check-all  (root) the same with all of the testbed's scenarios
# make bench      (root) measures, against targets and peers: build/report/
#                 bench.json; bench-quick: the same with small numbers
# make figures    (root) the paper's measurements: docs/measurements.md, in
#                 about six minutes; FULL=1: all of them, half an hour; COUNT=2:
#                 so many calls each, to try it
# make lint       formatting, static checkers, include directions
# make install    DESTDIR=, PREFIX=

BUILD   ?= build
# one name for one place, or what is written down of dependencies doesn't hold
override BUILD := $(patsubst $(CURDIR)/%,%,$(BUILD))
PREFIX  ?= /usr/local
SYSCONF ?= /etc
VERSION := 0.1.0
SAN     ?= 0
V       ?= 0
Q       := $(if $(filter 0,$(V)),@)
WERROR  ?= 0

CC     ?= cc
PKGS   := libmnl libnetfilter_queue gpgme libosip2 libconfuse jansson libuv \
	  lmdb libgcrypt libsodium libassuan gpg-error libpcap libcap-ng
LAYERS := base codec state crypto core io

CPPFLAGS += -D_GNU_SOURCE -Idaemon -DSIPSEAL_VERSION='"$(VERSION)"' \
	    -DSIPSEAL_SYSCONF='"$(SYSCONF)"'
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wcast-align
HARDEN := -fstack-protector-strong -fstack-clash-protection -fPIE
CFLAGS  += -std=c11 -g $(WARN)
LDFLAGS += -pie -Wl,-z,relro,-z,now
ifeq ($(SAN),1)
OBJ := $(BUILD)/san
CFLAGS  += -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	   -fno-sanitize-recover=all -fPIE
LDFLAGS += -fsanitize=address,undefined
else
OBJ := $(BUILD)
CFLAGS += -O2 -D_FORTIFY_SOURCE=2 $(HARDEN)
endif
ifeq ($(WERROR),1)
CFLAGS += -Werror
endif

# Not asked for by targets that must work before the packages are there.
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lpthread

lib     = $(OBJ)/lib$(1).a
objects = $(patsubst %.c,$(OBJ)/%.o,$(wildcard daemon/$(1)/*.c))
# archives of a layer and those below it, topmost first
upto_base   := base
upto_codec  := codec base
upto_state  := state codec base
upto_crypto := crypto codec base
upto_core   := core crypto state codec base
upto_io     := io core crypto state codec base
archives     = $(foreach l,$(upto_$(1)),$(call lib,$(l)))

all: $(OBJ)/sipseald $(OBJ)/sipsealctl

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC  $<"
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

define layer
$(call lib,$(1)): $(call objects,$(1))
	@rm -f $$@
	$$(Q)$(AR) rcs $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call layer,$(l))))

$(OBJ)/sipseald: $(OBJ)/daemon/main.o $(call archives,io)
	@echo "  LD  $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(OBJ)/sipsealctl: $(OBJ)/daemon/cli/sipsealctl.o $(call archives,base)
	@echo "  LD  $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# Unit tests: tests/unit/LAYER/test_X.c sees LAYER and what is below it.
define unit
$(OBJ)/tests/unit/$(1)/%: $(OBJ)/tests/unit/$(1)/%.o $(call archives,$(1))
	@echo "  LD  $$@"
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(PKG_LIBS) $$(TEST_LIBS) -lcmocka
endef
$(foreach l,$(LAYERS),$(eval $(call unit,$(l))))
# an oracle, in the tests only
$(OBJ)/tests/unit/crypto/test_engines: TEST_LIBS := -lrnp
$(OBJ)/tests/call/test_%: $(OBJ)/tests/call/test_%.o $(OBJ)/tests/call/world.o \
		$(call archives,core)
	@echo "  LD  $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka

UNIT_TESTS := $(patsubst %.c,$(OBJ)/%,$(wildcard tests/unit/*/test_*.c))
CALL_TESTS := $(patsubst %.c,$(OBJ)/%,$(wildcard tests/call/test_*.c))
unit-tests: $(UNIT_TESTS) $(CALL_TESTS)

# What measures: tests/bench/X.c, with what they share.
BENCH_SHARED := $(OBJ)/libbench.a
$(BENCH_SHARED): $(patsubst %,$(OBJ)/tests/bench/%.o,bench bare text signer)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^
BENCHES := $(patsubst %,$(OBJ)/tests/bench/%,micro core engines loop blast \
	   callgen)
$(BENCHES): $(OBJ)/tests/bench/%: $(OBJ)/tests/bench/%.o $(BENCH_SHARED) \
		$(call archives,core)
	@echo "  LD  $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)
$(OBJ)/tests/bench/manykeys: $(OBJ)/tests/trust/manykeys.o
	@echo "  LD  $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)
bench-programs: $(BENCHES) $(OBJ)/tests/bench/manykeys

# Fuzz targets: tests/fuzz/fuzz_X.c, corpus in tests/fuzz/corpus/X/
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SRC := $(wildcard daemon/base/*.c daemon/codec/*.c) \
	    $(patsubst %,daemon/crypto/%.c,sigpacket sigframe packets keypacket)
$(BUILD)/fuzz/%: tests/fuzz/%.c $(FUZZ_SRC) $(wildcard daemon/*/*.h)
	@mkdir -p $(@D)
	@echo "  FUZZ $@"
	$(Q)clang -std=c11 -g -O1 $(CPPFLAGS) $(PKG_CFLAGS) \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-o $@ $< $(FUZZ_SRC) -losipparser2 -lgcrypt -lsodium
fuzzers: $(FUZZERS)

deps:
	scripts/install-deps

demo:
	scripts/demo

check:
	scripts/check

check-all:
	scripts/check deps build lint unit san fuzz scripts suite

bench:
	scripts/bench

bench-quick:
	scripts/bench --quick

figures:
	scripts/figures $(if $(filter-out 0,$(FULL)),--full) \
		$(if $(COUNT),--count $(COUNT))

lint:
	scripts/lint

clean:
	rm -rf $(BUILD)

install: all
	scripts/install "$(OBJ)" "$(DESTDIR)" "$(PREFIX)" "$(SYSCONF)"

.PHONY: all unit-tests fuzzers bench-programs deps demo check check-all bench \
	bench-quick figures lint clean install
.SECONDARY:
-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
