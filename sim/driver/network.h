/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The latency path: when a frame arrives that shares no link with a fluid flow.
 *
 *   leaves the sender's interface   start  = max(leaves, interface free)
 *   reaches the receiver's          head   = start + route latency + path offset + jitter
 *   is there                        due    = max(head, interface free) + 8 · bytes / bit rate
 *
 * Interfaces serialise one frame after another and cut through: without contention a frame takes
 * latency + 8 · bytes / min(rates), which is what SimGrid's fluid model says too. Ignored: queues
 * inside the network (jitter stands for them), congestion control, fragmentation.
 *
 * Every message draws from streams of its own, one for its loss and one for its jitter, which are named by the
 * link, the message's type and its number there (numbering.h). */
#ifndef TIERCHAIN_SIM_DRIVER_NETWORK_H
#define TIERCHAIN_SIM_DRIVER_NETWORK_H

#include "base/rng.h"
#include "env/frame.h"
#include "sim/driver/numbering.h"

/* What a frame carries on the wire beyond its own bytes: IPv4 20 (RFC 791), UDP 8 (RFC 768), QUIC
 * short header with an 8-byte connection id and 2-byte packet number 11, AEAD tag 16 (RFC 9001),
 * and a STREAM frame header of 6 (RFC 9000), for the first packet; further packets of 1,200 bytes
 * each repeat it. In front of the frame's bytes stands once our own link header: the hybrid logical
 * stamp. The sender's name costs nothing, the connection proves it. */
#define WIRE_OVERHEAD_BYTES 61
#define WIRE_STAMP_BYTES    8
#define WIRE_PACKET_BYTES   1200

/* Delays beyond the base: the measured part. All may be 0. */
struct network_models {
    void *context;
    /* Constant offset of a node pair (path diversity). */
    time_ns (*path)(void *context, node_id from, node_id to);
    /* Jitter of one frame between two places. */
    time_ns (*jitter)(void *context, uint32_t from_place, uint32_t to_place, struct rng *rng);
    /* Whether a frame is lost beside the independent loss; NULL: never. */
    bool (*lost)(void *context, node_id from, node_id to, struct rng *rng);
};

/* What becomes of a message on one link: lost with a probability in millionths, or cut. */
struct network_link {
    uint32_t loss_ppm;
    bool cut;
};

/* Changes what is left of the link from @from to @to at this moment; it comes with the network's own
 * loss. */
typedef void network_link_model(void *context, node_id from, node_id to, struct network_link *link);

struct network_config {
    uint64_t seed;
    uint32_t node_count;
    const uint16_t *place_of; /* per node; borrowed */
    uint32_t place_count;
    const time_ns *base;    /* place_count² one-way delays, row = from; borrowed */
    uint64_t interface_bps; /* 0: infinitely fast */
    /* place_count² rates between places, row = from, bit/s, 0: no limit; NULL: none; borrowed. */
    const uint64_t *pair_bps;
    uint32_t loss_ppm; /* independent loss, millionths */
    struct network_models models;
};

enum network_fate {
    NETWORK_DELIVERED,
    NETWORK_LOST,
    NETWORK_CUT,     /* by a partition */
    NETWORK_NOWHERE, /* there is no such node */
    NETWORK_FATES,
};

struct network_interface {
    time_ns out_free;
    time_ns in_free;
};

struct network {
    struct network_config config;
    struct network_interface *interfaces;
    struct numbering numbering;
    network_link_model *links; /* NULL: no faults */
    void *links_context;
    uint64_t fates[NETWORK_FATES];
};

/* Errors: none; aborts without memory. */
void network_init(struct network *network, const struct network_config *config);
void network_deinit(struct network *network);

/* Bytes on the wire for a frame, overhead included. */
uint64_t network_wire_bytes(const struct frame *frame);

/* Decides a frame's fate; when it is delivered, *@extra is the path offset plus jitter. @kind is the type of
 * its message (network_kind). */
enum network_fate network_fate(struct network *network, node_id from, node_id to, uint32_t kind,
                               time_ns *extra);

/* The type as the frame's first two bytes say it; 0 of one that has none. */
uint32_t network_kind(const struct frame *frame);

/* When the frame's head reaches the receiver, on the latency path. */
time_ns network_head(struct network *network, node_id from, node_id to, uint64_t wire_bytes,
                     time_ns leaves, time_ns extra);

/* The delay between two nodes' places. */
time_ns network_base(const struct network *network, node_id from, node_id to);

/* When a frame whose head arrives at @head is there. Call in order of arrival. */
time_ns network_receive(struct network *network, node_id from, node_id to, uint64_t wire_bytes,
                        time_ns head);

/* Faults, from now on. */
void network_set_links(struct network *network, network_link_model *links, void *context);

#endif
