/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/agreement_world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { INPUT, REPEAT }; /* sizes of SUBMIT events: what is asked of the member */

bool agreement_is_faulty(const struct agreement_world *world, uint32_t member) {
    return (world->config.faulty >> member & 1) != 0;
}

static struct agreement_member *member_of(struct process *process) {
    return container_of(process, struct agreement_member, process);
}

static void persist(void *context) {
    struct agreement_member *member = context;
    struct writer writer;
    struct frame *frame = frame_new(abba_store_bytes(&member->abba));
    writer_init(&writer, frame->bytes, frame->size);
    abba_store(&member->abba, &writer);
    assert(writer.error == OK && writer.at == writer.size);
    env_persist(&member->process.env, 0, frame);
}

static void on_decide(void *context, bool value) {
    struct agreement_member *member = context;
    member->decided = true;
    member->value = value;
    member->decided_hop = member->world->hop;
    member->decided_round = member->abba.terms[member->abba.config.self].round;
}

static void begin(struct agreement_member *member) {
    struct agreement_world *world = member->world;
    struct reader reader;
    const struct abba_config config = {
        .env = &member->process.env,
        .committee = {world->ids, world->config.count},
        .self = member->process.env.self,
        .channel = AGREEMENT_CHANNEL,
        .instance = world->config.seed,
        .coin = &member->coin,
        .coins = world->config.coins,
        .rule = world->config.rule,
        .client = {persist, on_decide, member},
    };
    abba_init(&member->abba, &config);
    if (member->record == NULL)
        return;
    reader_init(&reader, member->record->bytes, member->record->size);
    int error = abba_restore(&member->abba, &reader);
    assert(error == OK && reader_finish(&reader) == OK);
    if (member->abba.decided)
        on_decide(member, member->abba.value);
}

static void step(struct process *process, const struct event *event) {
    struct agreement_member *member = member_of(process);
    struct message message;
    if (event->type == EVENT_START) {
        begin(member);
    } else if (event->type == EVENT_SUBMIT && event->size == REPEAT) {
        abba_repeat(&member->abba, event->from);
    } else if (event->type == EVENT_SUBMIT) {
        (void)abba_input(&member->abba, event->transaction != 0);
    } else if (event->type == EVENT_MESSAGE) {
        int error = message_parse(&message, event->frame);
        assert(error == OK);
        error = abba_receive(&member->abba, event->from, &message);
        if (error != OK)
            env_drop(&process->env, message.type, error);
    }
}

static void add(struct agreement_world *world, uint32_t from, uint32_t to, struct frame *frame) {
    struct message message;
    if (world->pool_count == world->pool_capacity) {
        world->pool_capacity = world->pool_capacity == 0 ? 256 : 2 * world->pool_capacity;
        world->pool = memory_resize(world->pool, world->pool_capacity, sizeof *world->pool);
    }
    struct travelling *travelling = &world->pool[world->pool_count++];
    *travelling = (struct travelling){from, to, world->hop + 1, frame, {0}};
    int error = message_parse(&message, frame);
    if (error == OK)
        error = abba_decode(&travelling->message, &message);
    assert(error == OK);
}

/* One AUX, one CONF: what a member says of a round is the same to all and in all lives. */
static void check_vote(struct agreement_world *world, uint32_t from,
                       const struct abba_message *said) {
    if (said->type != MESSAGE_ABBA_AUX && said->type != MESSAGE_ABBA_CONF)
        return;
    uint8_t *vote = &world->votes[from][said->type == MESSAGE_ABBA_CONF][said->round];
    if (*vote != 0 && *vote != said->set)
        world->contradiction = true;
    *vote = said->set;
}

static void take_effect(struct agreement_member *member, const struct effect *effect) {
    struct agreement_world *world = member->world;
    switch (effect->type) {
    case EFFECT_SEND:
        add(world, member->process.env.self, effect->number, effect->frame);
        const struct travelling *last = &world->pool[world->pool_count - 1];
        world->sent[last->message.type - MESSAGE_ABBA_BVAL]++;
        check_vote(world, last->from, &last->message);
        break;
    case EFFECT_PERSIST:
        frame_unref(member->record);
        member->record = effect->frame;
        break;
    case EFFECT_CHARGE:
        world->charged[effect->number] += effect->a;
        break;
    case EFFECT_TRACE:
        if (effect->number == TRACE_DROPPED)
            world->dropped[effect->b]++;
        world->trace_hash = hash_combine(world->trace_hash, effect->number);
        world->trace_hash = hash_combine(world->trace_hash, effect->a);
        break;
    }
}

