/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/assembly/inside.h"

static const char *const names[RULES] = {
    [RULE_AGREEMENT] = "agreement",
    [RULE_VALIDITY] = "validity",
    [RULE_HEIGHTS] = "heights",
    [RULE_ONE_CERTIFICATE] = "one certificate",
    [RULE_ONE_VOTE] = "one vote",
    [RULE_MONOTONE] = "monotone",
    [RULE_DURABLE] = "send after durable",
    [RULE_LOCK] = "lock",
    [RULE_SIGNERS] = "signers",
    [RULE_AMPLIFICATION] = "amplification",
};

const char *assembly_rule_name(enum assembly_rule rule) {
    return names[rule];
}

void assembly_violate(struct assembly *assembly, enum assembly_rule rule, node_id station,
                      uint64_t a, uint64_t b) {
    if (assembly_is_faulty(assembly, station))
        return;
    if (assembly->violation[0] == '\0')
        snprintf(assembly->violation, sizeof assembly->violation,
                 "%s: node %u, %llu, %llu at %lld ns (%s, n = %u, seed %llu)", names[rule], station,
                 (unsigned long long)a, (unsigned long long)b, (long long)assembly_now(assembly),
                 assembly->config.ops->name, assembly->config.count,
                 (unsigned long long)assembly->config.seed);
    assembly->violated |= UINT32_C(1) << rule;
}

const char *assembly_violation(const struct assembly *assembly) {
    return assembly->violation[0] == '\0' ? NULL : assembly->violation;
}

bool assembly_violated(const struct assembly *assembly, const char *checker) {
    for (int rule = 0; rule < RULES; rule++)
        if (strcmp(names[rule], checker) == 0)
            return (assembly->violated >> rule & 1) != 0;
    return false;
}

uint32_t assembly_violations(const struct assembly *assembly) {
    return assembly->violated;
}

/* Records. */

void assembly_check_position(struct assembly *assembly, enum assembly_rule rule, uint64_t who,
                             const struct trace_record *record) {
    struct position probe = {.key = {who, record->a}}, *found;
    HASH_FIND(hh, assembly->positions, &probe.key, sizeof probe.key, found);
    if (found == NULL) {
        found = memory_new(1, sizeof *found);
        found->key = probe.key;
        found->block = record->b;
        HASH_ADD(hh, assembly->positions, key, sizeof found->key, found);
    } else if (found->block != record->b) {
        assembly_violate(assembly, rule, record->node, record->a, record->b);
    }
}

static void check_monotone(struct assembly *assembly, struct member *member) {
    struct consensus_view now;
    consensus_observe(member->consensus, &now);
    if (now.view < member->seen.view || now.height < member->seen.height)
        assembly_violate(assembly, RULE_MONOTONE, member->station, now.view, now.height);
    if (now.locked_view < member->durable.locked_view || now.high_view < member->durable.high_view)
        assembly_violate(assembly, RULE_MONOTONE, member->station, now.locked_view, now.high_view);
    member->seen = now;
    if (assembly_now(assembly) > member->durable_at)
        member->durable_before = member->durable;
    member->durable = now;
    member->durable_at = assembly_now(assembly);
}

static void hash_record(struct assembly *assembly, const struct trace_record *record) {
    uint64_t hash = hash_combine(assembly->hashes[record->node], (uint64_t)record->time);
    hash = hash_combine(hash, (uint64_t)record->point);
    hash = hash_combine(hash, record->a);
    assembly->hashes[record->node] =
        trace_hashes_b(record->point) ? hash_combine(hash, record->b) : hash;
}

static void check_record(struct assembly *assembly, const struct trace_record *record) {
    struct member *member = &assembly->members[record->node];
    switch (record->point) {
    case TRACE_VOTED:
        assembly_check_position(assembly, RULE_ONE_VOTE, (uint64_t)record->node + 1, record);
        assembly_check_lock(assembly, member, record->b);
        member->vote_undurable = member->vote_undurable || !member->persisted;
        break;
    case TRACE_CERTIFIED:
        assembly_check_position(assembly, RULE_ONE_CERTIFICATE, 0, record);
        check_monotone(assembly, member);
        break;
    case TRACE_LOCKED:
        member->lock = (struct lock){record->a & UINT64_C(0xffffffffff), record->b};
        check_monotone(assembly, member);
        break;
    case TRACE_VIEW:
    case TRACE_DECIDED:
        check_monotone(assembly, member);
        break;
    default:
        break;
    }
}

