/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard/request.h"

#include <string.h>

#include "base/error.h"
#include "crypto/identity.h"

static const struct committee *home_of(const struct shard_request *request) {
    return &request->config.map->committees[transfer_home(&request->transfer)];
}

static void send(struct shard_request *request) {
    const struct shard_map *map = request->config.map;
    struct env *env = request->config.env;
    struct shard_prepare prepare = {SHARD_NONE, 0, request->transfer};
    uint16_t shards[LIMIT_TRANSFER_PARTS];
    size_t count = transfer_shards(&request->transfer, shards);
    for (size_t i = 0; i < count; i++) {
        const struct committee *to = &map->committees[shards[i]];
        env_broadcast(env, to->members, to->count,
                      shard_prepare_encode(&prepare, (uint16_t)(map->channel + shards[i]),
                                           identity_signature_bytes(env)));
    }
    env_timer_start(env, &request->timer, request->config.retry);
}

static void expired(struct timer *timer) {
    send(container_of(timer, struct shard_request, timer));
}

/* Whether the shards will read what we send. */
static int check(const struct shard_request *request) {
    uint8_t bytes[TRANSFER_BYTES_MAX];
    size_t signature_bytes = identity_signature_bytes(request->config.env);
    struct transfer again;
    struct writer writer;
    struct reader reader;
    if (request->transfer.part_count > LIMIT_TRANSFER_PARTS)
        return ERR_INVALID;
    writer_init(&writer, bytes, sizeof bytes);
    transfer_write(&writer, &request->transfer, signature_bytes);
    reader_init(&reader, bytes, writer.at);
    transfer_read(&reader, &again, signature_bytes);
    if (reader_finish(&reader) != OK)
        return ERR_INVALID;
    for (size_t i = 0; i < again.part_count; i++)
        if (again.parts[i].shard >= request->config.map->count)
            return ERR_INVALID;
    return OK;
}

int shard_request_start(struct shard_request *request, const struct shard_request_config *config,
                        const struct transfer *transfer) {
    *request = (struct shard_request){.config = *config, .transfer = *transfer};
    request->transfer.epoch = config->map->epoch;
    request->transfer.origin = config->env->self;
    request->transfer.signature = request->signature;
    timer_init(&request->timer, expired);
    if (check(request) != OK)
        return ERR_INVALID;
    transfer_session(&request->transfer, &request->session);
    transfer_sign(config->env, &request->session, request->signature);
    request->open = true;
    send(request);
    return OK;
}

int shard_request_receive(struct shard_request *request, node_id from,
                          const struct message *message) {
    struct shard_result in;
    int error = shard_result_decode(&in, message);
    if (error != OK)
        return error;
    if (!request->open || memcmp(&in.session, &request->session, sizeof in.session) != 0)
        return ERR_UNKNOWN;
    const struct committee *home = home_of(request);
    uint32_t member = committee_index(home, from), equal = 0;
    if (member == MEMBER_NONE)
        return ERR_NOT_MEMBER;
    if (request->said[member] != 0)
        return ERR_DUPLICATE;
    request->said[member] = (uint8_t)in.word;
    for (uint32_t i = 0; i < home->count; i++)
        equal += request->said[i] == in.word;
    if (equal == committee_validity(home)) {
        shard_request_stop(request);
        request->config.done(request->config.context, request, in.word == SHARD_COMMIT);
    }
    return OK;
}

void shard_request_stop(struct shard_request *request) {
    env_timer_stop(request->config.env, &request->timer);
    request->open = false;
}
