/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/shard_world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "shard/assignment.h"
#include "tests/lib/shard_check.h"
#include "tests/lib/shard_hostile.h"
#include "tests/lib/shard_world_inside.h"

static const struct committee *committee_of(const struct shard_world *world, uint16_t shard) {
    return &world->committees[shard];
}

static bool chaotic(const struct shard_world *world, time_ns now) {
    return now < world->config.chaos;
}

/* The log of a shard. */

static bool ordered_before(const struct shard_log *log, const struct digest *key) {
    for (size_t i = 0; i < log->size; i++)
        if (memcmp(&log->entries[i].key, key, sizeof *key) == 0)
            return true;
    return false;
}

static void announce(struct shard_world *world, uint16_t shard) {
    const struct committee *committee = committee_of(world, shard);
    for (uint32_t i = 0; i < committee->count; i++) {
        struct writer writer;
        time_ns later = chaotic(world, loop_now(world->loop))
                            ? (time_ns)rng_below(&world->rng, 30 * NS_PER_MS)
                            : 0;
        struct frame *frame = message_new(MESSAGE_TEST, 0, 8, &writer);
        write_u64(&writer, world->logs[shard].size);
        loop_inject(world->loop, committee->members[i], committee->members[i],
                    loop_now(world->loop) + later, frame);
    }
}

/* Appends an item that a quorum found valid, and has the checker apply it first. */
static void append(struct shard_world *world, uint16_t shard, const struct digest *key,
                   const uint8_t *bytes, size_t size, uint64_t height) {
    struct shard_log *log = &world->logs[shard];
    struct shard_item item;
    if (log->size == log->capacity) {
        log->capacity = log->capacity == 0 ? 64 : 2 * log->capacity;
        log->entries = memory_resize(log->entries, log->capacity, sizeof *log->entries);
    }
    log->entries[log->size++] = (struct log_entry){*key, frame_copy(bytes, size), height};
    if (shard_item_decode(&item, bytes, size, &world->map, world->signature_bytes) != OK)
        abort();
    shard_checker_ordered(&world->checker, shard, &item, height, loop_now(world->loop));
}

/* One good signature: what a mutant takes for a proof. */
static bool lenient(struct shard_world *world, const struct shard_item *item, uint16_t shard) {
    const struct shard_proof *proof = &item->proof;
    const struct committee *speaker = committee_of(world, proof->statement.speaker);
    const uint8_t *signature = proof->signatures;
    for (uint32_t i = 0; i < speaker->count; i++) {
        if ((proof->bitmap[i / 8] >> (i % 8) & 1) == 0)
            continue;
        if (shard_statement_verify(&world->forger, speaker->members[i], &proof->statement,
                                   signature))
            return proof->statement.listener == shard;
        signature += world->signature_bytes;
    }
    return false;
}

/* What the correct members of a shard would find. */
static bool valid(struct shard_world *world, uint16_t shard, const struct digest *key,
                  const struct frame *frame) {
    struct shard_item item;
    struct digest own;
    world->forger.out.count = 0;
    if (shard_item_decode(&item, frame->bytes, frame->size, &world->map, world->signature_bytes) !=
        OK)
        return false;
    shard_item_key(&item, &own);
    if (memcmp(&own, key, sizeof own) != 0)
        return false;
    if (world->config.mutant == MUTANT_ONE_SIGNER && item.kind == SHARD_ITEM_PROOF &&
        lenient(world, &item, shard))
        return true;
    return shard_item_verify(&world->forger, &item, &world->map, shard) == OK;
}

static void order(void *context, uint64_t index) {
    struct shard_world *world = context;
    struct pending *pending = &world->pending[index];
    struct frame *frame = pending->frame;
    pending->frame = NULL;
    if (valid(world, pending->shard, &pending->key, frame)) {
        struct shard_log *log = &world->logs[pending->shard];
        append(world, pending->shard, &pending->key, frame->bytes, frame->size, log->size + 1);
        announce(world, pending->shard);
    }
    frame_unref(frame);
}

