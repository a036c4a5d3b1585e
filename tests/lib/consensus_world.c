/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/consensus_world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/error.h"
#include "crypto/group.h"

#define NUMBER_BYTES 8

struct member {
    struct process process; /* env and timers of this life */
    struct world *world;
    struct identity identity;
    struct consensus *consensus; /* NULL while down */
    /* The client: durable. */
    uint64_t known; /* transactions 1 … known are known */
    uint64_t decided_count;
    uint64_t oldest; /* all up to it are decided */
    uint64_t height;
    uint64_t reported; /* the highest of all lives */
    uint64_t repeated; /* decisions marked as again */
    bool new_life;     /* nothing decided yet in this life */
    bool doomed;       /* crashes in the middle of a step */
    bool decided[WORLD_TRANSACTIONS];
    struct consensus_view seen;           /* the last observation of this life */
    struct consensus_view durable;        /* the last locked and high view of all lives */
    struct consensus_view durable_before; /* … seen at an earlier time than durable_at */
    time_ns durable_at;
};

struct entry {
    struct digest block;
    uint64_t view;
    node_id proposer;
    uint8_t *bytes;
    size_t size;
};

/* Where someone voted or a certificate stands, and for which block. */
struct position {
    struct {
        uint64_t who; /* node + 1; 0: a certificate */
        uint64_t at;
    } key;
    uint64_t block;
    UT_hash_handle hh;
};

struct world {
    struct world_config config;
    struct loop *loop;
    struct key_directory directory;
    struct group_keys group; /* frost */
    node_id ids[LIMIT_COMMITTEE];
    struct member *members;
    struct env forger;
    struct identity forger_identity;
    uint64_t submitted;
    struct entry *log;
    size_t log_height;
    uint64_t log_transactions;
    bool in_log[WORLD_TRANSACTIONS];
    struct position *positions;
    uint64_t traced[TRACE_COUNT];
    uint64_t dropped[ERROR_COUNT];
    char violation[160];
    char violated[400]; /* names of the checkers that have fired, each followed by ';' */
};

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory == NULL)
        abort();
    return memory;
}

static void violate(struct world *world, const char *checker, node_id node, uint64_t a,
                    uint64_t b) {
    if (world->violation[0] == '\0')
        snprintf(world->violation, sizeof world->violation,
                 "%s: node %u, %llu, %llu at %lld ns (%s, n = %u, seed %llu)", checker, node,
                 (unsigned long long)a, (unsigned long long)b, (long long)loop_now(world->loop),
                 world->config.ops->name, world->config.count,
                 (unsigned long long)world->config.seed);
    if (!world_violated(world, checker)) {
        size_t used = strlen(world->violated);
        snprintf(world->violated + used, sizeof world->violated - used, "%s;", checker);
    }
}

static bool is_outside(const struct world *world, node_id node) {
    return node < 64 && (world->config.outside >> node & 1) != 0;
}

/* The client. */

static uint64_t number_at(struct batch batch, size_t index) {
    struct reader reader;
    reader_init(&reader, batch.bytes + index * NUMBER_BYTES, NUMBER_BYTES);
    return read_u64(&reader);
}

static bool client_pending(void *context) {
    const struct member *member = context;
    return member->decided_count < member->known;
}

static uint64_t client_oldest(void *context) {
    struct member *member = context;
    while (member->oldest < member->known && member->decided[member->oldest + 1])
        member->oldest++;
    return member->oldest == member->known ? 0 : member->oldest + 1;
}

static struct frame *client_next_batch(void *context, const struct batch *ancestors, size_t count,
                                       struct part part) {
    const struct member *member = context;
    bool *held = allocate(WORLD_TRANSACTIONS, 1);
    uint64_t chosen[256];
    size_t taken = 0, room = size_min(member->world->config.batch, ARRAY_LEN(chosen));
    room = size_min(room, part.limit / NUMBER_BYTES);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < ancestors[i].size / NUMBER_BYTES; j++)
            held[number_at(ancestors[i], j) % WORLD_TRANSACTIONS] = true;
    const bool censors = member->process.env.self < 64 &&
                         (member->world->config.censors >> member->process.env.self & 1) != 0;
    for (uint64_t number = 1; number <= member->known && taken < room; number++)
        if (!member->decided[number] && !held[number] && number % part.count == part.index &&
            !(censors && number % 2 == 0))
            chosen[taken++] = number;
    free(held);
    if (taken == 0)
        return NULL;
    struct frame *frame = frame_new(taken * NUMBER_BYTES);
    struct writer writer;
    writer_init(&writer, frame->bytes, frame->size);
    for (size_t i = 0; i < taken; i++)
        write_u64(&writer, chosen[i]);
    return frame;
}

