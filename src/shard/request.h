/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The origin's side of one transfer: sends it to all members of all shards that it touches, and waits
 * for f + 1 members of the home shard to name the same outcome. When the origin falls silent in
 * between, the shards finish or abort without it. */
#ifndef TIERCHAIN_SHARD_REQUEST_H
#define TIERCHAIN_SHARD_REQUEST_H

#include "env/env.h"
#include "shard/shard_messages.h"

struct shard_request;

struct shard_request_config {
    struct env *env; /* of the origin */
    const struct shard_map *map;
    time_ns retry; /* pause before the transfer is sent again */
    void (*done)(void *context, struct shard_request *request, bool commit);
    void *context;
};

/* In caller memory; must not move while open. */
struct shard_request {
    struct shard_request_config config;
    struct transfer transfer;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct digest session;
    struct timer timer;
    uint8_t said[LIMIT_COMMITTEE]; /* outcome by member of the home shard, 0: none yet */
    bool open;
};

/* Within a step of the origin: fills in epoch, origin and signature of @transfer (parts sorted, all
 * else set) and sends it. ERR_INVALID when no shard would read it. */
int shard_request_start(struct shard_request *request, const struct shard_request_config *config,
                        const struct transfer *transfer);

/* A RESULT. 0; an error of the decoder; ERR_NOT_MEMBER; ERR_DUPLICATE; ERR_UNKNOWN (another session,
 * or not open). */
int shard_request_receive(struct shard_request *request, node_id from,
                          const struct message *message);

/* Gives up waiting; the transfer goes on. */
void shard_request_stop(struct shard_request *request);

#endif
