/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/assembly/assembly.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/assembly/inside.h"

static void begin(struct member *member, const struct event *event) {
    struct assembly *assembly = member->assembly;
    struct consensus_config config = {
        .env = &member->process.env,
        .committee = assembly_committee(assembly),
        .channel = ASSEMBLY_CHANNEL,
        .view_timeout = assembly->config.view_timeout,
        .certificates = assembly->config.certificates,
        .group = &assembly->group,
        .leaders = assembly->config.leaders,
        .client = assembly_client(member),
        .records = event->records,
        .record_count = event->record_count,
    };
    member->consensus = consensus_new(assembly->config.ops, &config);
    consensus_start(member->consensus);
}

static void step(struct process *process, const struct event *event) {
    struct member *member = container_of(process, struct member, process);
    struct message message;
    int error;
    switch (event->type) {
    case EVENT_START:
        begin(member, event);
        break;
    case EVENT_SUBMIT:
        if (event->transaction > member->known)
            member->known = event->transaction;
        consensus_poke(member->consensus);
        break;
    case EVENT_MESSAGE:
        error = message_parse(&message, event->frame);
        if (error == OK && message.channel != ASSEMBLY_CHANNEL)
            error = ERR_NOT_MEMBER;
        if (error != OK)
            env_drop(&process->env, message.type, error);
        else
            consensus_receive(member->consensus, event->from, &message);
        break;
    case EVENT_TIMER:
        break;
    }
}

static time_ns on_delay(void *context, node_id from, node_id to, const struct frame *frame,
                        time_ns now) {
    struct assembly *assembly = context;
    struct message message;
    if (assembly->config.route == NULL || message_parse(&message, frame) != OK)
        return assembly->config.delay;
    struct assembly_message travelling = {from,  to,  message.type,
                                          frame, now, assembly->config.delay};
    return assembly->config.route(assembly->config.context, &travelling);
}

/* Building and steering. */

static void end_life(struct member *member) {
    consensus_free(member->consensus);
    member->consensus = NULL;
    env_deinit(&member->process.env);
    identity_deinit(&member->identity);
}

static void new_life(struct assembly *assembly, node_id node) {
    struct member *member = &assembly->members[node];
    if (member->assembly != NULL)
        end_life(member);
    if (member->doomed) /* the last step may have failed before its record was durable */
        member->durable = member->durable_before;
    member->doomed = false;
    member->assembly = assembly;
    member->new_life = true;
    member->seen = (struct consensus_view){0};
    member->process.step = step;
    env_init(&member->process.env, node, assembly->config.seed);
    identity_init(&member->identity, &assembly->directory, node);
    member->process.env.identity = &member->identity;
    loop_start(assembly->loop, node, &member->process);
}

struct assembly *assembly_new(const struct assembly_config *config) {
    struct assembly *assembly = memory_new(1, sizeof *assembly);
    assert(config->count >= 1 && config->count <= LIMIT_COMMITTEE);
    assembly->config = *config;
    if (assembly->config.batch == 0)
        assembly->config.batch = 1;
    if (assembly->config.certificates == NULL)
        assembly->config.certificates = &certificate_list;
    const char *name = assembly->config.certificates->suite;
    const struct suite *suite = suite_find(
        name == NULL ? "ed25519" : name, config->provider == NULL ? "modelled" : config->provider);
    assert(suite != NULL);
    key_directory_init(&assembly->directory, suite, config->count, config->seed);
    if (assembly->config.certificates == &certificate_frost) {
        struct committee committee = {assembly->ids, config->count};
        int error = group_keys_deal(&assembly->group, &frost_ed25519, config->count,
                                    committee_quorum(&committee), config->seed, ASSEMBLY_CHANNEL,
                                    "certificates");
        assert(error == OK);
    }
    struct loop_config loop = {
        .count = config->count, .context = assembly, .delay = on_delay, .trace = assembly_on_trace};
    assembly->loop = loop_new(&loop);
    assembly->members = memory_new(config->count, sizeof *assembly->members);
    for (node_id node = 0; node < config->count; node++)
        assembly->ids[node] = node;
    for (node_id node = 0; node < config->count; node++)
        if (!assembly_is_outside(assembly, node))
            new_life(assembly, node);
    return assembly;
}

static void release_forger(struct assembly *assembly) {
    if (assembly->forger.identity != NULL) {
        env_deinit(&assembly->forger);
        identity_deinit(&assembly->forger_identity);
    }
}