static bool client_valid(void *context, struct batch batch, struct part part) {
    const struct member *member = context;
    size_t count = batch.size / NUMBER_BYTES;
    if (count == 0 || count > member->world->config.batch || batch.size % NUMBER_BYTES != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t number = number_at(batch, i);
        if (number == 0 || number > member->world->submitted || member->decided[number] ||
            number % part.count != part.index)
            return false;
        for (size_t j = 0; j < i; j++)
            if (number_at(batch, j) == number)
                return false;
    }
    return true;
}

static void append(struct world *world, node_id node, const struct decision *decision) {
    world->log = realloc(world->log, (world->log_height + 1) * sizeof *world->log);
    if (world->log == NULL)
        abort();
    struct entry *entry = &world->log[world->log_height++];
    *entry = (struct entry){decision->block, decision->view, decision->proposer,
                            allocate(decision->batch.size, 1), decision->batch.size};
    memcpy(entry->bytes, decision->batch.bytes, decision->batch.size);
    for (size_t i = 0; i < decision->batch.size / NUMBER_BYTES; i++) {
        uint64_t number = number_at(decision->batch, i);
        if (number == 0 || number > world->submitted || world->in_log[number])
            violate(world, "validity", node, decision->height, number);
        else
            world->in_log[number] = true;
        world->log_transactions++;
    }
}

static void check_height(struct member *member, const struct decision *decision) {
    const struct world *world = member->world;
    bool follows = decision->height == member->height + 1;
    bool repeats = member->new_life && decision->height <= member->height;
    /* Again is only what an earlier life reported: the client's height is as durable as that. */
    if (decision->again && decision->height > member->reported)
        violate(member->world, "heights", member->process.env.self, decision->height,
                member->reported);
    if (decision->height > member->reported)
        member->reported = decision->height;
    member->repeated += decision->again;
    if (decision->height == 0 || (!follows && !repeats))
        violate(member->world, "heights", member->process.env.self, decision->height,
                member->height);
    if (decision->height > world->log_height + 1)
        violate(member->world, "heights", member->process.env.self, decision->height,
                world->log_height);
    member->new_life = false;
    member->height = decision->height;
}

static void client_decide(void *context, const struct decision *decision) {
    struct member *member = context;
    struct world *world = member->world;
    node_id node = member->process.env.self;
    check_height(member, decision);
    if (decision->batch.size == 0)
        violate(world, "validity", node, decision->height, 0);
    if (decision->height == world->log_height + 1)
        append(world, node, decision);
    if (decision->height >= 1 && decision->height <= world->log_height) {
        const struct entry *entry = &world->log[decision->height - 1];
        if (memcmp(&entry->block, &decision->block, sizeof entry->block) != 0 ||
            entry->view != decision->view || entry->proposer != decision->proposer ||
            entry->size != decision->batch.size ||
            memcmp(entry->bytes, decision->batch.bytes, entry->size) != 0)
            violate(world, "agreement", node, decision->height, decision->view);
    }
    for (size_t i = 0; i < decision->batch.size / NUMBER_BYTES; i++) {
        uint64_t number = number_at(decision->batch, i) % WORLD_TRANSACTIONS;
        if (!member->decided[number]) {
            member->decided[number] = true;
            member->decided_count++;
        }
    }
}

/* The process. */

