/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of who is present as nodes keep them: immutable, and shared by all nodes of one machine that
 * have the same, for thousands of nodes have nearly always the same list. That saves memory and
 * changes nothing else.
 *
 * A list has a *mark*, the sum modulo 2^64 of SipHash-2-4 over its entries, by which two nodes find
 * out that they have the same list. The key is public: whoever may choose its own coordinates could
 * search for two lists of one mark, and would have gained one wrong entry at those it told. */
#ifndef TIERCHAIN_MEMBERSHIP_ROSTER_H
#define TIERCHAIN_MEMBERSHIP_ROSTER_H

#include "membership/presence.h"

/* Someone came or moved (present), or went. */
struct roster_change {
    struct place_candidate entry; /* only the node counts when it went */
    bool present;
};

/* Changes by ascending node, at most one of each node. */
struct roster_changes {
    struct roster_change *list;
    size_t count;
    size_t capacity;
};

void roster_changes_deinit(struct roster_changes *changes);

/* Adds a change; it replaces an earlier one of the same node. */
void roster_changes_put(struct roster_changes *changes, const struct roster_change *change);

struct roster_pool;

struct roster {
    struct roster_pool *pool;
    uint32_t references;
    uint64_t mark;
    struct presence presence; /* read-only */
};

/* All lists of one machine. It must outlive them. */
struct roster_pool *roster_pool_new(void);
void roster_pool_free(struct roster_pool *pool);
size_t roster_pool_count(const struct roster_pool *pool);

/* The list of the same entries; copied if there is none. The caller gets a reference. */
struct roster *roster_of(struct roster_pool *pool, const struct presence *presence);

/* @roster with the changes made. The caller gets a reference, and keeps that of @roster. */
struct roster *roster_changed(struct roster *roster, const struct roster_changes *changes);

struct roster *roster_ref(struct roster *roster);
void roster_unref(struct roster *roster);

#endif
