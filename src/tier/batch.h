/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A finished batch on its way up, and its acknowledgement. Every member of the lower committee
 * signs
 * and sends the same statement; f + 1 equal ones from distinct members prove that a correct member
 * made it, without a further round trip. */
#ifndef TIERCHAIN_TIER_BATCH_H
#define TIERCHAIN_TIER_BATCH_H

#include "consensus/committee.h"
#include "crypto/identity.h"
#include "tier/city.h"
#include "wire/message.h"

#define BATCH_ORIGINS_MAX 4096

struct batch_up {
    uint16_t channel; /* of the chain below */
    uint64_t height;
    struct digest root; /* of the batch's bytes */
    uint32_t origin_count;
    struct batch_origin *origins; /* whose transactions it holds */
};

/* Signs and sends the statement to all representatives. */
void batch_up_send(struct env *env, const struct committee *to, const struct batch_up *up);

/* Reads a statement; @origins has room for BATCH_ORIGINS_MAX. @signature points into the message,
 * *@signed_bytes says how much of the body, from its start, is signed. */
int batch_up_read(const struct message *message, size_t signature_bytes, struct batch_up *up,
                  struct batch_origin *origins, const uint8_t **signature, size_t *signed_bytes);

bool batch_up_verify(struct env *env, node_id from, const uint8_t *body, size_t signed_bytes,
                     const uint8_t *signature);

/* Signs an acknowledgement once and sends it to each origin, with its own number. */
void batch_ack_send(struct env *env, uint16_t channel, const struct batch_up *up);

/* Reads and checks an acknowledgement by @from. Errors: as of the cursor, ERR_SIGNATURE. */
int batch_ack_read(struct env *env, node_id from, const struct message *message, uint64_t *number);

#endif
