/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/observe/checker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"

static const char *const names[INVARIANT_COUNT] = {
    [INVARIANT_AGREEMENT] = "agreement",
    [INVARIANT_CERTIFICATES] = "certificates",
    [INVARIANT_VOTES] = "votes",
    [INVARIANT_EXACTLY_ONCE] = "exactly_once",
    [INVARIANT_MONOTONE_VIEWS] = "monotone_views",
    [INVARIANT_ACKNOWLEDGED] = "acknowledged",
    [INVARIANT_CARRIED] = "carried",
    [INVARIANT_ATOMIC] = "atomic",
    [INVARIANT_CAUSALITY] = "causality",
};

#define NOBODY UINT64_MAX

/* What was seen first under (who, what); who is NOBODY where the fact is global. */
struct checker_entry {
    uint64_t key[2];
    uint64_t value;
    uint64_t step; /* of the record, MONOTONE_VIEWS */
    UT_hash_handle hh;
};

void checker_init(struct checker *checker) {
    *checker = (struct checker){0};
    causality_init(&checker->causality);
}

void checker_deinit(struct checker *checker) {
    causality_deinit(&checker->causality);
    for (size_t i = 0; i < INVARIANT_COUNT; i++) {
        struct checker_entry *entry, *next;
        HASH_ITER(hh, checker->entries[i], entry, next) {
            HASH_DEL(checker->entries[i], entry);
            free(entry);
        }
    }
}

/* The entry under the key; a new one gets @value. */
static struct checker_entry *remember(struct checker *checker, enum invariant invariant,
                                      uint64_t who, uint64_t what, uint64_t value, bool *is_new) {
    const uint64_t key[2] = {who, what};
    struct checker_entry *entry;
    HASH_FIND(hh, checker->entries[invariant], key, sizeof key, entry);
    *is_new = entry == NULL;
    if (entry == NULL) {
        entry = memory_new(1, sizeof *entry);
        memcpy(entry->key, key, sizeof key);
        entry->value = value;
        HASH_ADD(hh, checker->entries[invariant], key, sizeof entry->key, entry);
    }
    return entry;
}

static void must_equal(struct checker *checker, enum invariant invariant, uint64_t who,
                       uint64_t what, uint64_t value) {
    bool is_new;
    if (remember(checker, invariant, who, what, value, &is_new)->value != value)
        checker->violations[invariant]++;
}

static void must_be_first(struct checker *checker, enum invariant invariant, uint64_t who,
                          uint64_t what) {
    bool is_new;
    (void)remember(checker, invariant, who, what, 0, &is_new);
    if (!is_new)
        checker->violations[invariant]++;
}

/* In the order of the node's steps, which is not that of the records when one step overtakes another. */
static void must_not_fall(struct checker *checker, const struct trace_record *record) {
    bool is_new;
    uint64_t channel = record->a >> 48, view = record->a & UINT64_C(0xffffffffffff);
    struct checker_entry *entry =
        remember(checker, INVARIANT_MONOTONE_VIEWS, record->node, channel, view, &is_new);
    if (record->step < entry->step) { /* it took longer, and was overtaken */
        if (view > entry->value)
            checker->violations[INVARIANT_MONOTONE_VIEWS]++;
        return;
    }
    if (view < entry->value)
        checker->violations[INVARIANT_MONOTONE_VIEWS]++;
    entry->value = view;
    entry->step = record->step;
}

static void must_be_ordered(struct checker *checker, uint64_t transaction) {
    const uint64_t key[2] = {NOBODY, transaction};
    struct checker_entry *entry;
    HASH_FIND(hh, checker->entries[INVARIANT_ACKNOWLEDGED], key, sizeof key, entry);
    if (entry == NULL)
        checker->violations[INVARIANT_ACKNOWLEDGED]++;
}

/* b: channel << 48 | attempt << 2 | home << 1 | committed */
static void must_be_atomic(struct checker *checker, const struct trace_record *record) {
    uint64_t attempt = record->b >> 2 & 15, what = record->a << 4 | attempt;
    bool committed = (record->b & 1) != 0;
    must_equal(checker, INVARIANT_ATOMIC, NOBODY, what, committed);
    if (committed)
        must_be_first(checker, INVARIANT_ATOMIC, record->node, what);
}

void checker_record(struct checker *checker, const struct trace_record *record) {
    bool is_new;
    switch (record->point) {
    case TRACE_DECIDED:
        must_equal(checker, INVARIANT_AGREEMENT, NOBODY, record->a, record->b);
        break;
    case TRACE_CERTIFIED:
        must_equal(checker, INVARIANT_CERTIFICATES, NOBODY, record->a, record->b);
        break;
    case TRACE_VOTED:
        must_equal(checker, INVARIANT_VOTES, record->node, record->a, record->b);
        break;
    case TRACE_VIEW:
        must_not_fall(checker, record);
        break;
    case TRACE_TX_ORDERED:
        must_be_first(checker, INVARIANT_EXACTLY_ONCE, record->node, record->a);
        (void)remember(checker, INVARIANT_ACKNOWLEDGED, NOBODY, record->a, record->b, &is_new);
        break;
    case TRACE_TX_SETTLED:
        must_be_atomic(checker, record);
        break;
    case TRACE_TX_DONE:
        must_be_ordered(checker, record->a);
        break;
    default:
        break;
    }
}

void checker_stamp(struct checker *checker, const struct stamp_record *record) {
    if (!causality_holds(&checker->causality, record))
        checker->violations[INVARIANT_CAUSALITY]++;
}

void checker_restarted(struct checker *checker, node_id node) {
    struct checker_entry *entry, *next;
    causality_restarted(&checker->causality, node);
    HASH_ITER(hh, checker->entries[INVARIANT_MONOTONE_VIEWS], entry, next) {
        if (entry->key[0] == node) {
            HASH_DEL(checker->entries[INVARIANT_MONOTONE_VIEWS], entry);
            free(entry);
        }
    }
    /* A node that restarts replays what its committee ordered meanwhile: that is not twice. */
    HASH_ITER(hh, checker->entries[INVARIANT_EXACTLY_ONCE], entry, next) {
        if (entry->key[0] == node) {
            HASH_DEL(checker->entries[INVARIANT_EXACTLY_ONCE], entry);
            free(entry);
        }
    }
}

const char *invariant_name(enum invariant invariant) {
    assert(invariant < INVARIANT_COUNT);
    return names[invariant];
}

uint64_t checker_violations(const struct checker *checker) {
    uint64_t sum = 0;
    for (size_t i = 0; i < INVARIANT_COUNT; i++)
        sum += checker->violations[i];
    return sum;
}
