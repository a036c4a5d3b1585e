/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/consensus.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "crypto/identity.h"

size_t consensus_batch_limit(const struct consensus_ops *ops, uint32_t members) {
    return ops->batch_limit != NULL ? ops->batch_limit(members) : LIMIT_BATCH_BYTES;
}

struct consensus *consensus_new(const struct consensus_ops *ops,
                                const struct consensus_config *config) {
    assert(ops->size >= sizeof(struct consensus));
    assert(config->committee.count >= 1 && config->committee.count <= LIMIT_COMMITTEE);
    struct consensus *self = memory_new(1, ops->size);
    self->ops = ops;
    self->env = config->env;
    self->committee = config->committee;
    self->self_index = committee_index(&config->committee, config->env->self);
    self->channel = config->channel;
    self->view_timeout = config->view_timeout;
    self->batch_limit = consensus_batch_limit(ops, config->committee.count);
    self->client = config->client;
    self->leaders = config->leaders;
    if (self->leaders.rule == LEADERS_OWN)
        self->leaders.rule = ops->leaders[0];
    self->certification = (struct certification){
        .scheme = config->certificates != NULL ? config->certificates : &certificate_list,
        .committee = config->committee,
        .channel = config->channel,
        .signature_bytes = identity_signature_bytes(config->env),
        .group = config->group,
    };
    assert(consensus_supports(ops, self->certification.scheme));
    assert(consensus_follows(ops, config->leaders.rule));
    assert(self->self_index != MEMBER_NONE);
    ops->init(self, config);
    return self;
}

void consensus_free(struct consensus *self) {
    if (self == NULL)
        return;
    self->ops->deinit(self);
    free(self);
}

void consensus_start(struct consensus *self) {
    self->ops->start(self);
}

void consensus_poke(struct consensus *self) {
    self->ops->poke(self);
}

void consensus_receive(struct consensus *self, node_id from, const struct message *message) {
    int error = ERR_NOT_MEMBER;
    assert(message->channel == self->channel);
    if (committee_index(&self->committee, from) != MEMBER_NONE)
        error = self->ops->receive(self, from, message);
    if (error != OK)
        env_drop(self->env, message->type, error);
}

void consensus_observe(const struct consensus *self, struct consensus_view *view) {
    *view = (struct consensus_view){.leader = NODE_NONE};
    self->ops->observe(self, view);
}

bool consensus_supports(const struct consensus_ops *ops, const struct certificate_scheme *scheme) {
    return scheme->signing_hops == 0 || ops->good_case_certificates > 0;
}

uint32_t consensus_hops(const struct consensus_ops *ops, const struct certificate_scheme *scheme) {
    return ops->good_case_hops + scheme->signing_hops * ops->good_case_certificates;
}

bool consensus_follows(const struct consensus_ops *ops, enum leaders_rule rule) {
    for (size_t i = 0; ops->leaders[i] != LEADERS_OWN; i++)
        if (ops->leaders[i] == rule)
            return true;
    return rule == LEADERS_OWN;
}

uint32_t consensus_leader(const struct consensus *self, uint64_t turn) {
    return leaders_member(&self->leaders, self->committee.count, turn);
}

void consensus_broadcast(struct consensus *self, struct frame *frame) {
    env_broadcast(self->env, self->committee.members, self->committee.count, frame);
}

uint32_t consensus_slot(const struct consensus *self, uint32_t kind) {
    assert(kind <= UINT16_MAX);
    return (uint32_t)self->channel << 16 | kind;
}
