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
        .group = assembly_group(assembly),
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
        assembly_client_hear(member, event->transaction, event->size / NUMBER_BYTES);
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

/* Lives. */

static void end_life(struct member *member) {
    if (member->consensus == NULL) /* it never began, or has ended */
        return;
    consensus_free(member->consensus);
    member->consensus = NULL;
}

/* A twin's code draws other numbers than its brother's. */
static uint64_t seed_of(const struct assembly *assembly, node_id station) {
    return station < assembly->config.count ? assembly->config.seed
                                            : hash_combine(assembly->config.seed, station);
}

static void release(struct member *member) {
    end_life(member);
    env_deinit(&member->process.env);
    identity_deinit(&member->identity);
}

static void new_life(struct assembly *assembly, node_id station) {
    struct member *member = &assembly->members[station];
    const node_id node = assembly->speaks_for[station];
    if (member->assembly != NULL)
        release(member);
    member->assembly = assembly;
    assembly_checkers_restart(assembly, member);
    member->doomed = false;
    member->new_life = true;
    member->process.step = step;
    env_init(&member->process.env, node, seed_of(assembly, station));
    identity_init(&member->identity, &assembly->directory, node);
    member->process.env.identity = &member->identity;
    assembly->stage.ops->start(assembly->stage.driver, station, &member->process);
}

/* Building. */

static void make_keys(struct assembly *assembly) {
    const struct assembly_config *config = &assembly->config;
    const char *name = config->certificates->suite;
    const struct suite *suite = suite_find(
        name == NULL ? "ed25519" : name, config->provider == NULL ? "modelled" : config->provider);
    assert(suite != NULL);
    key_directory_init(&assembly->directory, suite, config->count, config->seed);
    if (config->certificates == &certificate_frost && config->group == NULL) {
        struct committee committee = assembly_committee(assembly);
        int error = group_keys_deal(&assembly->group, &frost_ed25519, config->count,
                                    committee_quorum(&committee), config->seed, ASSEMBLY_CHANNEL,
                                    "certificates");
        assert(error == OK);
        (void)error;
    }
    env_init(&assembly->checker, 0, config->seed);
    identity_init(&assembly->checker_identity, &assembly->directory, 0);
    assembly->checker.identity = &assembly->checker_identity;
    assembly->checker.stepping = true;
    assembly->certification = (struct certification){
        .scheme = config->certificates,
        .committee = assembly_committee(assembly),
        .channel = ASSEMBLY_CHANNEL,
        .signature_bytes = identity_signature_bytes(&assembly->checker),
        .group = assembly_group(assembly),
    };
}

static void make_members(struct assembly *assembly) {
    const uint64_t numbers = assembly->config.transactions;
    assembly->in_log = memory_new(numbers, sizeof *assembly->in_log);
    assembly->members = memory_new(assembly->stations, sizeof *assembly->members);
    assembly->hashes = memory_new(assembly->stations, sizeof *assembly->hashes);
    for (node_id station = 0; station < assembly->stations; station++) {
        struct member *member = &assembly->members[station];
        member->station = station;
        member->transactions = memory_new(numbers, sizeof *member->transactions);
        member->arrivals = memory_new(numbers, sizeof *member->arrivals);
        member->sent_window = memory_new(assembly->config.count, sizeof *member->sent_window);
    }
}

static void open_stage(struct assembly *assembly) {
    const struct stage_config stage = {
        .count = assembly->stations,
        .speaks_for = assembly->config.twins > 0 ? assembly->speaks_for : NULL,
        .context = assembly,
        .end = assembly->config.end,
        .delay = on_delay,
        .trace = assembly_on_trace,
        .stepped = assembly_on_step,
        .effect = assembly_on_effect,
    };
    assembly->stage.ops = assembly->config.stage == NULL ? &stage_loop : assembly->config.stage;
    assembly->stage.driver = assembly->stage.ops->open(&stage);
}