static bool is_pending(const struct shard_world *world, uint16_t shard, const struct digest *key) {
    for (size_t i = world->pending_count; i > 0; i--) {
        const struct pending *pending = &world->pending[i - 1];
        if (pending->frame != NULL && pending->shard == shard &&
            memcmp(&pending->key, key, sizeof *key) == 0)
            return true;
    }
    return false;
}

int shard_world_order(struct shard_world *world, uint16_t shard, const struct digest *key,
                      const void *bytes, size_t size) {
    if (is_pending(world, shard, key))
        return ERR_DUPLICATE;
    if (!world->config.forgetful && ordered_before(&world->logs[shard], key))
        return ERR_DUPLICATE;
    if (world->pending_count == world->pending_capacity) {
        world->pending_capacity = world->pending_capacity == 0 ? 64 : 2 * world->pending_capacity;
        world->pending =
            memory_resize(world->pending, world->pending_capacity, sizeof *world->pending);
    }
    world->pending[world->pending_count] = (struct pending){shard, *key, frame_copy(bytes, size)};
    time_ns delay = world->config.order_delay;
    if (chaotic(world, loop_now(world->loop)))
        delay = (time_ns)rng_below(&world->rng, 3 * (uint64_t)delay);
    loop_at(world->loop, loop_now(world->loop) + delay, order, world->pending_count++);
    return OK;
}

void shard_world_replay(struct shard_world *world, uint16_t shard, size_t index) {
    const struct log_entry *entry = &world->logs[shard].entries[index];
    (void)shard_world_order(world, shard, &entry->key, entry->frame->bytes, entry->frame->size);
}

/* Members. */

static void check_state(struct shard_member *member, uint64_t height) {
    struct digest state;
    participant_digest(&member->coordinator.participant, &state);
    shard_checker_state(&member->world->checker, member->shard, height, &state, member->node);
}

static void apply(struct shard_member *member, const struct log_entry *entry) {
    struct shard_world *world = member->world;
    struct shard_item item;
    if (world->config.mutant == MUTANT_NONE) {
        coordinator_ordered(&member->coordinator, entry->frame->bytes, entry->frame->size,
                            entry->height);
    } else if (shard_item_decode(&item, entry->frame->bytes, entry->frame->size, &world->map,
                                 world->signature_bytes) == OK) {
        shard_mutant_apply(world->config.mutant, &member->coordinator.participant, &item,
                           entry->height);
    }
    member->applied++;
}

static void catch_up(struct shard_member *member, uint64_t size) {
    const struct shard_log *log = &member->world->logs[member->shard];
    if (size <= member->applied)
        return;
    while (member->applied < size)
        apply(member, &log->entries[member->applied]);
    check_state(member, log->entries[size - 1].height);
}

static int member_submit(void *context, const struct digest *key, const void *bytes, size_t size) {
    struct shard_member *member = context;
    if (member->chain_started)
        return chain_submit(&member->chain, key, bytes, size);
    return shard_world_order(member->world, member->shard, key, bytes, size);
}

static bool chain_valid(void *context, const struct digest *key, const uint8_t *bytes,
                        size_t size) {
    struct shard_member *member = context;
    return coordinator_valid(&member->coordinator, key, bytes, size);
}

static void chain_ordered(void *context, const struct digest *key, const uint8_t *bytes,
                          size_t size, uint64_t height) {
    struct shard_member *member = context;
    struct shard_log *log = &member->world->logs[member->shard];
    if (member->applied == log->size)
        append(member->world, member->shard, key, bytes, size, height);
    const struct log_entry *entry = &log->entries[member->applied];
    assert(memcmp(&entry->key, key, sizeof *key) == 0 && entry->height == height);
    apply(member, entry);
    if (member->applied == log->size)
        check_state(member, height);
}

