/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/hostile.h"

#include <assert.h>
#include <check.h>
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

static void view_send(void *context, node_id as, node_id to, time_ns after, struct frame *frame) {
    struct hostile *hostile = context;
    struct loop *loop = assembly_loop(hostile->assembly);
    struct message message;
    assert(is_hostile(hostile, as) && after >= 0);
    hostile->forged++;
    if (message_parse(&message, frame) == OK)
        hostile->forged_types[message.type & 0xfff]++;
    loop_inject(loop, as, to, loop_now(loop) + after + hostile->config.delay, frame);
}

static const struct consensus *view_peek(void *context, node_id member) {
    const struct hostile *hostile = context;
    return is_hostile(hostile, member) ? NULL : assembly_consensus(hostile->assembly, member);
}

static void woken(void *context, uint64_t argument) {
    struct hostile *hostile =
        (struct hostile *)(uintptr_t)argument; /* the context is the assembly's */
    hostile->behaviour->wake(hostile->adversary);
}

static void view_wake(void *context, time_ns after) {
    struct hostile *hostile = context;
    struct loop *loop = assembly_loop(hostile->assembly);
    loop_at(loop, loop_now(loop) + after, woken, (uintptr_t)hostile);
}

static time_ns view_now(void *context) {
    const struct hostile *hostile = context;
    return loop_now(assembly_loop(hostile->assembly));
}

/* What hostile code sends: as it is, late, changed, or not at all. */
static time_ns tampered(struct hostile *hostile, const struct assembly_message *message) {
    time_ns delay = message->delay;
    struct frame *frame = frame_ref((struct frame *)message->frame);
    if (hostile->behaviour->tamper == NULL || is_hostile(hostile, message->to)) {
        frame_unref(frame);
        return delay;
    }
    const bool leaves =
        hostile->behaviour->tamper(hostile->adversary, message->from, message->to, &frame, &delay);
    const bool changed = frame != message->frame;
    hostile->lost += !leaves;
    hostile->late += leaves && delay > message->delay;
    hostile->changed += leaves && changed;
    if (leaves && changed) {
        loop_inject(assembly_loop(hostile->assembly), message->from, message->to,
                    message->now + delay, frame);
        return -1;
    }
    frame_unref(frame);
    return leaves ? delay : -1;
}

static time_ns route(void *context, const struct assembly_message *travelling) {
    struct hostile *hostile = context;
    struct message message;
    if (hostile->adversary == NULL)
        return travelling->delay;
    if (is_hostile(hostile, travelling->from))
        return tampered(hostile, travelling);
    hostile->overheard++;
    const bool whole = message_parse(&message, travelling->frame) == OK;
    if (hostile->behaviour->hear != NULL && whole)
        hostile->behaviour->hear(hostile->adversary, travelling->from, travelling->to, &message,
                                 travelling->frame);
    if (hostile->loses != NULL && whole &&
        hostile->loses(hostile, travelling->from, travelling->to, &message))
        return -1;
    return travelling->delay +
           (hostile->jitter > 0 ? (time_ns)rng_below(&hostile->rng, (uint64_t)hostile->jitter) : 0);
}

void hostile_begin(struct hostile *hostile, const struct assembly_config *config,
                   const struct adversary_ops *behaviour, uint64_t members) {
    memset(hostile, 0, sizeof *hostile);
    hostile->config = *config;
    hostile->config.outside = behaviour->runs_code ? 0 : members;
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
    ck_assert_ptr_nonnull(behaviour);
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
