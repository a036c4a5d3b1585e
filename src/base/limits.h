/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything has a limit, and every limit stands here. */
#ifndef TIERCHAIN_BASE_LIMITS_H
#define TIERCHAIN_BASE_LIMITS_H

#define LIMIT_NODES             20000       /* nodes of one simulated world */
#define LIMIT_COMMITTEE         256         /* members of one committee */
#define LIMIT_FRAME_BYTES       (16u << 20) /* one message, header included */
#define LIMIT_BATCH_BYTES       (8u << 20)  /* the payload of one block */
#define LIMIT_TRANSACTION_BYTES (1u << 20)  /* the content of one transaction */
#define LIMIT_PIECES            255         /* erasure-coded pieces of one transaction */
#define LIMIT_CANDIDATES        64          /* nodes that S1 ranks for one transaction */
#define LIMIT_SIGNATURE_BYTES   3309        /* the largest suite: ML-DSA-65 */
#define LIMIT_PUBLIC_KEY_BYTES  1952        /* ML-DSA-65 */
#define LIMIT_SECRET_KEY_BYTES  4032        /* ML-DSA-65 */
#define LIMIT_FUTURE_MESSAGES   64          /* buffered per peer for views not yet entered */
#define LIMIT_MEMPOOL           65536       /* pending transactions of one committee member */
#define LIMIT_ORDERED           (4u << 20) /* ordered records that one member remembers (tier/once.h) */
#define LIMIT_OPEN_TRANSACTIONS 4096       /* own transactions in the pipeline of one node */
#define LIMIT_AUDITS            4096       /* audits that one node plans or waits for */
#define LIMIT_CLOCK_AHEAD_MS    500        /* a stamp further ahead of a node's clock is refused */
#define LIMIT_SHARDS            1024       /* shards of one epoch */
#define LIMIT_TRANSFER_PARTS    16         /* accounts that one transfer touches */
#define LIMIT_SHARD_ACCOUNTS    (1u << 20) /* of one shard */
#define LIMIT_SHARD_SESSIONS    4096       /* transfers that one shard has not finished */

_Static_assert(LIMIT_BATCH_BYTES < LIMIT_FRAME_BYTES, "a block must fit into a frame");

#endif
