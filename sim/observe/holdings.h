/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When enough different pieces of a transaction were held. Records of several nodes do not come in
 * order of time, so the smallest times are kept until the transaction is forgotten. */
#ifndef TIERCHAIN_SIM_OBSERVE_HOLDINGS_H
#define TIERCHAIN_SIM_OBSERVE_HOLDINGS_H

#include "base/limits.h"
#include "base/types.h"

struct holding;

struct holdings {
    struct holding **of; /* by transaction; NULL: no piece yet, or forgotten */
    size_t capacity;
    uint32_t enough; /* 1 … LIMIT_CANDIDATES; set by the owner */
};

void holdings_deinit(struct holdings *holdings);

/* @piece of @transaction is held from @time on; again is ignored. Returns when enough are, as known
 * so far, TIME_NEVER before. */
time_ns holdings_add(struct holdings *holdings, uint64_t transaction, uint64_t piece, time_ns time);

/* Nothing more is expected of @transaction: its memory goes. */
void holdings_forget(struct holdings *holdings, uint64_t transaction);

#endif