static void begin(struct member *member, const struct event *event) {
    struct world *world = member->world;
    struct consensus_config config = {
        .env = &member->process.env,
        .committee = world_committee(world),
        .channel = WORLD_CHANNEL,
        .view_timeout = world->config.view_timeout,
        .certificates = world->config.certificates,
        .group = &world->group,
        .leaders = world->config.leaders,
        .client = {client_pending, client_oldest, client_next_batch, client_valid, client_decide,
                   member},
        .records = event->records,
        .record_count = event->record_count,
    };
    member->consensus = consensus_new(world->config.ops, &config);
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
        if (error == OK && message.channel != WORLD_CHANNEL)
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

/* The checkers. */

static void check_position(struct world *world, const char *checker, uint64_t who,
                           const struct trace_record *record) {
    struct position probe = {.key = {who, record->a}}, *found;
    HASH_FIND(hh, world->positions, &probe.key, sizeof probe.key, found);
    if (found == NULL) {
        found = allocate(1, sizeof *found);
        found->key = probe.key;
        found->block = record->b;
        HASH_ADD(hh, world->positions, key, sizeof found->key, found);
    } else if (found->block != record->b) {
        violate(world, checker, record->node, record->a, record->b);
    }
}

static void check_monotone(struct world *world, struct member *member) {
    struct consensus_view now;
    consensus_observe(member->consensus, &now);
    node_id node = member->process.env.self;
    if (now.view < member->seen.view || now.height < member->seen.height)
        violate(world, "monotone", node, now.view, now.height);
    if (now.locked_view < member->durable.locked_view || now.high_view < member->durable.high_view)
        violate(world, "monotone", node, now.locked_view, now.high_view);
    member->seen = now;
    if (loop_now(world->loop) > member->durable_at)
        member->durable_before = member->durable;
    member->durable = now;
    member->durable_at = loop_now(world->loop);
}

static void on_trace(void *context, const struct trace_record *record) {
    struct world *world = context;
    world->traced[record->point]++;
    if (record->point == TRACE_DROPPED && record->b < ERROR_COUNT)
        world->dropped[record->b]++;
    if (record->point == TRACE_VOTED)
        check_position(world, "one vote", (uint64_t)record->node + 1, record);
    if (record->point == TRACE_CERTIFIED)
        check_position(world, "one certificate", 0, record);
    if (record->point == TRACE_LOCKED || record->point == TRACE_VIEW ||
        record->point == TRACE_DECIDED || record->point == TRACE_CERTIFIED)
        check_monotone(world, &world->members[record->node]);
    if (world->config.trace != NULL)
        world->config.trace(world->config.context, record);
}

static time_ns on_delay(void *context, node_id from, node_id to, const struct frame *frame,
                        time_ns now) {
    struct world *world = context;
    struct message message;
    if (world->config.route == NULL || message_parse(&message, frame) != OK)
        return world->config.delay;
    struct world_message travelling = {from, to, message.type, frame, now, world->config.delay};
    return world->config.route(world->config.context, &travelling);
}

/* Building and steering. */

static void end_life(struct member *member) {
    consensus_free(member->consensus);
    member->consensus = NULL;
    env_deinit(&member->process.env);
    identity_deinit(&member->identity);
}

static void new_life(struct world *world, node_id node) {
    struct member *member = &world->members[node];
    if (member->world != NULL)
        end_life(member);
    if (member->doomed) /* the last step may have failed before its record was durable */
        member->durable = member->durable_before;
    member->doomed = false;
    member->world = world;
    member->new_life = true;
    member->seen = (struct consensus_view){0};
    member->process.step = step;
    env_init(&member->process.env, node, world->config.seed);
    identity_init(&member->identity, &world->directory, node);
    member->process.env.identity = &member->identity;
    loop_start(world->loop, node, &member->process);
}

struct world *world_new(const struct world_config *config) {
    struct world *world = allocate(1, sizeof *world);
    assert(config->count >= 1 && config->count <= LIMIT_COMMITTEE);
    world->config = *config;
    if (world->config.batch == 0)
        world->config.batch = 1;
    if (world->config.certificates == NULL)
        world->config.certificates = &certificate_list;
    const char *name = world->config.certificates->suite;
    const struct suite *suite = suite_find(
        name == NULL ? "ed25519" : name, config->provider == NULL ? "modelled" : config->provider);
    assert(suite != NULL);
    key_directory_init(&world->directory, suite, config->count, config->seed);
    if (world->config.certificates == &certificate_frost) {
        struct committee committee = {world->ids, config->count};
        int error = group_keys_deal(&world->group, &frost_ed25519, config->count,
                                    committee_quorum(&committee), config->seed, WORLD_CHANNEL,
                                    "certificates");
        assert(error == OK);
    }
    struct loop_config loop = {
        .count = config->count, .context = world, .delay = on_delay, .trace = on_trace};
    world->loop = loop_new(&loop);
    world->members = allocate(config->count, sizeof *world->members);
    for (node_id node = 0; node < config->count; node++)
        world->ids[node] = node;
    for (node_id node = 0; node < config->count; node++)
        if (!is_outside(world, node))
            new_life(world, node);
    return world;
}

static void release_forger(struct world *world) {
    if (world->forger.identity != NULL) {
        env_deinit(&world->forger);
        identity_deinit(&world->forger_identity);
    }
}

void world_free(struct world *world) {
    struct position *position, *next;
    loop_free(world->loop);
    for (node_id node = 0; node < world->config.count; node++)
        if (world->members[node].world != NULL)
            end_life(&world->members[node]);
    release_forger(world);
    HASH_ITER(hh, world->positions, position, next) {
        HASH_DEL(world->positions, position);
        free(position);
    }
    for (size_t i = 0; i < world->log_height; i++)
        free(world->log[i].bytes);
    free(world->log);
    free(world->members);
    key_directory_deinit(&world->directory);
    group_keys_deinit(&world->group);
    free(world);
}

void world_submit(struct world *world, time_ns at, uint32_t count) {
    world->submitted += count;
    assert(world->submitted < WORLD_TRANSACTIONS);
    for (node_id node = 0; node < world->config.count; node++)
        loop_submit(world->loop, node, at, world->submitted, NUMBER_BYTES);
}

void world_submit_staggered(struct world *world, const time_ns *at) {
    world->submitted++;
    assert(world->submitted < WORLD_TRANSACTIONS);
    for (node_id node = 0; node < world->config.count; node++)
        if (at[node] != TIME_NEVER)
            loop_submit(world->loop, node, at[node], world->submitted, NUMBER_BYTES);
}

void world_run(struct world *world, time_ns until) {
    loop_run(world->loop, until);
}

void world_crash(struct world *world, node_id node) {
    loop_crash(world->loop, node);
}

void world_crash_after(struct world *world, node_id node, uint64_t effects) {
    world->members[node].doomed = true;
    loop_crash_after(world->loop, node, effects);
}

void world_restart(struct world *world, node_id node) {
    struct member *member = &world->members[node];
    /* Clients send again what was not answered: a restarted member learns what it missed. */
    member->known = world->submitted;
    new_life(world, node);
}

void world_restart_empty(struct world *world, node_id node) {
    struct member *member = &world->members[node];
    loop_forget(world->loop, node);
    memset(member->decided, 0, sizeof member->decided);
    member->decided_count = 0;
    member->oldest = 0;
    member->height = 0;
    member->durable = member->durable_before = (struct consensus_view){0};
    world_restart(world, node);
}

bool world_alive(const struct world *world, node_id node) {
    return loop_alive(world->loop, node);
}

/* Reading. */

const char *world_violation(const struct world *world) {
    return world->violation[0] == '\0' ? NULL : world->violation;
}

bool world_violated(const struct world *world, const char *checker) {
    size_t length = strlen(checker);
    for (const char *at = world->violated; *at != '\0'; at = strchr(at, ';') + 1)
        if (strncmp(at, checker, length) == 0 && at[length] == ';')
            return true;
    return false;
}

uint64_t world_height(const struct world *world, node_id node) {
    return world->members[node].height;
}

uint64_t world_repeated(const struct world *world, node_id node) {
    return world->members[node].repeated;
}

uint64_t world_log_height(const struct world *world) {
    return world->log_height;
}

uint64_t world_submitted(const struct world *world) {
    return world->submitted;
}

uint64_t world_decided(const struct world *world) {
    return world->log_transactions;
}

void world_observe(const struct world *world, node_id node, struct consensus_view *view) {
    consensus_observe(world->members[node].consensus, view);
}

struct consensus *world_consensus(const struct world *world, node_id node) {
    return world->members[node].consensus;
}

uint64_t world_traced(const struct world *world, enum trace_point point) {
    return world->traced[point];
}

uint64_t world_dropped(const struct world *world, int reason) {
    if (reason != OK)
        return world->dropped[-reason];
    return world->traced[TRACE_DROPPED];
}

struct loop *world_loop(struct world *world) {
    return world->loop;
}

struct committee world_committee(const struct world *world) {
    return (struct committee){world->ids, world->config.count};
}

const struct group_keys *world_group(const struct world *world) {
    return &world->group;
}

struct env *world_forger(struct world *world, node_id node) {
    release_forger(world);
    env_init(&world->forger, node, world->config.seed);
    identity_init(&world->forger_identity, &world->directory, node);
    world->forger.identity = &world->forger_identity;
    world->forger.stepping = true;
    return &world->forger;
}
