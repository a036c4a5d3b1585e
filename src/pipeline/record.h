/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the pipeline's nodes tell each other about a transaction. All encodings are canonical.
 *
 * A *record* is what a city orders: not the content (holders have its pieces) but the proof that
 * enough holders chosen by lot hold it. */
#ifndef TIERCHAIN_PIPELINE_RECORD_H
#define TIERCHAIN_PIPELINE_RECORD_H

#include "base/cursor.h"
#include "base/limits.h"
#include "crypto/identity.h"

/* S3: a promise that a node is asked for. Signed by the sender of the transaction. */
struct hold_request {
    struct digest id;   /* of the transaction */
    struct digest root; /* fragment_commitment: Merkle root over the pieces, with their sizes */
    uint64_t number;    /* the sender's number for it */
    uint64_t nonce;     /* an answer to another request can't be replayed */
    time_ns expiry;     /* until when the piece is to be held */
    uint16_t index;     /* of the piece */
};

/* The promise. Signed by the holder. */
struct hold_ack {
    struct digest id;
    struct digest root;
    uint64_t number;
    uint64_t nonce;
    uint64_t stamp; /* hybrid logical time of the holder */
    time_ns expiry;
    uint16_t index;
};

/* One promise as a record carries it; id, root and expiry are the record's. */
struct record_ack {
    node_id holder;
    uint16_t index;
    uint64_t nonce;
    uint64_t stamp;
    const uint8_t *signature; /* in place */
};

struct tx_record {
    struct digest id;
    struct digest root;
    node_id origin;
    uint64_t number;
    time_ns expiry;
    uint32_t size;
    uint8_t pieces;
    uint8_t needed;
    uint8_t proof[VRF_PROOF_SIZE]; /* the lot that chose the holders: VRF over the id */
    uint8_t ack_count;
    struct record_ack acks[LIMIT_CANDIDATES];
};

/* Bytes that a signature covers, with a domain tag in front. Returns their size. */
#define HOLD_SIGNED_BYTES 128
size_t hold_request_signed(const struct hold_request *request, uint8_t bytes[HOLD_SIGNED_BYTES]);
size_t hold_ack_signed(const struct hold_ack *ack, uint8_t bytes[HOLD_SIGNED_BYTES]);

void hold_request_write(struct writer *writer, const struct hold_request *request);
void hold_request_read(struct reader *reader, struct hold_request *request);
#define HOLD_REQUEST_BYTES (2 * DIGEST_BYTES + 8 + 8 + 8 + 2)

void hold_ack_write(struct writer *writer, const struct hold_ack *ack);
void hold_ack_read(struct reader *reader, struct hold_ack *ack);
#define HOLD_ACK_BYTES (2 * DIGEST_BYTES + 8 + 8 + 8 + 8 + 2)

size_t tx_record_bytes(const struct tx_record *record, size_t signature_bytes);
void tx_record_write(struct writer *writer, const struct tx_record *record, size_t signature_bytes);

/* Reads a record in place. Errors: as of the cursor, ERR_LIMIT for too many promises. */
int tx_record_read(const uint8_t *bytes, size_t size, size_t signature_bytes,
                   struct tx_record *record);

/* Checks a record: at least @acks promises by distinct holders for distinct pieces, each signed,
 * and the sender's lot. Errors: ERR_NOT_ENOUGH, ERR_DUPLICATE, ERR_PROOF, ERR_SIGNATURE. */
int tx_record_verify(struct env *env, const struct tx_record *record, uint32_t acks);

/* The transaction's identity: BLAKE2b over origin, number and content. It steers who holds what, so
 * it is the same under every crypto provider. */
void transaction_id(struct digest *id, node_id origin, uint64_t number, const void *content,
                    size_t size);

#endif
