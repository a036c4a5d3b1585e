/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/soak/schedule.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/rng.h"

#define CITIES_MAX  3
#define MEMBERS_MAX 7
#define BEGIN_MS    300
#define HEALED_MS   2000
#define CLOCK_MS    200

/* What a committee runs; each with the keys of its own tier. */
static const struct variant {
    const char *keys;
    bool rotates; /* and needs three certificates in turn */
} variants[] = {
    {"consensus: pbft", false},
    {"consensus: pbft, leaders: random", false},
    {"consensus: hotstuff", true},
    {"consensus: hotstuff, leaders: random", true},
    {"consensus: hotstuff-sticky", false},
    {"consensus: honeybadger", false},
};
static const char *const acks[] = {"received", "durable", "ordered"};
static const char *const cities[] = {"komatsu", "osaka", "sapporo"};

struct schedule {
    struct rng rng;
    char *text;
    size_t size;
    uint64_t number;
    uint32_t city_count;
};

/* Who may be hit: @selector with the member's number behind it. */
struct group {
    char selector[64];
    uint32_t members, faulty; /* at a time */
    bool may_crash;
    bool gone[MEMBERS_MAX];
};

__attribute__((format(printf, 2, 3))) static void put(struct schedule *schedule, const char *format,
                                                      ...) {
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(schedule->text + schedule->size, SCHEDULE_BYTES - schedule->size, format,
                         arguments);
    va_end(arguments);
    schedule->size += (size_t)size;
    assert(schedule->size < SCHEDULE_BYTES);
}

static uint32_t draw(struct schedule *schedule, uint32_t first, uint32_t last) {
    return first + (uint32_t)rng_below(&schedule->rng, last - first + 1);
}

static bool chance(struct schedule *schedule, uint32_t percent) {
    return rng_chance(&schedule->rng, percent, 100);
}

static void put_fault(struct schedule *schedule, uint32_t at, uint32_t until, const char *kind) {
    put(schedule, "  - {at: %" PRIu32 " ms, until: %" PRIu32 " ms, kind: %s, ", at, until, kind);
}

/* The member against everybody else, or against one other member, or unheard but hearing. */
static void put_sides(struct schedule *schedule, const struct group *group, uint32_t member) {
    static const char *const ways[] = {"", ", one_way: true"};
    uint32_t other = (member + 1 + draw(schedule, 0, group->members - 2)) % group->members;
    const char *way = ways[draw(schedule, 0, 1)];
    if (chance(schedule, 70))
        put(schedule, "isolate: {%s, index: %" PRIu32 "}%s}\n", group->selector, member, way);
    else
        put(schedule, "groups: [{%s, index: %" PRIu32 "}, {%s, index: %" PRIu32 "}]%s}\n",
            group->selector, member, group->selector, other, way);
}

/* What it sends, receives, or both. */
static void put_loss(struct schedule *schedule, const struct group *group, uint32_t member) {
    static const char *const ends[] = {"nodes", "from", "to"};
    const char *end = ends[draw(schedule, 0, ARRAY_LEN(ends) - 1)];
    put(schedule, "%s: {%s, index: %" PRIu32 "}, rate: %" PRIu32 " %%}\n", end, group->selector,
        member, draw(schedule, 1, 100));
}

static void put_trouble(struct schedule *schedule, const struct group *group, uint32_t member,
                        uint32_t first, uint32_t last) {
    uint32_t at = draw(schedule, first, last - 1), until = draw(schedule, at + 1, last);
    uint32_t kind = draw(schedule, 0, 4);
    static const char *const kinds[] = {"restart", "loss", "slow", "clock", "partition"};
    put_fault(schedule, at, until, kinds[kind]);
    if (kind == 4) {
        put_sides(schedule, group, member);
        return;
    }
    if (kind == 1) {
        put_loss(schedule, group, member);
        return;
    }
    bool ahead = chance(schedule, 50);
    put(schedule, "nodes: {%s, index: %" PRIu32 "}", group->selector, member);
    if (kind == 2)
        put(schedule, ", factor: %" PRIu32, draw(schedule, 2, 50));
    else if (kind == 3)
        put(schedule, ", %s: %" PRIu32 " ms", ahead ? "ahead" : "behind",
            draw(schedule, 1, CLOCK_MS));
    put(schedule, "}\n");
}

/* A member that none of @hit names and that has not crashed for good. */
static uint32_t pick(struct schedule *schedule, const struct group *group, const bool *hit) {
    uint32_t member;
    do
        member = draw(schedule, 0, group->members - 1);
    while (group->gone[member] || hit[member]);
    return member;
}

/* From @first to @last at most @budget members are in trouble, each perhaps more than once. */
static void put_window(struct schedule *schedule, const struct group *group, uint32_t budget,
                       uint32_t first, uint32_t last) {
    bool hit[MEMBERS_MAX] = {false};
    uint32_t count = draw(schedule, 0, budget);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t member = pick(schedule, group, hit), faults = draw(schedule, 1, 3);
        hit[member] = true;
        for (uint32_t k = 0; k < faults; k++)
            put_trouble(schedule, group, member, first, last);
    }
}

