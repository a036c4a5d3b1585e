/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A *record* is what a city orders: not the content (holders have its pieces) but the proof that
 * enough holders chosen by lot hold it: their promises (hold/promise.h), opened by the sender. The
 * encoding is canonical. */
#ifndef TIERCHAIN_PIPELINE_RECORD_H
#define TIERCHAIN_PIPELINE_RECORD_H

#include "base/cursor.h"
#include "base/limits.h"
#include "crypto/identity.h"
#include "hold/promise.h"

/* What one promise adds to the record's own fields. */
struct record_promise {
    node_id holder;
    uint16_t index;
    uint64_t nonce;
    uint64_t stamp;
    struct digest root;       /* over the blocks of the piece */
    const uint8_t *signature; /* in place */
};

struct tx_record {
    struct digest id; /* transaction_id */
    struct digest content;
    struct digest commitment;
    node_id origin;
    uint64_t number;
    time_ns expiry; /* of every promise; above 0 */
    uint32_t size;  /* of the content, 1 … LIMIT_TRANSACTION_BYTES */
    uint8_t pieces;
    uint8_t needed;                /* 1 … pieces */
    uint8_t proof[VRF_PROOF_SIZE]; /* the lot that chose the holders: VRF over the id */
    uint8_t promise_count;
    struct record_promise promises[LIMIT_CANDIDATES];
};

size_t tx_record_bytes(const struct tx_record *record, size_t signature_bytes);
void tx_record_write(struct writer *writer, const struct tx_record *record, size_t signature_bytes);

/* Reads a record in place. Errors: as of the cursor; ERR_LIMIT for too many promises, ERR_INVALID
 * for a field out of range. */
int tx_record_read(const uint8_t *bytes, size_t size, size_t signature_bytes,
                   struct tx_record *record);

/* The promise at @at, put together as its holder signed it. */
void tx_record_promise(const struct tx_record *record, size_t at, struct promise *promise);

/* Checks a record and gives its lot: its id, at least @acks promises by distinct holders for distinct pieces, each
 * signed, and the sender's lot. Not whether they have expired: what a committee votes on must not depend on
 * each member's clock. Errors: ERR_MISMATCH (the id), ERR_NOT_ENOUGH, ERR_DUPLICATE, ERR_INVALID, ERR_PROOF,
 * ERR_SIGNATURE. */
int tx_record_verify(struct env *env, const struct tx_record *record, uint32_t acks,
                     uint8_t lot[VRF_OUTPUT_SIZE]);

/* BLAKE2b over the content, under every crypto provider: the id steers who holds what. */
void transaction_content(struct digest *digest, const void *content, size_t size);

/* The transaction's identity: BLAKE2b over u32 origin, u64 number, u64 expiry and the content's
 * digest. It binds the expiry, so that a city need not remember an id beyond it (tier/once.h): what
 * comes later under another expiry is another transaction. */
void transaction_id(struct digest *id, node_id origin, uint64_t number, time_ns expiry,
                    const struct digest *content);

#endif
