/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A finished batch on its way up. Every member of the lower committee signs and sends the same
 * statement; f + 1 equal ones from distinct members prove that a correct member made it, without a
 * further round trip.
 *
 *   members          batch.up       representatives   until enough have answered (uplink.h)
 *   representatives  batch.receipt  the member        to each statement, also to a repeated one
 *   representatives  batch.ack      senders           when the level is reached (ack.h)
 *   a sender         batch.ask      representatives   that it has no acknowledgement from
 *
 * The encodings, all canonical, and their checks. */
#ifndef TIERCHAIN_TIER_BATCH_H
#define TIERCHAIN_TIER_BATCH_H

#include "consensus/committee.h"
#include "crypto/identity.h"
#include "tier/ack.h"
#include "wire/message.h"

#define BATCH_ORIGINS_MAX 4096

/* What of a batch goes up: enough to acknowledge it to its senders. */
struct batch_origin {
    node_id node;
    uint64_t number;
};

struct batch_up {
    uint16_t channel; /* of the chain below */
    uint64_t height;
    struct digest root; /* of the batch's bytes */
    uint32_t origin_count;
    struct batch_origin *origins; /* whose transactions it holds */
};

/* A statement, signed by this node, to be sent to representatives. @key is its digest: statements
 * that differ in anything are told apart by it. */
struct frame *batch_up_frame(struct env *env, const struct batch_up *up, struct digest *key);

/* Reads a statement; @origins has room for BATCH_ORIGINS_MAX. @signature points into the message,
 * *@signed_bytes says how much of the body, from its start, is signed. */
int batch_up_read(const struct message *message, size_t signature_bytes, struct batch_up *up,
                  struct batch_origin *origins, const uint8_t **signature, size_t *signed_bytes);

bool batch_up_verify(struct env *env, node_id from, const uint8_t *body, size_t signed_bytes,
                     const uint8_t *signature);

/* A representative's answer to a member's statement: it has made the batch durable. Needs no
 * signature: it goes to one member, from whom nobody else takes it. */
struct batch_receipt {
    uint16_t channel;
    uint64_t height;
    struct digest key; /* of the statement */
};

struct frame *batch_receipt_frame(const struct batch_receipt *receipt);
int batch_receipt_read(const struct message *message, struct batch_receipt *receipt);

/* What a continent orders: a statement and the signatures of f + 1 members of its city, so that
 * whoever gets it can check it alone. */
struct batch_item {
    struct batch_up up;
    size_t signed_bytes; /* of the item, from its start: the statement */
    uint32_t signature_count;
    uint16_t signers[LIMIT_COMMITTEE]; /* ascending */
    const uint8_t *signatures[LIMIT_COMMITTEE];
};

/* Puts an item together from the statement's signed bytes and item->signers and ->signatures. */
struct frame *batch_item_frame(const struct batch_item *item, const uint8_t *statement,
                               size_t signature_bytes);

/* Reads an item in place; @origins as above. Errors: as of the cursor; ERR_LIMIT;
 * ERR_NON_CANONICAL: the signers don't ascend. */
int batch_item_read(const uint8_t *bytes, size_t size, size_t signature_bytes,
                    struct batch_item *item, struct batch_origin *origins);

/* Whether f + 1 members of @city signed it. */
bool batch_item_verify(struct env *env, const struct batch_item *item, const uint8_t *bytes,
                       const struct committee *city);

/* What a representative says of a batch to a sender in it. */
struct batch_ack {
    uint16_t channel;
    uint64_t height;
    struct digest root;
    enum ack_level level;
    uint64_t number;          /* the sender's; not signed, so that one signature serves all */
    const uint8_t *signature; /* in place */
};

/* Signs the acknowledgement, once for all senders. @signature has identity_signature_bytes. */
void batch_ack_sign(struct env *env, const struct batch_ack *ack, uint8_t *signature);
/* @channel is the continent's. */
struct frame *batch_ack_frame(uint16_t channel, const struct batch_ack *ack,
                              size_t signature_bytes);
/* Errors: as of the cursor; ERR_INVALID: no such level. */
int batch_ack_read(const struct message *message, size_t signature_bytes, struct batch_ack *ack);
bool batch_ack_verify(struct env *env, node_id from, const struct batch_ack *ack);

/* A sender that misses acknowledgements of the batch in which its city has ordered @number. */
struct batch_ask {
    uint64_t number;
    uint16_t channel;
    uint64_t height;
};

struct frame *batch_ask_frame(uint16_t channel, const struct batch_ask *ask);
int batch_ask_read(const struct message *message, struct batch_ask *ask);

#endif