static void start_chain(struct shard_member *member, const struct event *event) {
    struct shard_world *world = member->world;
    struct chain_config config = {
        .consensus = world->config.consensus,
        .channel = (uint16_t)(world->map.channel + member->shard),
        .committee = *committee_of(world, member->shard),
        .view_timeout = 100 * world->config.delay,
        .certificates = certificate_scheme_find("list"),
        .batch_items = 64,
    };
    struct chain_client client = {chain_valid, chain_ordered, NULL, NULL, NULL, member};
    chain_init(&member->chain, &member->process.env, &config, &client, event->records,
               event->record_count);
    member->chain_started = true;
    chain_start(&member->chain);
}

static void start(struct shard_member *member, const struct event *event) {
    struct shard_world *world = member->world;
    struct coordinator_config config = {
        .env = &member->process.env,
        .map = &world->map,
        .shard = member->shard,
        .patience = world->config.patience,
        .retry =
            world->config.mutant == MUTANT_NO_REMINDER ? 100000 * NS_PER_S : world->config.retry,
        .tick = world->config.retry,
        .client = {member_submit, NULL, member},
    };
    coordinator_init(&member->coordinator, &config);
    member->applied = 0;
    for (uint64_t account = 1; account <= world->accounts; account++)
        if (shard_of_account(account, world->config.shards) == member->shard)
            (void)participant_open(&member->coordinator.participant, account,
                                   shard_world_owner(world, account), SHARD_WORLD_BALANCE);
    if (world->config.consensus != NULL)
        start_chain(member, event);
    else
        catch_up(member, world->logs[member->shard].size);
    if (member->hostile)
        shard_hostile_start(member);
}

static void member_receive(struct shard_member *member, const struct event *event) {
    struct message message;
    struct env *env = &member->process.env;
    int error = message_parse(&message, event->frame);
    if (error == OK && message.type == MESSAGE_TEST) {
        struct reader reader;
        reader_init(&reader, message.body, message.size);
        catch_up(member, read_u64(&reader));
    } else if (error == OK && *message_module(message.type) == MODULE_CONSENSUS) {
        chain_receive(&member->chain, event->from, &message);
    } else {
        if (error == OK)
            error = coordinator_receive(&member->coordinator, event->from, &message);
        if (error != OK) {
            env_drop(env, message.type, error);
            member->world->dropped[-error]++;
        }
    }
}

static void member_step(struct process *process, const struct event *event) {
    struct shard_member *member = container_of(process, struct shard_member, process);
    if (event->type == EVENT_START)
        start(member, event);
    else if (event->type == EVENT_MESSAGE)
        member_receive(member, event);
}

static void member_init(struct shard_world *world, node_id node) {
    struct shard_member *member = &world->members[node];
    member->process.step = member_step;
    env_init(&member->process.env, node, world->config.seed);
    member->process.env.identity = &member->identity;
    loop_start(world->loop, node, &member->process);
}

static void member_deinit(struct shard_member *member) {
    if (member->chain_started)
        chain_deinit(&member->chain);
    member->chain_started = false;
    coordinator_deinit(&member->coordinator);
    env_deinit(&member->process.env);
}

void shard_world_crash(struct shard_world *world, node_id node) {
    if (!loop_alive(world->loop, node))
        return;
    loop_crash(world->loop, node);
    if (node < world->member_count)
        member_deinit(&world->members[node]);
}

void shard_world_restart(struct shard_world *world, node_id node) {
    if (!loop_alive(world->loop, node) && node < world->member_count)
        member_init(world, node);
}

/* Origins. */

static void done(void *context, struct shard_request *request, bool commit) {
    struct shard_world *world = context;
    shard_checker_answer(&world->checker, &request->session, commit);
    if (world->config.done != NULL)
        world->config.done(world->config.context, commit, loop_now(world->loop));
}