static void put_faults(struct schedule *schedule, struct group *group) {
    uint32_t budget = group->faulty, at = BEGIN_MS;
    if (group->may_crash && chance(schedule, 20)) {
        uint32_t member = draw(schedule, 0, group->members - 1);
        group->gone[member] = true;
        budget--;
        put(schedule, "  - {at: %" PRIu32 " ms, kind: crash, nodes: {%s, index: %" PRIu32 "}}\n",
            draw(schedule, BEGIN_MS, HEALED_MS), group->selector, member);
    }
    while (at + 50 < HEALED_MS) {
        uint32_t last = chance(schedule, 30) ? HEALED_MS : draw(schedule, at + 50, HEALED_MS);
        put_window(schedule, group, budget, at, last);
        at = last;
    }
}

static struct group group_of(const struct variant *variant, uint32_t members) {
    return (struct group){
        .members = members,
        .faulty = (members - 1) / 3,
        .may_crash = members > 4 || !variant->rotates,
    };
}

static void put_world(struct schedule *schedule, uint64_t seed, struct group *city,
                      struct group *continent) {
    const struct variant *below = &variants[draw(schedule, 0, ARRAY_LEN(variants) - 1)];
    const struct variant *above = &variants[draw(schedule, 0, ARRAY_LEN(variants) - 1)];
    const char *ack = acks[draw(schedule, 0, ARRAY_LEN(acks) - 1)];
    bool apart = chance(schedule, 50), jitter = chance(schedule, 50);
    *city = group_of(below, chance(schedule, 50) ? 4 : 7);
    *continent = group_of(above, chance(schedule, 50) ? 4 : 7);
    schedule->city_count = draw(schedule, 1, CITIES_MAX);
    put(schedule, "# SPDX-License-Identifier: GPL-3.0-or-later\nschema: 1\n");
    put(schedule, "description: soak, SOAK_SEED=%" PRIu64 " number %" PRIu64 "\n", seed,
        schedule->number);
    put(schedule, "seed: %" PRIu64 "\nduration: 4 s\nwarmup: 0 s\ndrain: 40 s\nplaces:\n",
        schedule->number + 1);
    for (uint32_t i = 0; i < schedule->city_count; i++)
        put(schedule, "  - {id: %s, nodes: %" PRIu32 "}\n", cities[i], draw(schedule, 16, 24));
    put(schedule, "city: {committee: %" PRIu32 ", %s}\n", city->members, below->keys);
    put(schedule, "continent: {committee: %" PRIu32 ", %s, ack: %s, places: [%s]}\n",
        continent->members, above->keys, ack, apart ? "tokyo, seoul" : "tokyo");
    bool across = schedule->city_count > 1 && chance(schedule, 30);
    put(schedule,
        "pipeline: {candidates: 10, holders: 7, pieces: 7, needed: 3, acks: 4}\n"
        "workload: {model: poisson, rate: 20/s, size: 512 B%s}\n",
        across ? ", cross_city: 20 %" : "");
    if (chance(schedule, 30))
        put(schedule, "clock: {offset: 20 ms, drift: 50 ppm, sync: %s, poll: 500 ms}\n",
            chance(schedule, 50) ? "ntp" : "ptp");
    put(schedule, "network: {latency: uniform, delay: %" PRIu32 " ms, jitter: %s}\n",
        draw(schedule, 1, 40), jitter ? "measured" : "none");
    put(schedule, "cpu: {table: zero}\n");
}

/* Beside the committees' own troubles: the network, and a city that nobody reaches. */
static void put_weather(struct schedule *schedule) {
    uint32_t at = draw(schedule, BEGIN_MS, HEALED_MS - 1);
    uint32_t until = draw(schedule, at + 1, HEALED_MS);
    if (chance(schedule, 30)) {
        put_fault(schedule, at, until, "loss");
        put(schedule, "rate: %" PRIu32 " %%}\n", draw(schedule, 1, 30));
    }
    if (chance(schedule, 30)) {
        put_fault(schedule, at, until, "partition");
        put(schedule, "isolate: %s}\n", cities[draw(schedule, 0, schedule->city_count - 1)]);
    }
}

size_t schedule_write(uint64_t seed, uint64_t number, char yaml[SCHEDULE_BYTES]) {
    struct schedule schedule = {.text = yaml, .number = number};
    struct group city, continent;
    rng_init(&schedule.rng, seed, number, "soak");
    put_world(&schedule, seed, &city, &continent);
    put(&schedule, "faults:\n");
    put_weather(&schedule);
    for (uint32_t i = 0; i < schedule.city_count; i++) {
        struct group one = city;
        snprintf(one.selector, sizeof one.selector, "tier: city, place: %s", cities[i]);
        put_faults(&schedule, &one);
    }
    snprintf(continent.selector, sizeof continent.selector, "tier: continent");
    put_faults(&schedule, &continent);
    return schedule.size;
}
