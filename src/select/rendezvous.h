/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rendezvous hashing, highest random weight (Thaler, Ravishankar 1996/1998): every node gets a
 * pseudo-random score for a key and the best nodes own it. A leaving node moves only its own keys,
 * a joining one takes 1/(n+1) of them.
 *
 * The hash is SipHash-2-4 under a public, fixed key of (node id, key). Whoever may choose node ids
 * can grind for keys: ids must come from an epoch's certified list. Integers only, so that every
 * machine ranks alike. */
#ifndef TIERCHAIN_SELECT_RENDEZVOUS_H
#define TIERCHAIN_SELECT_RENDEZVOUS_H

#include "base/types.h"

#define RENDEZVOUS_KEY_LIMIT     64 /* bytes; a longer key is for the caller to digest */
#define RENDEZVOUS_FRACTION_BITS 57 /* of rendezvous_negative_log2 */

struct rendezvous_node {
    node_id id;
    uint32_t weight; /* the node's share is weight / sum of weights; 0 is never chosen */
};

/* A chosen node with its score: distance / weight, the smallest is the best. */
struct rendezvous_rank {
    uint64_t distance;
    uint32_t weight;
    node_id id;
};

/* SipHash-2-4 of the id, 4 bytes little endian, followed by the key. @size <= RENDEZVOUS_KEY_LIMIT
 * (asserted). */
uint64_t rendezvous_hash(node_id id, const void *key, size_t size);

/* -log2((hash + 1/2) / 2^64) in units of 2^-57: at least 1, at most 65 * 2^57, never below the true
 * value and less than two units above it. Never rises with @hash. */
uint64_t rendezvous_negative_log2(uint64_t hash);

/* True when @a ranks before @b: smaller distance/weight, compared exactly; the larger id on a tie.
 * A total order over distinct ids. */
bool rendezvous_before(const struct rendezvous_rank *a, const struct rendezvous_rank *b);

/* The @wanted best of @count nodes for the key, best first, into @out (room for @wanted). The ids
 * must be distinct; the order of the list does not matter. Returns how many were chosen:
 * min(@wanted, @count), or ERR_INVALID for a key longer than RENDEZVOUS_KEY_LIMIT. */
int rendezvous_select(const node_id *nodes, size_t count, const void *key, size_t size,
                      struct rendezvous_rank *out, size_t wanted);

/* The same with each node scored -weight / ln(u), u uniform in (0, 1): shares are proportional to
 * the weights, and a changed weight moves keys only from or to its node. Nodes of weight 0 do not
 * count. Errors as above. */
int rendezvous_select_weighted(const struct rendezvous_node *nodes, size_t count, const void *key,
                               size_t size, struct rendezvous_rank *out, size_t wanted);

/* W_rand of the original paper (also RFC 8584 3.2), modulo 2^31: a weak hash, kept to compare with.
 * @digest is a 31-bit digest of the key. */
uint32_t rendezvous_w_rand(uint32_t server, uint32_t digest);

#endif