/* Sends a transfer to each member of its shards with a chance of one half. */
static void send_partly(struct shard_origin *origin, const struct transfer *transfer) {
    struct shard_world *world = origin->world;
    struct env *env = &origin->process.env;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct digest session;
    struct shard_prepare prepare = {SHARD_NONE, 0, *transfer};
    uint16_t shards[LIMIT_TRANSFER_PARTS];
    prepare.transfer.epoch = world->map.epoch;
    prepare.transfer.origin = env->self;
    prepare.transfer.signature = signature;
    transfer_session(&prepare.transfer, &session);
    transfer_sign(env, &session, signature);
    size_t count = transfer_shards(transfer, shards);
    for (size_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < committee_of(world, shards[i])->count; k++)
            if (rng_chance(&world->rng, 1, 2))
                env_send(env, committee_of(world, shards[i])->members[k],
                         shard_prepare_encode(&prepare, (uint16_t)(world->map.channel + shards[i]),
                                              world->signature_bytes));
}

static void origin_submit(struct shard_origin *origin, const struct planned *planned) {
    struct shard_world *world = origin->world;
    struct transfer transfer = planned->transfer;
    struct shard_request_config config = {.env = &origin->process.env,
                                          .map = &world->map,
                                          .retry = 5 * world->config.retry,
                                          .done = done,
                                          .context = world};
    if (planned->conduct == CONDUCT_CORRECT) {
        if (origin->request.open)
            shard_request_stop(&origin->request);
        if (shard_request_start(&origin->request, &config, &transfer) != OK)
            abort();
        return;
    }
    send_partly(origin, &transfer);
    if (planned->conduct == CONDUCT_PARTIAL)
        return;
    for (size_t i = 0; i < transfer.part_count; i++)
        transfer.parts[i].amount += 1;
    if (transfer.part_count == 2) /* still balanced */
        send_partly(origin, &transfer);
}

static void origin_step(struct process *process, const struct event *event) {
    struct shard_origin *origin = container_of(process, struct shard_origin, process);
    struct message message;
    if (event->type == EVENT_SUBMIT)
        origin_submit(origin, &origin->world->planned[event->transaction]);
    else if (event->type == EVENT_MESSAGE && message_parse(&message, event->frame) == OK &&
             message.type == MESSAGE_SHARD_RESULT && origin->request.config.env != NULL)
        (void)shard_request_receive(&origin->request, event->from, &message);
}

/* Transfers. */

static int part_compare(const void *left, const void *right) {
    const struct transfer_part *a = left, *b = right;
    if (a->shard != b->shard)
        return a->shard < b->shard ? -1 : 1;
    return a->account < b->account ? -1 : a->account > b->account;
}

void shard_world_submit(struct shard_world *world, time_ns at, const struct transfer *transfer,
                        enum shard_conduct conduct) {
    struct planned planned = {*transfer, conduct};
    struct transfer_part sender = transfer->parts[transfer->sender];
    planned.transfer.number = world->planned_count + 1;
    qsort(planned.transfer.parts, transfer->part_count, sizeof sender, part_compare);
    for (uint8_t i = 0; i < transfer->part_count; i++)
        if (planned.transfer.parts[i].account == sender.account)
            planned.transfer.sender = i;
    assert(world->planned_count < ARRAY_LEN(world->planned));
    world->planned[world->planned_count] = planned;
    loop_submit(world->loop, shard_world_owner(world, sender.account), at, world->planned_count++,
                0);
}

uint64_t shard_world_transfer(struct shard_world *world, time_ns at, uint64_t from, uint64_t to,
                              uint64_t amount) {
    uint16_t shards = world->config.shards;
    struct transfer transfer = {
        .part_count = 2,
        .parts = {{shard_of_account(from, shards), true, from, amount},
                  {shard_of_account(to, shards), false, to, amount}},
    };
    shard_world_submit(world, at, &transfer, CONDUCT_CORRECT);
    return world->planned_count;
}

