/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A transfer between accounts of one or more shards. Its *session* is the digest of everything that
 * it says, so that no vote about one transfer can stand for another, nor for another attempt at the
 * same payment, which has another number (Sonnino, Bano, Al-Bassam, Danezis, "Replay attacks and
 * defenses against cross-shard consensus", EuroS&P 20).
 *
 *   u32 epoch · u32 origin · u64 number · u8 sender · u8 parts · per part:
 *   u16 shard · u8 debit (0, 1) · u64 account · u64 amount; then the origin's signature */
#ifndef TIERCHAIN_SHARD_TRANSFER_H
#define TIERCHAIN_SHARD_TRANSFER_H

#include "base/cursor.h"
#include "base/limits.h"
#include "crypto/identity.h"

#define TRANSFER_AMOUNT_MAX  (UINT64_C(1) << 48) /* of one part: no sum of them can overflow */
#define TRANSFER_FIXED_BYTES (4 + 4 + 8 + 1 + 1)
#define TRANSFER_PART_BYTES  (2 + 1 + 8 + 8)
#define TRANSFER_BYTES_MAX                                                                         \
    (TRANSFER_FIXED_BYTES + LIMIT_TRANSFER_PARTS * TRANSFER_PART_BYTES + LIMIT_SIGNATURE_BYTES)

struct transfer_part {
    uint16_t shard;
    bool debit;
    uint64_t account;
    uint64_t amount; /* 1 … TRANSFER_AMOUNT_MAX */
};

struct transfer {
    uint32_t epoch;  /* of the committees that may speak about it */
    node_id origin;  /* who signs; owns all debited accounts */
    uint64_t number; /* rises with every transfer that names the same sender */
    uint8_t sender;  /* the debit whose account counts the numbers; its shard is the home shard */
    uint8_t part_count;
    struct transfer_part parts[LIMIT_TRANSFER_PARTS]; /* ascending by shard, then account */
    const uint8_t *signature;                         /* in place */
};

size_t transfer_bytes(const struct transfer *transfer, size_t signature_bytes);

/* Writes all fields, the signature last. */
void transfer_write(struct writer *writer, const struct transfer *transfer, size_t signature_bytes);

/* Reads one in place, and checks what can be checked without state. Errors: as of the cursor;
 * ERR_LIMIT (parts), ERR_NON_CANONICAL (order, an account twice, a flag), ERR_INVALID (amounts,
 * debits and credits differ, the sender is no debit). */
void transfer_read(struct reader *reader, struct transfer *transfer, size_t signature_bytes);

/* The session: BLAKE2b over all but the signature. */
void transfer_session(const struct transfer *transfer, struct digest *session);

/* The origin signs a session; checks that it did. Both charge their work. */
void transfer_sign(struct env *env, const struct digest *session, uint8_t *signature);
bool transfer_verify(struct env *env, const struct transfer *transfer,
                     const struct digest *session);

/* The shards that it touches, ascending, into @shards. Returns how many. */
size_t transfer_shards(const struct transfer *transfer, uint16_t shards[LIMIT_TRANSFER_PARTS]);

static inline uint16_t transfer_home(const struct transfer *transfer) {
    return transfer->parts[transfer->sender].shard;
}

#endif
