/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Audits: does a holder still have the piece that it promised to keep? An auditor asks for some of
 * its blocks, drawn by lot, and the holder answers with these blocks and their Merkle branches (a
 * proof of retrievability by spot checks: Juels, Kaliski, CCS 07).
 *
 * Blocks are drawn independently of each other, so that a holder who lost a share d of them is
 * found out with probability 1 - (1 - d)^c by c blocks. The lot is the auditor's VRF over the
 * challenge: it can't choose blocks to its liking, nor can the holder foresee them.
 *
 * What it does not show: that the holder keeps the piece itself. It may fetch the blocks from
 * someone else, which only the deadline limits. Answers bear no signature: the link authenticates.
 *
 * Pure functions; the caller charges the work. Stack: below 16 KiB besides the suite's. */
#ifndef TIERCHAIN_HOLD_AUDIT_H
#define TIERCHAIN_HOLD_AUDIT_H

#include "base/cursor.h"
#include "base/limits.h"
#include "crypto/merkle.h"
#include "crypto/suite.h"

#define AUDIT_BLOCK_BYTES 256 /* a leaf; the last one of a piece may be shorter */
#define AUDIT_BLOCKS_MAX  (LIMIT_TRANSACTION_BYTES / AUDIT_BLOCK_BYTES)
#define AUDIT_COUNT_MAX                                                                            \
    512 /* blocks of one challenge; 460 find a loss of 1 % in 99 of 100 cases \
                               */

/* The body of MESSAGE_AUDIT_CHALLENGE. */
struct audit_challenge {
    struct digest id;   /* of the transaction whose piece is meant */
    struct digest root; /* Merkle root over the blocks of the piece */
    uint32_t size;      /* of the piece in bytes, 1 … LIMIT_TRANSACTION_BYTES */
    node_id auditor;
    node_id holder;
    uint64_t round;                /* rises with every challenge of this auditor for this piece */
    time_ns deadline;              /* an answer that comes later counts as none; not negative */
    uint16_t count;                /* blocks to show, 1 … AUDIT_COUNT_MAX */
    uint8_t proof[VRF_PROOF_SIZE]; /* the lot: the auditor's VRF over all fields above */
};

#define AUDIT_CHALLENGE_BYTES (2 * DIGEST_BYTES + 4 + 4 + 4 + 8 + 8 + 2 + VRF_PROOF_SIZE)

void audit_challenge_write(struct writer *writer, const struct audit_challenge *challenge);
/* A field out of its range is ERR_INVALID in the reader. */
void audit_challenge_read(struct reader *reader, struct audit_challenge *challenge);

/* The blocks that a lot drew, in its order; one may come twice. */
struct audit_draw {
    uint16_t count;
    uint16_t blocks[AUDIT_COUNT_MAX];
};

/* The auditor's side: fills in the lot and says what it drew. @vrf_seed has SUITE_SEED_BYTES.
 * ERR_INVALID: a field is out of its range. */
int audit_challenge_prove(const struct suite *suite, const uint8_t *vrf_seed,
                          const uint8_t vrf_key[VRF_KEY_SIZE], struct audit_challenge *challenge,
                          struct audit_draw *draw);

/* Checks the auditor's lot and says what it drew. ERR_INVALID: as above; ERR_PROOF. */
int audit_challenge_draw(const struct suite *suite, const uint8_t vrf_key[VRF_KEY_SIZE],
                         const struct audit_challenge *challenge, struct audit_draw *draw);

/* The blocks that a VRF output draws from a piece of @size bytes. The bias is below 2^-40. */
void audit_draw_blocks(const uint8_t output[VRF_OUTPUT_SIZE], uint32_t size, uint16_t count,
                       struct audit_draw *draw);

size_t audit_block_count(uint32_t size);

/* The leaf hashes of a piece into @leaves, audit_block_count(size) of them; merkle_tree_init makes
 * the tree. */
void audit_leaves(const uint8_t *piece, uint32_t size, struct digest *leaves);

/* The tree's root from its leaves alone, without the tree. */
void audit_root(const struct digest *leaves, size_t count, struct digest *root);

/* What an answer names its challenge by: the digest of its encoding. */
void audit_challenge_digest(const struct audit_challenge *challenge, struct digest *out);

/* Whether the holder @self answers a challenge at @now: OK, and *@round is the challenge's, which
 * must be above it. ERR_MISMATCH: it is for someone else; ERR_EXPIRED; ERR_STALE: a repeated round.
 */
int audit_admit(const struct audit_challenge *challenge, node_id self, time_ns now,
                uint64_t *round);

/* The answer, the body of MESSAGE_AUDIT_RESPONSE: digest of the challenge, then for each drawn
 * block its bytes and its branch. All lengths follow from the challenge. */
size_t audit_response_bytes(const struct audit_challenge *challenge, const struct audit_draw *draw);
void audit_response_write(struct writer *writer, const struct audit_challenge *challenge,
                          const struct audit_draw *draw, const struct merkle_tree *tree,
                          const uint8_t *piece);

/* The auditor's open challenge. */
struct audit {
    struct audit_challenge challenge;
    struct audit_draw draw;
    bool answered;
};

/* Judges an answer that came at @now; OK closes the audit. ERR_DUPLICATE: it is closed;
 * ERR_EXPIRED; ERR_STALE: the answer to another challenge; ERR_TRUNCATED, ERR_TRAILING; ERR_PROOF:
 * a block or a branch is wrong. */
int audit_judge(struct audit *audit, time_ns now, const void *bytes, size_t size);

/* The chance that a holder who lost @lost of @blocks blocks passes @count draws, in units of 2^-48,
 * rounded down at each draw. @blocks in 1 … AUDIT_BLOCKS_MAX, @lost <= @blocks. */
#define AUDIT_CERTAIN (UINT64_C(1) << 48)
uint64_t audit_miss_chance(size_t blocks, size_t lost, size_t count);

#endif
