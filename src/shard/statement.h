/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What one shard says to another about a session, and the proof that it did. A member signs what its
 * shard's chain has ordered; f + 1 equal statements of distinct members hold one of a correct
 * member, which suffices: correct members of one chain say the same.
 *
 * A statement binds epoch, speaker, listener, session and *ticket*. The ticket is the number of the
 * lock in the remote shard, counted by that shard and never given twice: an old decision can't
 * settle a lock that a replayed request took anew. Sonnino et al. bind a session sequence number
 * that shards keep for the same end. What is signed, little endian:
 *
 *   "tierchain/shard1" (16) · u8 word · u32 epoch · u16 speaker · u16 listener · digest session ·
 *   u64 ticket
 *
 * A proof: statement (without the tag) · u32 attempt · bitmap of signers · exactly f + 1 signatures
 * in ascending order of the members. */
#ifndef TIERCHAIN_SHARD_STATEMENT_H
#define TIERCHAIN_SHARD_STATEMENT_H

#include "base/cursor.h"
#include "consensus/committee.h"
#include "crypto/identity.h"

#define SHARD_STATEMENT_BYTES (1 + 4 + 2 + 2 + DIGEST_BYTES + 8)

enum shard_word {
    SHARD_ACCEPT = 1, /* remote to home: locked under this ticket, until you decide */
    SHARD_REJECT,     /* remote to home: not possible here; ticket 0 */
    SHARD_COMMIT,     /* home to remote: decided, for the lock of this ticket */
    SHARD_ABORT,      /* home to remote: likewise */
    SHARD_SETTLED,    /* remote to home: the lock of this ticket is gone; you may forget */
    SHARD_WORD_LAST = SHARD_SETTLED,
};

struct shard_statement {
    enum shard_word word;
    uint32_t epoch;
    uint16_t speaker;
    uint16_t listener;
    struct digest session;
    uint64_t ticket;
};

/* The committees of all shards in an epoch; shared and read-only. */
struct shard_map {
    uint32_t epoch;
    uint16_t count;                     /* <= LIMIT_SHARDS */
    uint16_t channel;                   /* of shard 0's messages; shard i has channel + i */
    const struct committee *committees; /* borrowed */
};

bool shard_statement_equal(const struct shard_statement *a, const struct shard_statement *b);
void shard_statement_write(struct writer *writer, const struct shard_statement *statement);

/* Errors: as of the cursor; ERR_INVALID for a word, ERR_NON_CANONICAL for a ticket that a rejection
 * can't have or that others must have. */
void shard_statement_read(struct reader *reader, struct shard_statement *statement);

/* Sign with the own key; check another's signature. Both charge their work. */
void shard_statement_sign(struct env *env, const struct shard_statement *statement,
                          uint8_t *signature);
bool shard_statement_verify(struct env *env, node_id signer,
                            const struct shard_statement *statement, const uint8_t *signature);

struct shard_proof {
    struct shard_statement statement;
    uint32_t attempt;          /* tells repeated orderings of one proof apart; says nothing */
    const uint8_t *bitmap;     /* in place; (members + 7) / 8 bytes */
    const uint8_t *signatures; /* in place; f + 1 */
};

size_t shard_proof_bytes(const struct committee *speaker, size_t signature_bytes);
void shard_proof_write(struct writer *writer, const struct shard_proof *proof,
                       const struct committee *speaker, size_t signature_bytes);

/* Reads one in place. Errors: of the statement; ERR_UNKNOWN for a speaker that does not exist,
 * ERR_NON_CANONICAL for stray bits, ERR_NOT_ENOUGH when it is not f + 1 that signed. */
void shard_proof_read(struct reader *reader, struct shard_proof *proof, const struct shard_map *map,
                      size_t signature_bytes);

/* 0; ERR_STALE for another epoch; ERR_SIGNATURE. */
int shard_proof_verify(struct env *env, const struct shard_proof *proof,
                       const struct shard_map *map);

#endif