void shard_world_random(struct shard_world *world, time_ns at, uint32_t touched,
                        enum shard_conduct conduct) {
    struct transfer transfer = {.part_count = (uint8_t)touched};
    uint64_t amount = 1 + rng_below(&world->rng, SHARD_WORLD_BALANCE);
    uint16_t first = (uint16_t)rng_below(&world->rng, world->config.shards);
    for (uint32_t i = 0; i < touched; i++) {
        uint16_t shard = (uint16_t)((first + i) % world->config.shards);
        uint64_t account = shard_world_account(
            world, shard, (uint32_t)rng_below(&world->rng, SHARD_WORLD_ACCOUNTS));
        transfer.parts[i] = (struct transfer_part){shard, i == 0, account, amount};
    }
    transfer.parts[0].amount = (touched - 1) * amount;
    shard_world_submit(world, at, &transfer, conduct);
}

uint64_t shard_world_account(const struct shard_world *world, uint16_t shard, uint32_t index) {
    for (uint64_t account = 1; account <= world->accounts; account++)
        if (shard_of_account(account, world->config.shards) == shard && index-- == 0)
            return account;
    abort();
}

node_id shard_world_owner(const struct shard_world *world, uint64_t account) {
    return world->member_count + (node_id)(account % world->config.origins);
}

/* The network. */

static time_ns delay(void *context, node_id from, node_id to, const struct frame *frame,
                     time_ns now) {
    struct shard_world *world = context;
    shard_hostile_overhear(world, frame);
    if (!chaotic(world, now))
        return world->config.delay;
    if (rng_chance(&world->rng, 1, 8))
        return -1;
    if (rng_chance(&world->rng, 1, 8)) {
        time_ns again = (time_ns)rng_below(&world->rng, 500 * NS_PER_MS);
        loop_inject(world->loop, from, to, now + again, frame_copy(frame->bytes, frame->size));
    }
    return (time_ns)rng_below(&world->rng,
                              rng_chance(&world->rng, 1, 10) ? 500 * NS_PER_MS : 40 * NS_PER_MS);
}

static void make_accounts(struct shard_world *world) {
    uint32_t *found = memory_new(world->config.shards, sizeof *found);
    for (uint32_t full = 0; full < world->config.shards;)
        if (++found[shard_of_account(++world->accounts, world->config.shards)] ==
            SHARD_WORLD_ACCOUNTS)
            full++;
    free(found);
    shard_checker_init(&world->checker, &world->config, world->signature_bytes, world->accounts);
    for (uint64_t account = 1; account <= world->accounts; account++)
        shard_checker_open(&world->checker, shard_of_account(account, world->config.shards),
                           account, shard_world_owner(world, account));
}

static void make_nodes(struct shard_world *world) {
    for (node_id node = 0; node < world->member_count; node++) {
        struct shard_member *member = &world->members[node];
        member->world = world;
        member->node = node;
        member->shard = (uint16_t)(node / world->config.members);
        member->hostile =
            node % world->config.members >= world->config.members - world->config.hostile;
        identity_init(&member->identity, &world->directory, node);
        member_init(world, node);
    }
    for (uint32_t i = 0; i < world->config.origins; i++) {
        struct shard_origin *origin = &world->origins[i];
        node_id node = world->member_count + i;
        origin->world = world;
        origin->process.step = origin_step;
        env_init(&origin->process.env, node, world->config.seed);
        identity_init(&origin->identity, &world->directory, node);
        origin->process.env.identity = &origin->identity;
        loop_start(world->loop, node, &origin->process);
    }
}