void assembly_on_trace(void *context, const struct trace_record *record) {
    struct assembly *assembly = context;
    assembly->traced[record->point]++;
    if (record->point == TRACE_DROPPED && record->b < ERROR_COUNT)
        assembly->dropped[record->b]++;
    hash_record(assembly, record);
    if (!assembly_is_faulty(assembly, record->node))
        check_record(assembly, record);
    if (assembly->config.trace != NULL)
        assembly->config.trace(assembly->config.context, record);
}

/* Steps and their effects. */

void assembly_on_step(void *context, node_id station, const struct event *event) {
    struct assembly *assembly = context;
    struct member *member = &assembly->members[station];
    struct message message;
    assembly->steps++;
    member->persisted = member->vote_undurable = false;
    if (event->type == EVENT_MESSAGE && message_parse(&message, event->frame) == OK)
        assembly_note_blocks(assembly, &message);
}

/* Decisions of all stations, in whatever life. */
static uint64_t progress(const struct assembly *assembly) {
    uint64_t sum = 0;
    for (node_id station = 0; station < assembly->stations; station++)
        sum += assembly->members[station].height;
    return sum;
}

/* What goes to one node in one view timeout. */
static void check_amplification(struct assembly *assembly, struct member *member, node_id to) {
    const time_ns window = assembly_now(assembly) / assembly->config.view_timeout;
    if (to >= assembly->config.count)
        return;
    if (window != member->window) {
        memset(member->sent_window, 0, assembly->config.count * sizeof *member->sent_window);
        member->window = window;
        member->window_progress = progress(assembly);
        member->window_forged = assembly->forged;
    }
    if (++member->sent_window[to] <= ASSEMBLY_LINK_FRAMES)
        return;
    const uint64_t limit = ASSEMBLY_LINK_FRAMES +
                           ASSEMBLY_LINK_DECISION * (progress(assembly) - member->window_progress) +
                           ASSEMBLY_LINK_FORGED * (assembly->forged - member->window_forged);
    if (member->sent_window[to] > limit)
        assembly_violate(assembly, RULE_AMPLIFICATION, member->station, to,
                         member->sent_window[to]);
}

static void check_send(struct assembly *assembly, struct member *member,
                       const struct effect *effect) {
    struct message message;
    if (member->vote_undurable)
        assembly_violate(assembly, RULE_DURABLE, member->station, effect->number, 0);
    check_amplification(assembly, member, effect->number);
    if (effect->frame == assembly->looked_at) /* one of a broadcast */
        return;
    assembly->looked_at = effect->frame;
    if (message_parse(&message, effect->frame) == OK) {
        assembly_note_blocks(assembly, &message);
        assembly_check_signers(assembly, member->station, &message);
    }
}

void assembly_on_effect(void *context, node_id station, const struct effect *effect) {
    struct assembly *assembly = context;
    struct member *member = &assembly->members[station];
    if (effect->type == EFFECT_PERSIST) {
        member->persisted = true;
        member->vote_undurable = false;
        member->lock_durable = member->lock;
    } else if (effect->type == EFFECT_SEND) {
        member->sent++;
        if (!assembly_is_faulty(assembly, station))
            check_send(assembly, member, effect);
    }
}

void assembly_checkers_restart(struct assembly *assembly, struct member *member) {
    (void)assembly;
    if (member->doomed) /* the last step may have failed before its record was durable */
        member->durable = member->durable_before;
    member->lock = member->lock_durable;
    member->seen = (struct consensus_view){0};
}

void assembly_checkers_deinit(struct assembly *assembly) {
    struct position *position, *next;
    HASH_ITER(hh, assembly->positions, position, next) {
        HASH_DEL(assembly->positions, position);
        free(position);
    }
    assembly_locks_deinit(assembly);
}
