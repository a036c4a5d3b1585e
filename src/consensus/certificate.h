/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Votes and certificates, shared by all variants (protocols.md 0).
 *
 * A *statement* is what a vote says. What is signed are these 67 bytes, little endian:
 *
 *   "tierchain/vote/1" (16) · u8 kind · u16 channel · u64 view · u64 sequence · digest block
 *
 * The kind names the protocol and its phase, so that no vote can be replayed as another one; the
 * channel names the committee. A *certificate* is a statement, the bitmap of its signers and the
 * proof that they signed it, as the committee's scheme makes it (scheme.h):
 *
 *   u8 kind · u64 view · u64 sequence · digest block · u16 members · bitmap · proof
 *
 * The channel is that of the envelope. Signers are distinct by construction: a bit is a member.
 * There is no bitmap where the scheme does not name signers. */
#ifndef TIERCHAIN_CONSENSUS_CERTIFICATE_H
#define TIERCHAIN_CONSENSUS_CERTIFICATE_H

#include "base/cursor.h"
#include "consensus/scheme.h"
#include "env/env.h"

#define STATEMENT_BYTES    67
#define BITMAP_BYTES_MAX   (LIMIT_COMMITTEE / 8)
#define CERTIFICATE_MEMORY 16 /* verified certificates that an instance remembers */

enum vote_kind {
    VOTE_HOTSTUFF = 1,         /* for the block of a view; sequence 0 */
    VOTE_HOTSTUFF_TIMEOUT = 2, /* that a view has failed; block zero, sequence 0 */
    VOTE_PBFT_PREPARE = 3,
    VOTE_PBFT_COMMIT = 4,
    VOTE_PBFT_CHECKPOINT = 5,
    VOTE_KIND_LAST = VOTE_PBFT_CHECKPOINT,
};

struct statement {
    enum vote_kind kind;
    uint16_t channel;
    uint64_t view;
    uint64_t sequence;
    struct digest block;
};

void statement_encode(const struct statement *statement, uint8_t out[STATEMENT_BYTES]);
bool statement_equal(const struct statement *a, const struct statement *b);

/* Sign with the own key; check another's signature. Both charge their work. */
void statement_sign(struct env *env, const struct statement *statement, uint8_t *signature);
bool statement_verify(struct env *env, node_id signer, const struct statement *statement,
                      const uint8_t *signature);

/* Votes of distinct members about one (kind, view, sequence); members may name different blocks. */
struct vote_set {
    const struct certification *certification; /* borrowed; NULL: not initialised */
    uint32_t count;
    uint8_t voted[BITMAP_BYTES_MAX];
    struct digest *blocks; /* per member */
    uint8_t *signatures;   /* per member */
};

void vote_set_init(struct vote_set *set, const struct certification *certification);
void vote_set_deinit(struct vote_set *set);

/* Whether the member voted for @block. */
bool vote_set_has(const struct vote_set *set, uint32_t member, const struct digest *block);

/* Whether the member's vote would be new: OK, ERR_DUPLICATE (the same block again) or ERR_CONFLICT
 * (another block). To be asked before the signature is verified, which is what costs. */
int vote_set_check(const struct vote_set *set, uint32_t member, const struct digest *block);

/* Adds a vote that passed the check and whose signature is good. */
void vote_set_add(struct vote_set *set, uint32_t member, const struct digest *block,
                  const uint8_t *signature);

/* How many members voted for @block. */
uint32_t vote_set_count(const struct vote_set *set, const struct digest *block);

/* The signature of a member that voted. */
const uint8_t *vote_set_signature(const struct vote_set *set, uint32_t member);

/* A certificate in place: a parsed view of its canonical bytes, which @frame keeps alive. */
struct certificate {
    struct statement statement;
    uint32_t signers;      /* those the proof claims */
    const uint8_t *bitmap; /* of them; NULL when the scheme does not name them */
    const uint8_t *proof;
    const uint8_t *bytes;
    size_t size;
    struct frame *frame; /* NULL while there is no certificate */
};

/* Makes a certificate of @statement from the first @needed members that voted for its block; holds
 * a frame of its own. ERR_NOT_ENOUGH. Charges what the scheme takes. With a scheme that needs a
 * signing round only nobody's certificate can be made so (@needed = 0). */
int vote_set_certify(const struct vote_set *set, struct env *env, const struct statement *statement,
                     uint32_t needed, struct certificate *certificate);

/* Makes a certificate of @statement whose proof came out of a signing round. */
void certificate_make(const struct certification *certification, const struct statement *statement,
                      const uint8_t *proof, struct certificate *certificate);

/* Reads one; borrows @frame, in whose bytes @reader moves. Errors are the reader's: ERR_TRUNCATED,
 * ERR_INVALID (kind), ERR_MISMATCH (another committee size), ERR_NON_CANONICAL (stray bits). */
void certificate_read(struct certificate *certificate, struct reader *reader,
                      const struct certification *certification, struct frame *frame);
void certificate_write(const struct certificate *certificate, struct writer *writer);

/* Makes @to hold the certificate with a reference of its own, giving back what it held before. */
void certificate_keep(struct certificate *to, const struct certificate *from);
void certificate_drop(struct certificate *certificate);

/* The certificates that were verified last, so that the same one is verified once only. */
struct certificate_memory {
    struct digest known[CERTIFICATE_MEMORY];
    uint32_t count;
    uint32_t next;
};

/* Takes note of a certificate made here, of votes that were verified one by one. */
void certificate_remember(struct certificate_memory *memory, struct env *env,
                          const struct certificate *certificate);

/* OK when at least @needed members signed and the proof is good; else ERR_CERTIFICATE (too few) or
 * ERR_SIGNATURE. Charges what the scheme takes, or one hash when remembered. */
int certificate_verify(struct certificate_memory *memory, struct env *env,
                       const struct certification *certification,
                       const struct certificate *certificate, uint32_t needed);

/* The size of a certificate with so many signers. */
size_t certificate_bytes(const struct certification *certification, uint32_t signers);

/* Reads a bitmap of @members, NULL after an error; stray bits are ERR_NON_CANONICAL. */
const uint8_t *bitmap_read(struct reader *reader, uint32_t members, uint32_t *count);

static inline size_t bitmap_bytes(uint32_t members) {
    return (members + 7) / 8;
}

static inline void bitmap_add(uint8_t *bitmap, uint32_t index) {
    bitmap[index / 8] |= (uint8_t)(1u << (index % 8));
}

static inline bool bitmap_has(const uint8_t *bitmap, uint32_t index) {
    return (bitmap[index / 8] >> (index % 8) & 1) != 0;
}

#endif