static void run_step(struct agreement_member *member, const struct event *event) {
    struct effects *out = &member->process.env.out;
    process_step(&member->process, event, 0);
    for (size_t i = 0; i < out->count; i++) {
        if (member->effects_left == 0) {
            for (; i < out->count; i++)
                frame_unref(out->list[i].frame);
            out->count = 0;
            agreement_crash(member->world, member->process.env.self);
            return;
        }
        if (member->effects_left != UINT64_MAX)
            member->effects_left--;
        take_effect(member, &out->list[i]);
    }
    out->count = 0;
}

static void new_life(struct agreement_world *world, uint32_t index) {
    struct agreement_member *member = &world->members[index];
    const struct event start = {.type = EVENT_START};
    member->world = world;
    member->process.step = step;
    member->alive = true;
    member->effects_left = UINT64_MAX;
    env_init(&member->process.env, index, world->config.seed);
    member->process.env.identity = &member->identity;
    run_step(member, &start);
}

/* Keys cost more than a run; they are made once for each size and provider, and not freed. */
static void find_keys(struct agreement_world *world, const char *provider) {
    static struct {
        struct key_directory directory;
        struct group_keys keys;
    } known[AGREEMENT_MEMBERS + 1][2];
    const uint32_t count = world->config.count;
    struct key_directory *directory = &known[count][strcmp(provider, "real") == 0].directory;
    struct group_keys *keys = &known[count][strcmp(provider, "real") == 0].keys;
    if (keys->members == 0) {
        key_directory_init(directory, suite_find("ed25519", provider), count, 1);
        int error = group_keys_deal(keys, &frost_ristretto255, count, (count - 1) / 3 + 1, 1,
                                    AGREEMENT_CHANNEL, "coin");
        assert(error == OK);
    }
    world->directory = directory;
    world->keys = keys;
}

void agreement_world_init(struct agreement_world *world, const struct agreement_config *config) {
    const char *provider = config->provider == NULL ? "modelled" : config->provider;
    memset(world, 0, sizeof *world);
    world->config = *config;
    assert(config->count <= AGREEMENT_MEMBERS);
    rng_init(&world->rng, config->seed, 0, "agreement world");
    find_keys(world, provider);
    for (uint32_t i = 0; i < config->count; i++) {
        struct agreement_member *member = &world->members[i];
        world->ids[i] = i;
        identity_init(&member->identity, world->directory, i);
        member->process.env.identity = &member->identity;
        common_coin_init(&member->coin, &member->process.env, world->keys, i);
    }
    for (uint32_t i = 0; i < config->count; i++)
        if (!agreement_is_faulty(world, i))
            new_life(world, i);
}

void agreement_crash(struct agreement_world *world, uint32_t index) {
    struct agreement_member *member = &world->members[index];
    abba_deinit(&member->abba);
    env_deinit(&member->process.env);
    member->alive = false;
}

void agreement_restart(struct agreement_world *world, uint32_t index, bool forget) {
    struct agreement_member *member = &world->members[index];
    if (forget) {
        frame_unref(member->record);
        member->record = NULL;
    }
    new_life(world, index);
}

void agreement_world_deinit(struct agreement_world *world) {
    for (uint32_t i = 0; i < world->config.count; i++) {
        struct agreement_member *member = &world->members[i];
        if (member->alive)
            agreement_crash(world, i);
        identity_deinit(&member->identity);
        common_coin_deinit(&member->coin);
        frame_unref(member->record);
    }
    for (size_t i = 0; i < world->pool_count; i++)
        frame_unref(world->pool[i].frame);
    free(world->pool);
}

void agreement_input(struct agreement_world *world, uint32_t index, bool value) {
    const struct event event = {.type = EVENT_SUBMIT, .transaction = value};
    world->hop = 0;
    run_step(&world->members[index], &event);
}

