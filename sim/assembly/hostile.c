/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/assembly/hostile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static bool is_hostile(const struct hostile *hostile, node_id node) {
    return (hostile->members >> node & 1) != 0;
}

static struct env *view_signer(void *context, node_id node) {
    struct hostile *hostile = context;
    assert(is_hostile(hostile, node)); /* no key but those */
    return assembly_forger(hostile->assembly, node);
}

/* To every station that speaks for @to. Takes over the reference. */
static void deliver(struct hostile *hostile, node_id as, node_id to, time_ns at,
                    struct frame *frame) {
    struct assembly *assembly = hostile->assembly;
    assembly_note_forged(assembly, frame);
    for (node_id station = 0; station < assembly_stations(assembly); station++)
        if (assembly_identity(assembly, station) == to)
            assembly_inject(assembly, as, station, at, frame_ref(frame));
    frame_unref(frame);
}

static void view_send(void *context, node_id as, node_id to, time_ns after, struct frame *frame) {
    struct hostile *hostile = context;
    struct message message;
    assert(is_hostile(hostile, as) && after >= 0);
    hostile->forged++;
    if (message_parse(&message, frame) == OK)
        hostile->forged_types[message.type & 0xfff]++;
    deliver(hostile, as, to, assembly_now(hostile->assembly) + after + hostile->config.delay,
            frame);
}

static const struct consensus *view_peek(void *context, node_id member) {
    const struct hostile *hostile = context;
    if (is_hostile(hostile, member) || !assembly_alive(hostile->assembly, member))
        return NULL;
    return assembly_consensus(hostile->assembly, member);
}

static void woken(void *context, uint64_t argument) {
    struct hostile *hostile =
        (struct hostile *)(uintptr_t)argument; /* the context is the assembly's */
    hostile->behaviour->wake(hostile->adversary);
}

static void view_wake(void *context, time_ns after) {
    struct hostile *hostile = context;
    /* Never at this very moment: drivers do not agree on what comes first then. */
    const time_ns at = assembly_now(hostile->assembly) + (after > 0 ? after : 1);
    assembly_at(hostile->assembly, at, woken, (uintptr_t)hostile);
}

static time_ns view_now(void *context) {
    const struct hostile *hostile = context;
    return assembly_now(hostile->assembly);
}

/* What the network does with a message, once it has left. */
static time_ns carried(struct hostile *hostile, const struct assembly_message *message) {
    if (hostile->network != NULL)
        return hostile->network(hostile->network_context, message);
    return message->delay +
           (hostile->jitter > 0 ? (time_ns)rng_below(&hostile->rng, (uint64_t)hostile->jitter) : 0);
}

/* What hostile code sends: as it is, late, changed, or not at all. */
static time_ns tampered(struct hostile *hostile, const struct assembly_message *message,
                        node_id from, node_id to) {
    time_ns delay = message->delay;
    struct frame *frame = frame_ref((struct frame *)message->frame);
    if (hostile->behaviour->tamper == NULL || is_hostile(hostile, to)) {
        frame_unref(frame);
        return delay;
    }
    const bool leaves = hostile->behaviour->tamper(hostile->adversary, from, to, &frame, &delay);
    const bool changed = frame != message->frame;
    hostile->lost += !leaves;
    hostile->late += leaves && delay > message->delay;
    hostile->changed += leaves && changed;
    const time_ns network = leaves && hostile->network != NULL
                                ? hostile->network(hostile->network_context, message)
                                : message->delay;
    const time_ns total = network < 0 || !leaves ? -1 : network + delay - message->delay;
    if (total >= 0 && changed) {
        assembly_note_forged(hostile->assembly, frame);
        assembly_inject(hostile->assembly, from, message->to, message->now + total, frame);
        return -1;
    }
    frame_unref(frame);
    return total;
}

static time_ns route(void *context, const struct assembly_message *travelling) {
    struct hostile *hostile = context;
    struct message message;
    if (hostile->adversary == NULL)
        return travelling->delay;
    const node_id from = assembly_identity(hostile->assembly, travelling->from);
    const node_id to = assembly_identity(hostile->assembly, travelling->to);
    if (is_hostile(hostile, from))
        return tampered(hostile, travelling, from, to);
    hostile->overheard++;
    const bool whole = message_parse(&message, travelling->frame) == OK;
    if (hostile->behaviour->hear != NULL && whole)
        hostile->behaviour->hear(hostile->adversary, from, to, &message, travelling->frame);
    if (hostile->loses != NULL && whole && hostile->loses(hostile, from, to, &message))
        return -1;
    return carried(hostile, travelling);
}

void hostile_begin(struct hostile *hostile, const struct assembly_config *config,
                   const struct adversary_ops *behaviour, uint64_t members) {
    memset(hostile, 0, sizeof *hostile);
    hostile->config = *config;
    hostile->config.outside = behaviour->runs_code ? 0 : members;
    hostile->config.faulty |= members;
    hostile->network = config->route;
    hostile->network_context = config->context;
    hostile->config.route = route;
    hostile->config.context = hostile;
    hostile->behaviour = behaviour;
    hostile->members = members;
    rng_init(&hostile->rng, config->seed, 0, "adversary");
    hostile->assembly = assembly_new(&hostile->config);
    const struct adversary_view view = {
        .ops = config->ops,
        .committee = assembly_committee(hostile->assembly),
        .channel = ASSEMBLY_CHANNEL,
        .hostile = members,
        .delay = config->delay,
        .view_timeout = config->view_timeout,
        .signer = view_signer,
        .send = view_send,
        .peek = view_peek,
        .wake = view_wake,
        .now = view_now,
        .rng = &hostile->rng,
        .context = hostile,
        .certificates = config->certificates,
        .group = assembly_group(hostile->assembly),
    };
    hostile->adversary = adversary_new(behaviour, &view);
}

void hostile_end(struct hostile *hostile) {
    adversary_free(hostile->adversary);
    assembly_free(hostile->assembly);
}

struct hostile *hostile_new(const char *variant, uint32_t count, time_ns view_timeout,
                            const struct adversary_ops *behaviour, uint64_t members) {
    struct hostile *hostile = memory_new(1, sizeof *hostile);
    const struct assembly_config config = {.ops = consensus_find(variant),
                                           .count = count,
                                           .delay = HOSTILE_DELAY,
                                           .view_timeout = view_timeout,
                                           .seed = 11};
    assert(behaviour != NULL);
    hostile_begin(hostile, &config, behaviour, members);
    return hostile;
}

void hostile_free(struct hostile *hostile) {
    hostile_end(hostile);
    free(hostile);
}

uint64_t hostile_decided(const struct hostile *hostile) {
    uint64_t least = UINT64_MAX;
    for (node_id node = 0; node < hostile->config.count; node++)
        if (!is_hostile(hostile, node) && assembly_height(hostile->assembly, node) < least)
            least = assembly_height(hostile->assembly, node);
    return least;
}
