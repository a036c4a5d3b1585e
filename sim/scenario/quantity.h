/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers with units, as exact integers: "80 ms", "4 KiB", "1 Gbps", "200/s", "0.1 %". Decimal
 * digits only, '_' may group them; a fraction is taken exactly or refused, never rounded. */
#ifndef TIERCHAIN_SIM_SCENARIO_QUANTITY_H
#define TIERCHAIN_SIM_SCENARIO_QUANTITY_H

#include "base/types.h"

enum unit_kind {
    UNIT_COUNT,     /* a whole number, with "k" or "M" if wanted */
    UNIT_DURATION,  /* ns; ns us ms s min h */
    UNIT_BYTES,     /* B kB MB GB KiB MiB GiB */
    UNIT_BANDWIDTH, /* bit/s; bps kbps Mbps Gbps bit/s … B/s … */
    UNIT_RATE,      /* millionths per second; /s k/s M/s /min */
    UNIT_SHARE,     /* millionths; % or ppm */
    UNIT_FACTOR,    /* millionths; a plain number */
    UNIT_DRIFT      /* parts per 1e9; ppb ppm */
};

/* 0, or ERR_INVALID: @message (of @size bytes) then says what is wrong. */
int quantity_parse(const char *text, enum unit_kind kind, int64_t *value, char *message,
                   size_t size);

#define QUANTITY_BYTES 32

/* The shortest text that parses to the same value: the largest unit without a fraction. */
void quantity_format(int64_t value, enum unit_kind kind, char out[QUANTITY_BYTES]);

/* What a value of that kind looks like, "80 ms". */
const char *quantity_example(enum unit_kind kind);

/* "a duration", for messages and documentation. */
const char *quantity_noun(enum unit_kind kind);

/* A regular expression (ECMA 262) for a JSON schema, unanchored texts excluded. */
void quantity_pattern(enum unit_kind kind, char *out, size_t size);

#endif
