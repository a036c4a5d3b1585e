/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/adversary/mind.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "crypto/identity.h"
#include "sim/adversary/facts.h"

struct adversary *adversary_new(const struct adversary_ops *ops,
                                const struct adversary_view *view) {
    struct adversary *adversary = memory_new(1, ops->size);
    adversary->ops = ops;
    adversary->view = *view;
    if (ops->start != NULL)
        ops->start(adversary);
    return adversary;
}

void adversary_free(struct adversary *adversary) {
    if (adversary == NULL)
        return;
    if (adversary->ops->deinit != NULL)
        adversary->ops->deinit(adversary);
    free(adversary);
}

/* The keys. */

static struct env *sign_as(void *context, node_id node) {
    const struct mind *mind = context;
    const uint32_t member = mind_member(mind, node);
    if (member == MEMBER_NONE || !mind_is_hostile(mind, member))
        return NULL;
    return mind->base.view.signer(mind->base.view.context, node);
}

void mind_start(struct adversary *adversary) {
    struct mind *mind = mind_of(adversary);
    const struct adversary_view *view = &adversary->view;
    assert(adversary->ops->size >= sizeof *mind && message_count() >= 1);
    const char *name = view->ops->name;
    mind->family = strncmp(name, "pbft", 4) == 0       ? FAMILY_PBFT
                   : strncmp(name, "hotstuff", 8) == 0 ? FAMILY_HOTSTUFF
                                                       : FAMILY_HONEYBADGER;
    mind->forger = (struct forger){
        .certification = {.scheme =
                              view->certificates == NULL ? &certificate_list : view->certificates,
                          .committee = view->committee,
                          .channel = view->channel,
                          .group = view->group},
        .signer = sign_as,
        .context = mind,
    };
    mind->forger.certification.signature_bytes =
        identity_signature_bytes(forge_env(&mind->forger, mind_first(mind)));
    facts_init(mind);
}

void mind_deinit(struct adversary *adversary) {
    struct mind *mind = mind_of(adversary);
    for (size_t type = 0; type < MIND_TYPES; type++)
        for (size_t i = 0; i < MIND_REMEMBERED; i++)
            frame_unref(mind->heard[type][i].frame);
    facts_deinit(mind);
}

bool mind_listen(struct mind *mind, node_id from, node_id to, const struct message *message,
                 const struct frame *frame) {
    const int row = message_index(message->type);
    if (row < 0 || row >= MIND_TYPES)
        return false;
    const struct remembered *last = &mind->heard[row][(mind->counts[row] - 1) % MIND_REMEMBERED];
    if (mind->counts[row] > 0 && last->frame == frame && last->from == from)
        return false;
    struct remembered *place = &mind->heard[row][mind->counts[row]++ % MIND_REMEMBERED];
    frame_unref(place->frame);
    *place = (struct remembered){from, to, frame_ref((struct frame *)frame)};
    facts_hear(mind, message);
    return true;
}

void mind_hear(struct adversary *adversary, node_id from, node_id to, const struct message *message,
               const struct frame *frame) {
    (void)mind_listen(mind_of(adversary), from, to, message, frame);
}

const struct remembered *mind_recall(struct mind *mind, uint16_t type) {
    const int row = message_index(type);
    if (row < 0 || row >= MIND_TYPES || mind->counts[row] == 0)
        return NULL;
    const uint64_t kept = mind->counts[row] < MIND_REMEMBERED ? mind->counts[row] : MIND_REMEMBERED;
    return &mind->heard[row][rng_below(mind->base.view.rng, kept)];
}

/* Members. */

node_id mind_node(const struct mind *mind, uint32_t member) {
    return mind->base.view.committee.members[member];
}

uint32_t mind_member(const struct mind *mind, node_id node) {
    return committee_index(&mind->base.view.committee, node);
}

uint32_t mind_place(const struct mind *mind, node_id node) {
    const uint32_t member = mind_member(mind, node);
    uint32_t place = 0;
    for (uint32_t i = 0; i < member; i++)
        place += !mind_is_hostile(mind, i);
    return place;
}

node_id mind_first(const struct mind *mind) {
    uint32_t member = 0;
    while (!mind_is_hostile(mind, member))
        member++;
    return mind_node(mind, member);
}

node_id mind_any(struct mind *mind) {
    uint32_t member;
    do
        member = (uint32_t)rng_below(mind->base.view.rng, mind_members(mind));
    while (!mind_is_hostile(mind, member));
    return mind_node(mind, member);
}

const struct consensus *mind_peek(const struct mind *mind) {
    const struct adversary_view *view = &mind->base.view;
    for (uint32_t i = 0; i < view->committee.count; i++) {
        if (mind_is_hostile(mind, i))
            continue;
        const struct consensus *member = view->peek(view->context, mind_node(mind, i));
        if (member != NULL)
            return member;
    }
    return NULL;
}

node_id mind_leader(const struct mind *mind, uint64_t view) {
    const struct consensus *member = mind_peek(mind);
    if (member == NULL || member->leaders.rule == LEADERS_OWN)
        return NODE_NONE;
    const uint64_t turn = mind->family == FAMILY_PBFT ? view : view - 1; /* HotStuff's first is 1 */
    return mind_node(mind, consensus_leader(member, turn));
}

/* Sending. */

void mind_send(const struct mind *mind, node_id as, node_id to, time_ns after,
               struct frame *frame) {
    assert(frame != NULL);
    mind->base.view.send(mind->base.view.context, as, to, after, frame);
}

void mind_send_all(const struct mind *mind, node_id as, time_ns after, struct frame *frame) {
    for (uint32_t i = 0; i < mind_members(mind); i++)
        if (!mind_is_hostile(mind, i))
            mind_send(mind, as, mind_node(mind, i), after, frame_ref(frame));
    frame_unref(frame);
}

void mind_each(struct mind *mind, time_ns after,
               struct frame *(*make)(struct mind *mind, node_id as)) {
    for (uint32_t i = 0; i < mind_members(mind); i++) {
        if (!mind_is_hostile(mind, i))
            continue;
        struct frame *frame = make(mind, mind_node(mind, i));
        if (frame != NULL)
            mind_send_all(mind, mind_node(mind, i), after, frame);
    }
}

void mind_wake(const struct mind *mind, time_ns after) {
    mind->base.view.wake(mind->base.view.context, after);
}

bool mind_replace(struct frame **old, struct frame *frame) {
    assert(frame != NULL);
    frame_unref(*old);
    *old = frame;
    return true;
}

struct message mind_parse(const struct frame *frame) {
    struct message message;
    int error = message_parse(&message, frame);
    assert(error == OK);
    (void)error;
    return message;
}
