/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages between the clients and the replicas of a committee that stands alone, little endian:
 *
 *   alone.request   u64 number · u32 size · content: the sender's transaction of that number
 *   alone.answer    u64 number · u64 height · 32 bytes block: where the transaction was decided
 *
 * A client numbers its transactions from 1 and repeats a request under its number, so replicas can
 * tell a repetition from a new one. Replicas that decided the same give equal answers, whichever of
 * the repetitions they answer: f + 1 equal ones hold one of an honest replica. The channel says who
 * is authentic: a client speaks for itself alone. */
#ifndef TIERCHAIN_ALONE_REQUEST_H
#define TIERCHAIN_ALONE_REQUEST_H

#include "base/types.h"
#include "wire/message.h"

struct alone_request {
    uint64_t number;        /* 1, 2, 3 … */
    const uint8_t *content; /* borrowed */
    size_t size;            /* bytes, up to LIMIT_TRANSACTION_BYTES; 0: an empty transaction */
};

struct alone_answer {
    uint64_t number;     /* of the request */
    uint64_t height;     /* of the decision, from 1 */
    struct digest block; /* that was decided there */
};

struct frame *alone_request_frame(uint16_t channel, const struct alone_request *request);
struct frame *alone_answer_frame(uint16_t channel, const struct alone_answer *answer);

/* Errors: as of the cursor (ERR_LIMIT for content beyond the limit); ERR_INVALID for number or
 * height 0. The content of @request lives as long as the message's body. */
int alone_request_read(const struct message *message, struct alone_request *request);
int alone_answer_read(const struct message *message, struct alone_answer *answer);

/* Whether both say the same of the same transaction. */
bool alone_answer_equal(const struct alone_answer *a, const struct alone_answer *b);

#endif
