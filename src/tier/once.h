/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a chain has ordered, remembered as long as it may come back: so that no leader, however late
 * it proposes something again, gets it ordered twice. All of it follows from the decided batches
 * alone, so that all members of a committee, also one that replays them after a restart, remember
 * the same. How long depends on what an item is (enum once_kind):
 *
 *  - ONCE_EXPIRES, a transaction's record: until its expiry. *The chain's time* is the greatest time
 *    that a decided batch carries: its leader's clock, which a quorum found to be at most
 *    LIMIT_CLOCK_AHEAD_MS ahead of its own (chain.h), so no single clock moves it. A record is
 *    ordered only while chain time < expiry <= chain time + life + twice that error; so it may be
 *    forgotten at its expiry exactly. The key must bind the expiry (pipeline/record.h). What is
 *    remembered is at most (life + 2 errors) x the rate at which records are ordered, and never more
 *    than @limit, beyond which records wait until others have expired;
 *  - ONCE_NUMBERED, what a source numbers, a city's batches: a window of ONCE_WINDOW numbers below
 *    the source's highest (RFC 6479); below the window nothing is ordered. 8 KiB a source;
 *  - ONCE_HARMLESS, what does nothing when it comes again (shard/participant.h): the last
 *    ONCE_RECENT, to save the work. */
#ifndef TIERCHAIN_TIER_ONCE_H
#define TIERCHAIN_TIER_ONCE_H

#include "base/limits.h"
#include "base/types.h"

#define ONCE_WINDOW 65536
#define ONCE_RECENT 65536
#define ONCE_ERROR  (LIMIT_CLOCK_AHEAD_MS * NS_PER_MS)

enum once_kind { ONCE_HARMLESS, ONCE_EXPIRES, ONCE_NUMBERED };

/* How an item may come back. */
struct once_term {
    enum once_kind kind;
    time_ns expiry;  /* EXPIRES */
    uint32_t source; /* NUMBERED */
    uint64_t number; /* NUMBERED */
};

struct once_key;
struct once_window;

struct once {
    time_ns life;              /* of an expiring item, at most */
    size_t limit;              /* expiring keys */
    time_ns time;              /* the chain's */
    struct once_key *expiring; /* in the order in which they were ordered */
    struct once_key *recent;   /* the others, likewise */
    struct once_window *windows;
};

/* @life: the longest that the committee's protocol gives an expiring item; 0: there are none. */
void once_init(struct once *once, time_ns life);
void once_deinit(struct once *once);

/* A batch that carries @time is decided: the chain's time, which never falls, and what has expired
 * is forgotten. */
void once_advance(struct once *once, time_ns time);

/* Whether an expiring item of a batch that carries @time fits it: @time < expiry <= @time + life + 2
 * errors. Of the batch alone, so all members judge alike. True for all other items. */
bool once_fits(const struct once *once, const struct once_term *term, time_ns time);

/* Takes note that an item is ordered at @height. OK: it was not before. ERR_DUPLICATE, ERR_EXPIRED,
 * ERR_STALE (below the window): never again. ERR_LIMIT: not now (the limit; an expiry too far). */
int once_order(struct once *once, const struct digest *key, const struct once_term *term,
               uint64_t height);

/* Whether an item was ordered or can't be any more: OK when neither; else as once_order. */
int once_verdict(const struct once *once, const struct digest *key, const struct once_term *term);

/* The height at which the item was ordered, while it is remembered; of numbered ones the last
 * ONCE_RECENT. */
bool once_height(const struct once *once, const struct digest *key, uint64_t *height);

/* Keys that are remembered until they expire. */
size_t once_count(const struct once *once);

#endif