struct assembly *assembly_new(const struct assembly_config *config) {
    struct assembly *assembly = memory_new(1, sizeof *assembly);
    assert(config->count >= 1 && config->count <= LIMIT_COMMITTEE &&
           config->twins <= ASSEMBLY_TWINS);
    assembly->config = *config;
    if (assembly->config.batch == 0)
        assembly->config.batch = 1;
    if (assembly->config.certificates == NULL)
        assembly->config.certificates = &certificate_list;
    if (assembly->config.transactions == 0)
        assembly->config.transactions = ASSEMBLY_TRANSACTIONS;
    assembly->stations = config->count + config->twins;
    for (node_id node = 0; node < config->count; node++)
        assembly->ids[node] = assembly->speaks_for[node] = node;
    for (uint32_t i = 0; i < config->twins; i++) {
        assembly->speaks_for[config->count + i] = config->twin_of[i];
        assembly->config.faulty |= UINT64_C(1) << config->twin_of[i];
    }
    make_keys(assembly);
    make_members(assembly);
    open_stage(assembly);
    for (node_id station = 0; station < assembly->stations; station++)
        if (!assembly_is_outside(assembly, assembly->speaks_for[station]))
            new_life(assembly, station);
    return assembly;
}

static void release_forger(struct assembly *assembly) {
    if (assembly->forger.identity != NULL) {
        env_deinit(&assembly->forger);
        identity_deinit(&assembly->forger_identity);
    }
}

void assembly_free(struct assembly *assembly) {
    assembly->stage.ops->close(assembly->stage.driver);
    for (node_id station = 0; station < assembly->stations; station++) {
        struct member *member = &assembly->members[station];
        if (member->assembly != NULL)
            release(member);
        free(member->transactions);
        free(member->arrivals);
        free(member->sent_window);
    }
    release_forger(assembly);
    assembly_checkers_deinit(assembly);
    env_deinit(&assembly->checker);
    identity_deinit(&assembly->checker_identity);
    for (size_t i = 0; i < assembly->log_height; i++)
        free(assembly->log[i].bytes);
    free(assembly->log);
    free(assembly->in_log);
    free(assembly->hashes);
    free(assembly->members);
    key_directory_deinit(&assembly->directory);
    group_keys_deinit(&assembly->group);
    free(assembly);
}

/* Steering. */

void assembly_tell(struct assembly *assembly, time_ns at, uint64_t last, uint32_t count,
                   uint64_t stations) {
    if (!assembly->config.exact)
        count = (uint32_t)last;
    for (node_id station = 0; station < assembly->stations; station++)
        if (station >= 64 || (stations >> station & 1) != 0)
            assembly->stage.ops->submit(assembly->stage.driver, station, at, last,
                                        count * NUMBER_BYTES);
}

void assembly_submit_to(struct assembly *assembly, time_ns at, uint32_t count, uint64_t stations) {
    assembly->submitted += count;
    assert(assembly->submitted < assembly->config.transactions);
    assembly_tell(assembly, at, assembly->submitted, count, stations);
}

void assembly_submit(struct assembly *assembly, time_ns at, uint32_t count) {
    assembly_submit_to(assembly, at, count, UINT64_MAX);
}

void assembly_submit_staggered(struct assembly *assembly, const time_ns *at) {
    assembly->submitted++;
    assert(assembly->submitted < assembly->config.transactions);
    for (node_id node = 0; node < assembly->config.count; node++)
        if (at[node] != TIME_NEVER)
            assembly->stage.ops->submit(assembly->stage.driver, node, at[node], assembly->submitted,
                                        (uint32_t)assembly->submitted * NUMBER_BYTES);
}

void assembly_run(struct assembly *assembly, time_ns until) {
    assembly->stage.ops->run(assembly->stage.driver, until);
}

void assembly_stop(struct assembly *assembly) {
    assembly->stage.ops->stop(assembly->stage.driver);
}

time_ns assembly_now(const struct assembly *assembly) {
    return assembly->stage.ops->now(assembly->stage.driver);
}

void assembly_at(struct assembly *assembly, time_ns at,
                 void (*function)(void *assembly, uint64_t argument), uint64_t argument) {
    assembly->stage.ops->at(assembly->stage.driver, at, function, argument);
}

