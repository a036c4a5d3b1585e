/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "env/trace.h"

#include <assert.h>

struct trace_row {
    const char *name;
    enum trace_hashing hashing;
};

#define TRACE(constant, name, a, b, hashing) [constant] = {name, hashing},
static const struct trace_row rows[] = {
#include "env/trace.def"
};
#undef TRACE

const char *trace_name(enum trace_point point) {
    assert(point < TRACE_COUNT);
    return rows[point].name;
}

bool trace_hashes_b(enum trace_point point) {
    assert(point < TRACE_COUNT);
    return rows[point].hashing == HASHED;
}

uint64_t trace_digest(const struct digest *digest) {
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++)
        value |= (uint64_t)digest->bytes[i] << (8 * i);
    return value;
}
