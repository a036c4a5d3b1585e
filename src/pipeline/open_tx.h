/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One transaction under way, as its sender sees it. Private to the pipeline's files. */
#ifndef TIERCHAIN_PIPELINE_OPEN_TX_H
#define TIERCHAIN_PIPELINE_OPEN_TX_H

#include <uthash.h>

#include "env/ask.h"
#include "pipeline/sender.h"

/* What S3 asked one holder for, and what it answered. */
struct hold_slot {
    node_id holder;
    uint64_t nonce;
    struct digest root; /* over the blocks of the piece */
    uint64_t stamp;     /* of the promise */
    bool acked;
    struct frame *request; /* as sent, for a retry */
    struct frame *piece;
    uint8_t *signature; /* of the promise */
};

struct open_tx {
    uint64_t number;
    UT_hash_handle hh;
    struct sender *sender;
    struct digest id;
    struct digest content;
    struct digest commitment; /* to all pieces */
    uint32_t size;
    uint32_t piece_size;
    time_ns expiry; /* of the promises, by the node's clock */
    enum tx_stage stage;
    uint8_t proof[VRF_PROOF_SIZE];
    uint8_t lot[VRF_OUTPUT_SIZE];
    struct hold_slot slots[LIMIT_CANDIDATES];
    uint32_t slot_count;
    uint32_t acked;
    bool token;
    bool asked_late;                        /* once more after the promises had expired */
    bool acknowledged;                      /* by enough representatives */
    uint64_t height;                        /* at which the city has ordered it; 0: not known yet */
    uint32_t rounds;                        /* of promises, before the present one */
    struct frame *record;                   /* tx.submit as sent, for a retry */
    uint64_t reply_height[LIMIT_COMMITTEE]; /* by member; 0: no reply yet */
    uint64_t ack_height[LIMIT_COMMITTEE];   /* by representative; 0: none yet */
    struct ask check;                       /* of the token */
    struct ask ask;                         /* of the present stage */
};

/* The open transaction of that number, or NULL. */
struct open_tx *sender_find(const struct sender *sender, uint64_t number);

#endif
