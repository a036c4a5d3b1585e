/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * S3's two messages: the sender's signed request for a promise of hold, and the holder's answer with
 * the promise sealed (hold/promise.h). All encodings are canonical; the functions charge their work.
 *
 * The answer repeats the sender's own number and the piece's index in the clear, so that the sender
 * can tell what it belongs to before it spends a decapsulation. They say nothing to others. */
#ifndef TIERCHAIN_PIPELINE_HOLD_MESSAGES_H
#define TIERCHAIN_PIPELINE_HOLD_MESSAGES_H

#include "crypto/identity.h"
#include "hold/promise.h"
#include "wire/message.h"

struct hold_request {
    uint64_t number;      /* the sender's number for the transaction */
    struct promise terms; /* what is asked for; stamp 0 */
};

/* Whether both ask for the same. */
bool hold_request_equal(const struct hold_request *a, const struct hold_request *b);

/* u64 number · terms · signature. */
struct frame *hold_request_frame(struct env *env, uint16_t channel,
                                 const struct hold_request *request);

/* Reads and checks a request that @from sent to this node. Errors: as of the cursor;
 * ERR_NOT_MEMBER: it speaks for another sender; ERR_MISMATCH: it is for another holder; ERR_EXPIRED
 * at @now; ERR_SIGNATURE. */
int hold_request_open(struct env *env, node_id from, const struct message *message, time_ns now,
                      struct hold_request *request);

struct hold_ack {
    uint64_t number;
    uint16_t index;
    const uint8_t *sealed; /* in place, promise_sealed_bytes */
};

/* u64 number · u16 index · sealed promise. Signs @promise and seals it for its sender, with fresh
 * randomness from the node's stream: for a repeated answer send the same frame again. NULL when the
 * sender is unknown or the promise's times are out of order. */
struct frame *hold_ack_frame(struct env *env, uint64_t number, const struct promise *promise);

/* Errors: as of the cursor. */
int hold_ack_read(const struct env *env, const struct message *message, struct hold_ack *ack);

/* Opens the promise against what was asked for; as promise_open. @signature has
 * identity_signature_bytes of room. */
int hold_ack_open(struct env *env, const struct hold_ack *ack, const struct promise *terms,
                  time_ns now, struct promise *promise, uint8_t *signature);

#endif
