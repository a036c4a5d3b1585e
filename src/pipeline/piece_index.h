/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * S2's index: which pieces this node has handed out and is still owed, in some bits for each. Open
 * transactions have a table of their own; the index remembers the finished ones too. So an answer is
 * told apart before it costs a decapsulation: for a piece that was never handed out (ERR_UNKNOWN) or
 * just late (ERR_STALE). It never denies a piece whose hold lasts.
 *
 *   cuckoo  12-bit fingerprints, deleted when the hold ends by this node's clock: 0.2 % false
 *           positives, 12.6 bits for each piece at full load; doubles when it is full. The default:
 *           it is smaller than two Bloom generations, errs less and forgets on time.
 *   bloom   two generations of 10 bits a piece; the older one is cleared every hold time, so a piece
 *           is remembered for one to two of them. 0.8 % each while no more pieces come than
 *           PIECE_INDEX_ITEMS in a hold time, more beyond. Needs no list of what to delete.
 *
 * Memory is taken with the first piece: most nodes never send. */
#ifndef TIERCHAIN_PIPELINE_PIECE_INDEX_H
#define TIERCHAIN_PIPELINE_PIECE_INDEX_H

#include "env/env.h"
#include "filter/bloom.h"
#include "filter/cuckoo.h"

enum piece_index_kind { PIECE_INDEX_CUCKOO, PIECE_INDEX_BLOOM };

#define PIECE_INDEX_ITEMS 1024 /* of a Bloom generation */

/* Pieces 0 … count - 1 of one transaction. */
struct indexed_pieces {
    uint64_t number; /* the sender's */
    time_ns expiry;
    uint32_t count;
};

struct piece_index {
    struct env *env;
    enum piece_index_kind kind;
    time_ns ttl; /* of a hold */
    struct timer timer;
    uint8_t *memory; /* of the filters; NULL before the first piece */
    /* cuckoo */
    struct cuckoo cuckoo;
    struct rng kicks;
    struct indexed_pieces *queue; /* a ring in order of entry, which is the order of expiry unless
                                     the clock was put back */
    size_t first, queued, capacity;
    /* bloom */
    struct bloom generations[2]; /* the younger one first */
    time_ns turns_at;            /* by this node's clock */
    size_t added[2];             /* to each generation */
};

void piece_index_init(struct piece_index *index, struct env *env, enum piece_index_kind kind,
                      time_ns ttl);
void piece_index_deinit(struct piece_index *index);

/* Enters the first @count pieces of transaction @number, whose hold ends a hold time from now by
 * this node's clock. ERR_LIMIT: no more room; then nothing is entered. */
int piece_index_add(struct piece_index *index, uint64_t number, uint32_t count);

/* Charges its look-up. */
bool piece_index_has(struct piece_index *index, uint64_t number, uint32_t piece);

/* Pieces entered and not yet forgotten. */
size_t piece_index_count(const struct piece_index *index);

#endif
