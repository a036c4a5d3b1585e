/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/assembly/inside.h"

void assembly_violate(struct assembly *assembly, const char *checker, node_id node, uint64_t a,
                      uint64_t b) {
    if (assembly->violation[0] == '\0')
        snprintf(assembly->violation, sizeof assembly->violation,
                 "%s: node %u, %llu, %llu at %lld ns (%s, n = %u, seed %llu)", checker, node,
                 (unsigned long long)a, (unsigned long long)b, (long long)loop_now(assembly->loop),
                 assembly->config.ops->name, assembly->config.count,
                 (unsigned long long)assembly->config.seed);
    if (!assembly_violated(assembly, checker)) {
        size_t used = strlen(assembly->violated);
        snprintf(assembly->violated + used, sizeof assembly->violated - used, "%s;", checker);
    }
}

static void check_position(struct assembly *assembly, const char *checker, uint64_t who,
                           const struct trace_record *record) {
    struct position probe = {.key = {who, record->a}}, *found;
    HASH_FIND(hh, assembly->positions, &probe.key, sizeof probe.key, found);
    if (found == NULL) {
        found = memory_new(1, sizeof *found);
        found->key = probe.key;
        found->block = record->b;
        HASH_ADD(hh, assembly->positions, key, sizeof found->key, found);
    } else if (found->block != record->b) {
        assembly_violate(assembly, checker, record->node, record->a, record->b);
    }
}

static void check_monotone(struct assembly *assembly, struct member *member) {
    struct consensus_view now;
    consensus_observe(member->consensus, &now);
    node_id node = member->process.env.self;
    if (now.view < member->seen.view || now.height < member->seen.height)
        assembly_violate(assembly, "monotone", node, now.view, now.height);
    if (now.locked_view < member->durable.locked_view || now.high_view < member->durable.high_view)
        assembly_violate(assembly, "monotone", node, now.locked_view, now.high_view);
    member->seen = now;
    if (loop_now(assembly->loop) > member->durable_at)
        member->durable_before = member->durable;
    member->durable = now;
    member->durable_at = loop_now(assembly->loop);
}

void assembly_on_trace(void *context, const struct trace_record *record) {
    struct assembly *assembly = context;
    assembly->traced[record->point]++;
    if (record->point == TRACE_DROPPED && record->b < ERROR_COUNT)
        assembly->dropped[record->b]++;
    if (record->point == TRACE_VOTED)
        check_position(assembly, "one vote", (uint64_t)record->node + 1, record);
    if (record->point == TRACE_CERTIFIED)
        check_position(assembly, "one certificate", 0, record);
    if (record->point == TRACE_LOCKED || record->point == TRACE_VIEW ||
        record->point == TRACE_DECIDED || record->point == TRACE_CERTIFIED)
        check_monotone(assembly, &assembly->members[record->node]);
    if (assembly->config.trace != NULL)
        assembly->config.trace(assembly->config.context, record);
}

void assembly_checkers_deinit(struct assembly *assembly) {
    struct position *position, *next;
    HASH_ITER(hh, assembly->positions, position, next) {
        HASH_DEL(assembly->positions, position);
        free(position);
    }
}

bool assembly_violated(const struct assembly *assembly, const char *checker) {
    size_t length = strlen(checker);
    for (const char *at = assembly->violated; *at != '\0'; at = strchr(at, ';') + 1)
        if (strncmp(at, checker, length) == 0 && at[length] == ';')
            return true;
    return false;
}
