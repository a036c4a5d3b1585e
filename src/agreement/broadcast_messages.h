/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The messages of reliable broadcast (broadcast.h):
 *
 *   VAL, ECHO  u64 instance · fragment (coding/fragment.h), the rest of the body
 *   READY      u64 instance · digest commitment */
#ifndef TIERCHAIN_AGREEMENT_BROADCAST_MESSAGES_H
#define TIERCHAIN_AGREEMENT_BROADCAST_MESSAGES_H

#include "coding/fragment.h"
#include "wire/message.h"

struct broadcast_message {
    uint16_t type;
    uint64_t instance;
    struct fragment fragment; /* VAL, ECHO: in place */
    struct digest commitment; /* READY */
};

/* NULL when the fragment does not fit into a frame. */
struct frame *broadcast_encode(const struct broadcast_message *in, uint16_t channel);

/* Errors: of fragment_decode; ERR_TRUNCATED, ERR_TRAILING; ERR_UNKNOWN_TYPE for a message of
 * another module. */
int broadcast_decode(struct broadcast_message *out, const struct message *message);

#endif