void assembly_free(struct assembly *assembly) {
    loop_free(assembly->loop);
    for (node_id node = 0; node < assembly->config.count; node++)
        if (assembly->members[node].assembly != NULL)
            end_life(&assembly->members[node]);
    release_forger(assembly);
    assembly_checkers_deinit(assembly);
    for (size_t i = 0; i < assembly->log_height; i++)
        free(assembly->log[i].bytes);
    free(assembly->log);
    free(assembly->members);
    key_directory_deinit(&assembly->directory);
    group_keys_deinit(&assembly->group);
    free(assembly);
}

void assembly_submit(struct assembly *assembly, time_ns at, uint32_t count) {
    assembly->submitted += count;
    assert(assembly->submitted < ASSEMBLY_TRANSACTIONS);
    for (node_id node = 0; node < assembly->config.count; node++)
        loop_submit(assembly->loop, node, at, assembly->submitted, NUMBER_BYTES);
}

void assembly_submit_staggered(struct assembly *assembly, const time_ns *at) {
    assembly->submitted++;
    assert(assembly->submitted < ASSEMBLY_TRANSACTIONS);
    for (node_id node = 0; node < assembly->config.count; node++)
        if (at[node] != TIME_NEVER)
            loop_submit(assembly->loop, node, at[node], assembly->submitted, NUMBER_BYTES);
}

void assembly_run(struct assembly *assembly, time_ns until) {
    loop_run(assembly->loop, until);
}

void assembly_crash(struct assembly *assembly, node_id node) {
    loop_crash(assembly->loop, node);
}

void assembly_crash_after(struct assembly *assembly, node_id node, uint64_t effects) {
    assembly->members[node].doomed = true;
    loop_crash_after(assembly->loop, node, effects);
}

void assembly_restart(struct assembly *assembly, node_id node) {
    struct member *member = &assembly->members[node];
    /* Clients send again what was not answered: a restarted member learns what it missed. */
    member->known = assembly->submitted;
    new_life(assembly, node);
}

void assembly_restart_empty(struct assembly *assembly, node_id node) {
    struct member *member = &assembly->members[node];
    loop_forget(assembly->loop, node);
    memset(member->decided, 0, sizeof member->decided);
    member->decided_count = 0;
    member->oldest = 0;
    member->height = 0;
    member->durable = member->durable_before = (struct consensus_view){0};
    assembly_restart(assembly, node);
}

bool assembly_alive(const struct assembly *assembly, node_id node) {
    return loop_alive(assembly->loop, node);
}

/* Reading. */

const char *assembly_violation(const struct assembly *assembly) {
    return assembly->violation[0] == '\0' ? NULL : assembly->violation;
}

uint64_t assembly_height(const struct assembly *assembly, node_id node) {
    return assembly->members[node].height;
}

uint64_t assembly_repeated(const struct assembly *assembly, node_id node) {
    return assembly->members[node].repeated;
}

uint64_t assembly_log_height(const struct assembly *assembly) {
    return assembly->log_height;
}

uint64_t assembly_submitted(const struct assembly *assembly) {
    return assembly->submitted;
}

uint64_t assembly_decided(const struct assembly *assembly) {
    return assembly->log_transactions;
}

void assembly_observe(const struct assembly *assembly, node_id node, struct consensus_view *view) {
    consensus_observe(assembly->members[node].consensus, view);
}

struct consensus *assembly_consensus(const struct assembly *assembly, node_id node) {
    return assembly->members[node].consensus;
}

uint64_t assembly_traced(const struct assembly *assembly, enum trace_point point) {
    return assembly->traced[point];
}

uint64_t assembly_dropped(const struct assembly *assembly, int reason) {
    if (reason != OK)
        return assembly->dropped[-reason];
    return assembly->traced[TRACE_DROPPED];
}

struct loop *assembly_loop(struct assembly *assembly) {
    return assembly->loop;
}

struct committee assembly_committee(const struct assembly *assembly) {
    return (struct committee){assembly->ids, assembly->config.count};
}

const struct group_keys *assembly_group(const struct assembly *assembly) {
    return &assembly->group;
}

struct env *assembly_forger(struct assembly *assembly, node_id node) {
    release_forger(assembly);
    env_init(&assembly->forger, node, assembly->config.seed);
    identity_init(&assembly->forger_identity, &assembly->directory, node);
    assembly->forger.identity = &assembly->forger_identity;
    assembly->forger.stepping = true;
    return &assembly->forger;
}