void assembly_inject(struct assembly *assembly, node_id from, node_id to, time_ns at,
                     struct frame *frame) {
    assembly->stage.ops->inject(assembly->stage.driver, from, to, at, frame);
}

void assembly_crash(struct assembly *assembly, node_id station) {
    assembly->stage.ops->crash(assembly->stage.driver, station);
}

void assembly_crash_after(struct assembly *assembly, node_id station, uint64_t effects) {
    assembly->members[station].doomed = true;
    assembly->stage.ops->crash_after(assembly->stage.driver, station, effects);
}

void assembly_restart(struct assembly *assembly, node_id station) {
    if (!assembly->config.exact)
        assembly_client_hear(&assembly->members[station], assembly->submitted, assembly->submitted);
    new_life(assembly, station);
}

void assembly_restart_empty(struct assembly *assembly, node_id station) {
    struct member *member = &assembly->members[station];
    assembly->stage.ops->forget(assembly->stage.driver, station);
    assembly_client_forget(member);
    member->durable = member->durable_before = (struct consensus_view){0};
    member->lock = member->lock_durable = (struct lock){0};
    assembly_restart(assembly, station);
}

bool assembly_alive(const struct assembly *assembly, node_id station) {
    return assembly->stage.ops->alive(assembly->stage.driver, station);
}

/* Reading. */

void *assembly_context(const struct assembly *assembly) {
    return assembly->config.context;
}

uint32_t assembly_stations(const struct assembly *assembly) {
    return assembly->stations;
}

node_id assembly_identity(const struct assembly *assembly, node_id station) {
    return assembly->speaks_for[station];
}

bool assembly_faulty(const struct assembly *assembly, node_id station) {
    return assembly_is_faulty(assembly, station);
}

uint64_t assembly_height(const struct assembly *assembly, node_id station) {
    return assembly->members[station].height;
}

uint64_t assembly_repeated(const struct assembly *assembly, node_id station) {
    return assembly->members[station].repeated;
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

uint64_t assembly_sent(const struct assembly *assembly, node_id station) {
    return assembly->members[station].sent;
}

uint64_t assembly_waiting(const struct assembly *assembly, node_id station) {
    return assembly->members[station].waiting;
}

bool assembly_has_decided(const struct assembly *assembly, node_id station, uint64_t number) {
    return (assembly->members[station].transactions[number] & CLIENT_DECIDED) != 0;
}

uint64_t assembly_steps(const struct assembly *assembly) {
    return assembly->steps;
}

uint64_t assembly_trace_hash(const struct assembly *assembly) {
    uint64_t hash = 0;
    for (node_id station = 0; station < assembly->stations; station++)
        hash = hash_combine(hash, assembly->hashes[station]);
    return hash;
}

void assembly_observe(const struct assembly *assembly, node_id station,
                      struct consensus_view *view) {
    consensus_observe(assembly->members[station].consensus, view);
}

struct consensus *assembly_consensus(const struct assembly *assembly, node_id station) {
    return assembly->members[station].consensus;
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
    assert(assembly->stage.ops == &stage_loop);
    return assembly->stage.driver;
}

struct committee assembly_committee(const struct assembly *assembly) {
    return (struct committee){assembly->ids, assembly->config.count};
}

const struct group_keys *assembly_group(const struct assembly *assembly) {
    return assembly->config.group != NULL ? assembly->config.group : &assembly->group;
}

void assembly_note_forged(struct assembly *assembly, const struct frame *frame) {
    struct message message;
    assembly->forged++;
    if (message_parse(&message, frame) == OK)
        assembly_note_blocks(assembly, &message);
}

struct env *assembly_forger(struct assembly *assembly, node_id node) {
    release_forger(assembly);
    env_init(&assembly->forger, node, assembly->config.seed);
    identity_init(&assembly->forger_identity, &assembly->directory, node);
    assembly->forger.identity = &assembly->forger_identity;
    assembly->forger.stepping = true;
    return &assembly->forger;
}
