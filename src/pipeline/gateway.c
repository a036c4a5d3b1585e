/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/gateway.h"

#include "base/error.h"
#include "base/rng.h"
#include "pipeline/sender.h"

uint32_t gateway_choose(node_id origin, uint64_t number, uint32_t attempt, uint32_t count) {
    uint64_t lot = hash_combine(hash_combine(0, origin), number);
    return (uint32_t)((lot % count + attempt) % count);
}

int gateway_token_check(struct env *env, node_id from, const struct message *message) {
    struct reader reader;
    struct writer writer;
    reader_init(&reader, message->body, message->size);
    uint64_t number = read_u64(&reader);
    (void)read_view(&reader, TOKEN_BYTES);
    int error = reader_finish(&reader);
    if (error != OK)
        return error;
    env_charge(env, WORK_TOKEN_VERIFY, 1);
    struct frame *frame = message_new(MESSAGE_TOKEN_OK, message->channel, 8, &writer);
    write_u64(&writer, number);
    env_send(env, from, frame);
    return OK;
}
