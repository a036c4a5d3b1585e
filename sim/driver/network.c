/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/driver/network.h"

#include <stdlib.h>

#include "base/memory.h"

#define MILLION 1000000

void network_init(struct network *network, const struct network_config *config) {
    *network = (struct network){.config = *config};
    network->interfaces = memory_new(config->node_count, sizeof *network->interfaces);
}

void network_deinit(struct network *network) {
    free(network->interfaces);
    numbering_deinit(&network->numbering);
    *network = (struct network){0};
}

uint64_t network_wire_bytes(const struct frame *frame) {
    uint64_t bytes = (uint64_t)frame->size + WIRE_STAMP_BYTES;
    uint64_t packets = (bytes + WIRE_PACKET_BYTES - 1) / WIRE_PACKET_BYTES;
    return bytes + packets * WIRE_OVERHEAD_BYTES;
}

static struct network_link link_of(const struct network *network, node_id from, node_id to) {
    struct network_link link = {.loss_ppm = network->config.loss_ppm};
    if (network->links != NULL)
        network->links(network->links_context, from, to, &link);
    return link;
}

uint32_t network_kind(const struct frame *frame) {
    return frame->size < 2 ? 0 : (uint32_t)frame->bytes[0] | (uint32_t)frame->bytes[1] << 8;
}

static bool is_lost(struct network *network, node_id from, node_id to, uint32_t loss_ppm,
                    uint64_t name) {
    const struct network_models *models = &network->config.models;
    struct rng rng;
    if (loss_ppm == 0 && models->lost == NULL)
        return false;
    rng_init(&rng, network->config.seed, name, "loss");
    /* Both are asked, so that a fault's losses shift no burst. */
    bool alone = rng_chance(&rng, loss_ppm, MILLION);
    bool in_burst = models->lost != NULL && models->lost(models->context, from, to, &rng);
    return alone || in_burst;
}

static time_ns delay_beyond_base(const struct network *network, node_id from, node_id to,
                                 uint64_t name) {
    const struct network_models *models = &network->config.models;
    const uint16_t *place_of = network->config.place_of;
    time_ns extra = models->path != NULL ? models->path(models->context, from, to) : 0;
    struct rng rng;
    if (models->jitter == NULL)
        return extra;
    rng_init(&rng, network->config.seed, name, "jitter");
    return extra + models->jitter(models->context, place_of[from], place_of[to], &rng);
}

enum network_fate network_fate(struct network *network, node_id from, node_id to, uint32_t kind,
                               time_ns *extra) {
    enum network_fate fate = NETWORK_DELIVERED;
    *extra = 0;
    if (to >= network->config.node_count) {
        network->fates[NETWORK_NOWHERE]++;
        return NETWORK_NOWHERE;
    }
    const struct network_link link = link_of(network, from, to);
    uint64_t name = numbering_next(&network->numbering, from, to, kind);
    if (link.cut)
        fate = NETWORK_CUT;
    else if (is_lost(network, from, to, link.loss_ppm, name))
        fate = NETWORK_LOST;
    network->fates[fate]++;
    if (fate == NETWORK_DELIVERED)
        *extra = delay_beyond_base(network, from, to, name);
    return fate;
}

/* Rounded up: a frame is not there before its last bit is. */
static time_ns serialisation(uint64_t bytes, uint64_t bps) {
    if (bps == 0)
        return 0;
    return (time_ns)((bytes * 8 * (uint64_t)NS_PER_S + bps - 1) / bps);
}

static time_ns later(time_ns a, time_ns b) {
    return a > b ? a : b;
}

time_ns network_base(const struct network *network, node_id from, node_id to) {
    const struct network_config *config = &network->config;
    size_t row = (size_t)config->place_of[from] * config->place_count;
    return config->base[row + config->place_of[to]];
}

time_ns network_head(struct network *network, node_id from, node_id to, uint64_t wire_bytes,
                     time_ns leaves, time_ns extra) {
    const struct network_config *config = &network->config;
    struct network_interface *sender = &network->interfaces[from];
    time_ns start = later(leaves, sender->out_free);
    sender->out_free = start + serialisation(wire_bytes, config->interface_bps);
    return start + network_base(network, from, to) + extra;
}

time_ns network_receive(struct network *network, node_id from, node_id to, uint64_t wire_bytes,
                        time_ns head) {
    const struct network_config *config = &network->config;
    struct network_interface *receiver = &network->interfaces[to];
    time_ns start = later(head, receiver->in_free);
    time_ns due = start + serialisation(wire_bytes, config->interface_bps);
    receiver->in_free = due;
    if (config->place_of[from] != config->place_of[to] && config->pair_bps != NULL) {
        size_t row = (size_t)config->place_of[from] * config->place_count;
        uint64_t bps = config->pair_bps[row + config->place_of[to]];
        due = later(due, start + serialisation(wire_bytes, bps));
    }
    return due;
}

void network_set_links(struct network *network, network_link_model *links, void *context) {
    network->links = links;
    network->links_context = context;
}
