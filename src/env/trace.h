/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Trace points (trace.def): the one typed record from which histograms, spans, checkers, golden
 * tests and the trace hash are made. */
#ifndef TIERCHAIN_ENV_TRACE_H
#define TIERCHAIN_ENV_TRACE_H

#include "base/types.h"

enum trace_hashing { CONTENT, HASHED };

#define TRACE(constant, name, a, b, hashing) constant,
enum trace_point {
#include "env/trace.def"
    TRACE_COUNT
};
#undef TRACE

struct trace_record {
    time_ns time; /* simulated time, CPU charges before it in the step included */
    node_id node;
    enum trace_point point;
    uint64_t a;
    uint64_t b;
    uint64_t step; /* of its node, from 1 on: records of a later step may be earlier; 0: not known */
};

/* A hybrid logical event (clock/hlc.h), as drivers report it to checkers. */
struct stamp_record {
    node_id node;
    node_id from;      /* of the message received; NODE_NONE: a send */
    time_ns clock;     /* env_clock at the event */
    uint64_t stamp;    /* of the event */
    uint64_t received; /* the stamp of the message received; 0: a send */
};

const char *trace_name(enum trace_point point);
bool trace_hashes_b(enum trace_point point);

/* Packs a small prefix (below 2^16) and a value (below 2^48) as the table says. */
static inline uint64_t trace_pair(uint64_t prefix, uint64_t value) {
    return prefix << 48 | (value & UINT64_C(0xffffffffffff));
}

/* Packs phase (below 2^8), channel (below 2^16) and view (below 2^40). */
static inline uint64_t trace_phase(uint64_t phase, uint64_t channel, uint64_t view) {
    return phase << 56 | channel << 40 | (view & UINT64_C(0xffffffffff));
}

/* The first 8 bytes of a digest, to tell contents apart in a trace. */
uint64_t trace_digest(const struct digest *digest);

#endif