struct shard_world *shard_world_new(const struct shard_world_config *config) {
    struct shard_world *world = memory_new(1, sizeof *world);
    world->config = *config;
    world->member_count = config->shards * config->members;
    uint32_t nodes = world->member_count + config->origins;
    key_directory_init(&world->directory, suite_find("ed25519", "modelled"), nodes, 1);
    env_init(&world->forger, NODE_NONE, 1);
    identity_init(&world->forger_identity, &world->directory, 0);
    world->forger.identity = &world->forger_identity;
    world->forger.stepping = true; /* no driver: its charges are dropped */
    world->signature_bytes = identity_signature_bytes(&world->forger);
    rng_init(&world->rng, config->seed, 0, "shard world");
    world->ids = memory_new(nodes, sizeof *world->ids);
    world->committees = memory_new(config->shards, sizeof *world->committees);
    for (node_id i = 0; i < nodes; i++)
        world->ids[i] = i;
    for (uint16_t i = 0; i < config->shards; i++)
        world->committees[i] =
            (struct committee){&world->ids[i * config->members], config->members};
    world->map = (struct shard_map){7, config->shards, SHARD_WORLD_CHANNEL, world->committees};
    world->logs = memory_new(config->shards, sizeof *world->logs);
    world->members = memory_new(world->member_count, sizeof *world->members);
    world->origins = memory_new(config->origins, sizeof *world->origins);
    struct loop_config loop = {.count = nodes, .context = world, .delay = delay};
    world->loop = loop_new(&loop);
    make_accounts(world);
    make_nodes(world);
    shard_world_run(world, 0);
    return world;
}

void shard_world_free(struct shard_world *world) {
    for (node_id node = 0; node < world->member_count; node++) {
        shard_world_crash(world, node);
        identity_deinit(&world->members[node].identity);
    }
    for (uint32_t i = 0; i < world->config.origins; i++) {
        identity_deinit(&world->origins[i].identity);
        env_deinit(&world->origins[i].process.env);
    }
    loop_free(world->loop);
    for (uint16_t i = 0; i < world->config.shards; i++) {
        for (size_t k = 0; k < world->logs[i].size; k++)
            frame_unref(world->logs[i].entries[k].frame);
        free(world->logs[i].entries);
    }
    for (size_t i = 0; i < world->pending_count; i++)
        frame_unref(world->pending[i].frame);
    for (size_t i = 0; i < ARRAY_LEN(world->overheard); i++)
        frame_unref(world->overheard[i]);
    shard_checker_deinit(&world->checker);
    identity_deinit(&world->forger_identity);
    env_deinit(&world->forger);
    key_directory_deinit(&world->directory);
    free(world->pending);
    free(world->logs);
    free(world->members);
    free(world->origins);
    free(world->committees);
    free(world->ids);
    free(world);
}

void shard_world_run(struct shard_world *world, time_ns until) {
    loop_run(world->loop, until);
}

void shard_world_finish(struct shard_world *world) {
    shard_checker_finish(&world->checker);
}

const char *shard_world_violation(const struct shard_world *world) {
    return world->checker.violation[0] == '\0' ? NULL : world->checker.violation;
}

bool shard_world_violated(const struct shard_world *world, const char *checker) {
    return shard_checker_fired(&world->checker, checker);
}

uint64_t shard_world_balance(const struct shard_world *world, uint64_t account) {
    uint16_t shard = shard_of_account(account, world->config.shards);
    const struct session *lock;
    uint64_t balance = 0;
    (void)participant_account(&world->checker.references[shard].participant, account, &balance,
                              &lock);
    return balance;
}

uint64_t shard_world_height(const struct shard_world *world, uint16_t shard) {
    return world->checker.references[shard].heights;
}

uint64_t shard_world_changes(const struct shard_world *world, enum session_change change) {
    return world->checker.changes[change];
}

uint64_t shard_world_dropped(const struct shard_world *world, int reason) {
    uint64_t sum = 0;
    for (int i = 0; i < ERROR_COUNT; i++)
        sum += reason == 0 || reason == -i ? world->dropped[i] : 0;
    return sum;
}

size_t shard_world_log_size(const struct shard_world *world, uint16_t shard) {
    return world->logs[shard].size;
}

struct loop *shard_world_loop(struct shard_world *world) {
    return world->loop;
}

const struct shard_map *shard_world_map(const struct shard_world *world) {
    return &world->map;
}

struct coordinator *shard_world_coordinator(struct shard_world *world, node_id node) {
    return &world->members[node].coordinator;
}

struct env *shard_world_forger(struct shard_world *world, node_id node) {
    identity_deinit(&world->forger_identity);
    identity_init(&world->forger_identity, &world->directory, node);
    return &world->forger;
}