static void share_of(struct agreement_world *world, uint32_t member, struct abba_message *message) {
    struct env env = {0};
    uint8_t name[12];
    struct writer writer;
    env_init(&env, member, 0);
    env.stepping = true;
    writer_init(&writer, name, sizeof name);
    write_u16(&writer, AGREEMENT_CHANNEL);
    write_u64(&writer, message->instance);
    write_u16(&writer, message->round);
    common_coin_share(&world->members[member].coin, &env, name, sizeof name, &message->share);
    env_deinit(&env);
}

static struct abba_message message_of(const struct agreement_world *world, uint16_t type,
                                      uint32_t round, uint8_t set) {
    return (struct abba_message){
        .type = type, .instance = world->config.seed, .round = (uint16_t)round, .set = set};
}

void agreement_say(struct agreement_world *world, uint32_t from, uint32_t to, uint16_t type,
                   uint32_t round, uint8_t set) {
    struct abba_message message = message_of(world, type, round, set);
    if (type == MESSAGE_ABBA_COIN)
        share_of(world, from, &message);
    add(world, from, to, abba_encode(&message, AGREEMENT_CHANNEL));
}

void agreement_say_bad_share(struct agreement_world *world, uint32_t from, uint32_t to,
                             uint32_t round) {
    struct abba_message message = message_of(world, MESSAGE_ABBA_COIN, round, 0);
    share_of(world, from, &message);
    message.share.proof.response[0] ^= 1;
    add(world, from, to, abba_encode(&message, AGREEMENT_CHANNEL));
}

void agreement_deliver(struct agreement_world *world, size_t index) {
    struct travelling travelling = world->pool[index];
    struct agreement_member *member = &world->members[travelling.to];
    memmove(&world->pool[index], &world->pool[index + 1],
            (world->pool_count - index - 1) * sizeof *world->pool);
    world->pool_count--;
    if (member->alive) {
        const struct event event = {
            .type = EVENT_MESSAGE, .from = travelling.from, .frame = travelling.frame};
        world->hop = travelling.hop;
        run_step(member, &event);
    }
    frame_unref(travelling.frame);
}

int agreement_hand(struct agreement_world *world, uint32_t from, uint32_t to, uint16_t type,
                   uint32_t round, uint8_t set) {
    uint64_t before[ARRAY_LEN(world->dropped)];
    memcpy(before, world->dropped, sizeof before);
    agreement_say(world, from, to, type, round, set);
    agreement_deliver(world, world->pool_count - 1);
    for (size_t i = 0; i < ARRAY_LEN(before); i++)
        if (world->dropped[i] != before[i])
            return -(int)i;
    return OK;
}

static bool matches(const struct travelling *travelling, uint32_t from, uint32_t to, uint16_t type,
                    uint8_t set, uint32_t round_up_to) {
    return (from == MEMBER_NONE || travelling->from == from) &&
           (to == MEMBER_NONE || travelling->to == to) &&
           (type == 0 || travelling->message.type == type) &&
           (set == 0 || travelling->message.set == set) && travelling->message.round <= round_up_to;
}

void agreement_deliver_all(struct agreement_world *world, uint32_t from, uint32_t to, uint16_t type,
                           uint8_t set, uint32_t round_up_to) {
    size_t index = 0;
    while (index < world->pool_count) {
        if (matches(&world->pool[index], from, to, type, set, round_up_to)) {
            agreement_deliver(world, index);
            index = 0;
        } else {
            index++;
        }
    }
}

void agreement_run(struct agreement_world *world) {
    while (world->pool_count > 0)
        agreement_deliver(world, 0);
}

void agreement_repeat(struct agreement_world *world, uint32_t to) {
    const struct event event = {.type = EVENT_SUBMIT, .from = to, .size = REPEAT};
    for (uint32_t i = 0; i < world->config.count; i++)
        if (i != to && world->members[i].alive)
            run_step(&world->members[i], &event);
}

bool agreement_holds(const struct agreement_world *world) {
    const struct agreement_member *first = NULL;
    for (uint32_t i = 0; i < world->config.count; i++) {
        const struct agreement_member *member = &world->members[i];
        if (!member->decided)
            continue;
        if (first != NULL && member->value != first->value)
            return false;
        first = member;
    }
    return !world->contradiction;
}

bool agreement_all_decided(const struct agreement_world *world) {
    for (uint32_t i = 0; i < world->config.count; i++)
        if (!agreement_is_faulty(world, i) && !world->members[i].decided)
            return false;
    return agreement_holds(world);
}
