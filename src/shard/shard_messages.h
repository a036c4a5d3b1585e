/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages about transfers. Channel: that of the shard that they are for, or come from (RESULT).
 *
 *   PREPARE    u16 asker · u64 ticket · transfer. From the origin: asker SHARD_NONE, ticket 0. From a
 *              member of another shard that the transfer touches, to remind of it: its shard, and
 *              the ticket of its lock, 0 when it has none.
 *   STATEMENT  a statement and its sender's signature
 *   RESULT     u8 word (COMMIT, ABORT) · digest session, from the home shard to the origin */
#ifndef TIERCHAIN_SHARD_SHARD_MESSAGES_H
#define TIERCHAIN_SHARD_SHARD_MESSAGES_H

#include "shard/statement.h"
#include "shard/transfer.h"
#include "wire/message.h"

#define SHARD_NONE UINT16_MAX

struct shard_prepare {
    uint16_t asker;
    uint64_t ticket;
    struct transfer transfer;
};

struct shard_signed {
    struct shard_statement statement;
    const uint8_t *signature; /* in place */
};

struct shard_result {
    enum shard_word word;
    struct digest session;
};

struct frame *shard_prepare_encode(const struct shard_prepare *in, uint16_t channel,
                                   size_t signature_bytes);
struct frame *shard_signed_encode(const struct shard_signed *in, uint16_t channel,
                                  size_t signature_bytes);
struct frame *shard_result_encode(const struct shard_result *in, uint16_t channel);

/* Errors: of transfer_read, shard_statement_read and the cursor; ERR_NON_CANONICAL for a ticket
 * without asker, ERR_INVALID for a result's word. */
int shard_prepare_decode(struct shard_prepare *out, const struct message *message,
                         size_t signature_bytes);
int shard_signed_decode(struct shard_signed *out, const struct message *message,
                        size_t signature_bytes);
int shard_result_decode(struct shard_result *out, const struct message *message);

#endif
