/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HotStuff's messages. All encodings are canonical; decoding checks form only, never signatures.
 *
 *  - block: u64 view · u64 parent view · digest parent · blob payload
 *  - PROPOSAL: block · certificate of the parent · timeout certificate of view - 1, there exactly
 *    when the parent is not of view - 1: so a proposal proves that its view has begun
 *  - VOTE: u64 view · digest block · signature · commitment (FROST only)
 *  - NEW_VIEW: u64 failed view · signature · highest certificate · optional timeout certificate
 *  - FETCH: u64 view · digest · highest certificate: what follows this block, on the way to the
 *    highest certificate?
 *  - BLOCKS: u16 count · blocks, each the parent of the next · certificate of the last (of an older
 *    block when there is none) · optional timeout certificate
 *  - SIGN (FROST only): u64 view · digest block · u16 attempt · bitmap of a quorum of signers · their
 *    commitments, ascending
 *  - SHARE (FROST only): u64 view · u16 attempt · scalar · commitment for a further attempt
 *
 * optional: u8 0, or u8 1 and a timeout certificate newer than the certificate before it.
 * commitment: two elements, hiding and binding. */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_MESSAGES_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_MESSAGES_H

#include "consensus/certificate.h"
#include "consensus/consensus.h"
#include "crypto/group.h"

#define HOTSTUFF_VIEW_LIMIT       (UINT64_C(1) << 40) /* trace points hold 40 bits of a view */
#define HOTSTUFF_COMMITMENT_BYTES (2 * ELEMENT_BYTES) /* hiding, binding */
#define HOTSTUFF_BLOCKS_COUNT     64                  /* blocks of one BLOCKS message … */
#define HOTSTUFF_BLOCKS_BYTES     (1u << 20) /* … whose payloads stay below, but for one */

struct block_content {
    uint64_t view;
    uint64_t parent_view;
    struct digest parent;
    struct batch payload; /* empty for a block that only completes its ancestors */
};

struct proposal {
    struct block_content block;
    struct certificate justify;
    struct certificate timeout; /* frame NULL when absent */
};

struct vote {
    uint64_t view;
    struct digest block;
    const uint8_t *signature;
    const uint8_t *commitment; /* HOTSTUFF_COMMITMENT_BYTES; NULL without signing rounds */
};

struct new_view {
    uint64_t view;
    const uint8_t *signature;
    struct certificate high;
    struct certificate timeout; /* frame NULL when absent */
};

struct fetch {
    uint64_t view;
    struct digest block;
    struct certificate high;
};

struct blocks {
    uint32_t count;
    struct block_content list[HOTSTUFF_BLOCKS_COUNT];
    struct certificate certificate;
    struct certificate timeout; /* frame NULL when absent */
};

/* A collector's request for shares of one signature by these signers, a quorum. */
struct sign_request {
    uint64_t view;
    struct digest block;
    uint32_t attempt;
    const uint8_t *signers; /* bitmap */
    uint32_t count;
    const uint8_t *commitments; /* of the signers, ascending */
};

/* The answer, with the commitment to the nonces for a further attempt. */
struct sign_share {
    uint64_t view;
    uint32_t attempt;
    const uint8_t *scalar;
    const uint8_t *commitment;
};

/* Decoded messages borrow from the message's frame. Errors: the cursor's; ERR_INVALID (a view out
 * of range, a certificate of another kind), ERR_MISMATCH (parts that contradict each other),
 * ERR_LIMIT (payload, count), ERR_NON_CANONICAL. */
int proposal_decode(struct proposal *out, const struct certification *certification,
                    const struct message *message);
int vote_decode(struct vote *out, const struct certification *certification,
                const struct message *message);
int new_view_decode(struct new_view *out, const struct certification *certification,
                    const struct message *message);
int sign_decode(struct sign_request *out, const struct certification *certification,
                const struct message *message);
int share_decode(struct sign_share *out, const struct message *message);
int fetch_decode(struct fetch *out, const struct certification *certification,
                 const struct message *message);
int blocks_decode(struct blocks *out, const struct certification *certification,
                  const struct message *message);

/* New frames with one reference. */
struct frame *proposal_encode(const struct proposal *proposal,
                              const struct certification *certification);
struct frame *vote_encode(const struct vote *vote, const struct certification *certification);
struct frame *new_view_encode(const struct new_view *new_view,
                              const struct certification *certification);
struct frame *sign_encode(const struct sign_request *request,
                          const struct certification *certification);
struct frame *share_encode(const struct sign_share *share,
                           const struct certification *certification);
struct frame *fetch_encode(const struct fetch *fetch, const struct certification *certification);
struct frame *blocks_encode(const struct blocks *blocks, const struct certification *certification);

/* A block by itself, as the journal keeps it. */
size_t block_content_bytes(const struct block_content *block);
void block_content_write(const struct block_content *block, struct writer *writer);
void block_content_read(struct block_content *block, struct reader *reader);

/* The block's id, the digest of these 98 bytes:
 *   "tierchain/block1" (16) · u16 channel · u64 view · u64 parent view · digest parent ·
 *   digest of the payload */
void block_content_id(struct env *env, uint16_t channel, const struct block_content *block,
                      struct digest *id);

#endif
