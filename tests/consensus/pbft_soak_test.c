/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random faults of all kinds that PBFT has to outlive, then a network that heals: everything submitted
 * is decided by everybody within a bound, nothing is decided twice, and then it is quiet. A seed names
 * the committee's size, the faults and their times; every kind is left out of some (swarm testing). */
#include <check.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/rng.h"
#include "consensus/pbft/pbft.h"
#include "sim/assembly/assembly.h"

#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (400 * NS_PER_MS)
#define HEALED  (20 * NS_PER_S)
#define BOUND   (HEALED + 60 * NS_PER_S)
#define SEEDS   300

Suite *pbft_soak_suite(void);

struct soak {
    struct assembly *assembly;
    struct rng rng;
    uint64_t seed;
    uint32_t count, faults;
    uint64_t down;        /* who is crashed */
    uint64_t apart, slow; /* who is cut off; whose messages take longer */
    uint32_t loss_percent, spike_percent;
    uint16_t lost_type; /* all messages of this type are lost for a while */
    bool healed;
    bool restarts, cuts, losses, spikes, types, all, mid_step, staggers;
};

static bool chance(struct soak *soak, uint32_t percent) {
    return rng_chance(&soak->rng, percent, 100);
}

static time_ns between(struct soak *soak, time_ns from, time_ns to) {
    return from + (time_ns)rng_below(&soak->rng, (uint64_t)(to - from));
}

static time_ns carry(void *context, const struct assembly_message *message) {
    struct soak *soak = context;
    const time_ns jitter = between(soak, 0, message->delay);
    if (soak->healed)
        return message->delay + jitter;
    const bool apart = ((soak->apart >> message->from ^ soak->apart >> message->to) & 1) != 0;
    if (apart || message->type == soak->lost_type || chance(soak, soak->loss_percent))
        return -1;
    time_ns delay = message->delay + jitter;
    if (((soak->slow >> message->from | soak->slow >> message->to) & 1) != 0)
        delay += between(soak, 0, 2 * TIMEOUT);
    if (chance(soak, soak->spike_percent))
        delay += between(soak, 0, 2 * NS_PER_S);
    return delay;
}

static void up(struct soak *soak, node_id node) {
    if (assembly_alive(soak->assembly, node))
        assembly_crash(soak->assembly,
                       node); /* the effects after which it was to fail did not come */
    assembly_restart(soak->assembly, node);
    soak->down &= ~(UINT64_C(1) << node);
}

static uint32_t members_of(uint64_t set) {
    return (uint32_t)__builtin_popcountll(set);
}

/* At most f members are down, cut off or slow at a time. */
static bool may_fail(const struct soak *soak, node_id node) {
    const uint64_t troubled = soak->down | soak->apart | soak->slow | UINT64_C(1) << node;
    return members_of(troubled) <= soak->faults;
}

static void crash(struct soak *soak, node_id node) {
    if (soak->mid_step && chance(soak, 70))
        assembly_crash_after(soak->assembly, node, rng_below(&soak->rng, 40));
    else
        assembly_crash(soak->assembly, node);
    soak->down |= UINT64_C(1) << node;
}

static void restart_all(struct soak *soak) {
    for (node_id node = 0; node < soak->count; node++)
        if ((soak->down >> node & 1) == 0)
            crash(soak, node);
    assembly_run(soak->assembly,
                 loop_now(assembly_loop(soak->assembly)) + between(soak, 1, NS_PER_S));
    for (node_id node = 0; node < soak->count; node++)
        up(soak, node);
}

/* One thing happens. */
static void happen(struct soak *soak) {
    static const uint16_t types[] = {
        MESSAGE_PBFT_PRE_PREPARE, MESSAGE_PBFT_PREPARE,  MESSAGE_PBFT_COMMIT,
        MESSAGE_PBFT_CHECKPOINT,  MESSAGE_PBFT_NEW_VIEW, MESSAGE_PBFT_VIEW_CHANGE,
        MESSAGE_PBFT_FETCH,       MESSAGE_PBFT_DECIDED,
    };
    const node_id node = (node_id)rng_below(&soak->rng, soak->count);
    const uint64_t bit = UINT64_C(1) << node;
    switch (rng_below(&soak->rng, 8)) {
    case 0:
    case 1:
        if ((soak->down & bit) != 0)
            up(soak, node);
        else if (soak->restarts && may_fail(soak, node))
            crash(soak, node);
        break;
    case 2:
        if (soak->cuts)
            soak->apart = may_fail(soak, node) && chance(soak, 60) ? soak->apart | bit : 0;
        break;
    case 3: /* the network falls apart, and nobody can be blamed */
        if (soak->cuts && chance(soak, 30))
            soak->apart = rng_below(&soak->rng, UINT64_C(1) << soak->count);
        break;
    case 4:
        if (soak->losses)
            soak->loss_percent = chance(soak, 50) ? (uint32_t)rng_below(&soak->rng, 60) : 0;
        break;
    case 5:
        if (soak->spikes) {
            soak->spike_percent = chance(soak, 50) ? (uint32_t)rng_below(&soak->rng, 30) : 0;
            soak->slow = may_fail(soak, node) && chance(soak, 50) ? bit : 0;
        }
        break;
    case 6:
        if (soak->types)
            soak->lost_type = chance(soak, 60) ? types[rng_below(&soak->rng, ARRAY_LEN(types))] : 0;
        break;
    default:
        if (soak->all && chance(soak, 30))
            restart_all(soak);
    }
}

static void submit(struct soak *soak) {
    time_ns at[16];
    const time_ns now = loop_now(assembly_loop(soak->assembly)) + 1;
    for (node_id node = 0; node < soak->count; node++)
        at[node] = soak->staggers ? between(soak, now, now + 160 * NS_PER_MS) : now;
    if (soak->staggers)
        assembly_submit_staggered(soak->assembly, at);
    else
        assembly_submit(soak->assembly, now, 1 + (uint32_t)rng_below(&soak->rng, 4));
}

static void heal(struct soak *soak) {
    soak->healed = true;
    for (node_id node = 0; node < soak->count; node++)
        if ((soak->down >> node & 1) != 0)
            up(soak, node);
}

static void begin(struct soak *soak, uint64_t seed) {
    *soak = (struct soak){.seed = seed};
    rng_init(&soak->rng, seed, 0, "pbft soak");
    soak->count = 4 + (uint32_t)rng_below(&soak->rng, seed % 4 == 0 ? 7 : 1);
    soak->faults = (soak->count - 1) / 3;
    bool *const kinds[] = {&soak->restarts, &soak->cuts, &soak->losses,   &soak->spikes,
                           &soak->types,    &soak->all,  &soak->mid_step, &soak->staggers};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        *kinds[i] = chance(soak, 50);
    const struct assembly_config config = {
        .ops = &pbft_ops,
        .count = soak->count,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .batch = 1 + (uint32_t)rng_below(&soak->rng, 3),
        .seed = seed,
        .route = carry,
        .context = soak,
    };
    soak->assembly = assembly_new(&config);
}

static uint64_t decided_by_all(const struct soak *soak) {
    uint64_t height = assembly_log_height(soak->assembly);
    for (node_id node = 0; node < soak->count; node++)
        if (assembly_height(soak->assembly, node) < height)
            height = assembly_height(soak->assembly, node);
    return height;
}

static void check(struct soak *soak, uint64_t submitted) {
    const struct assembly *assembly = soak->assembly;
    ck_assert_msg(assembly_violation(assembly) == NULL, "seed %llu: %s",
                  (unsigned long long)soak->seed, assembly_violation(assembly));
    ck_assert_msg(assembly_decided(assembly) == submitted, "seed %llu: %llu of %llu decided",
                  (unsigned long long)soak->seed, (unsigned long long)assembly_decided(assembly),
                  (unsigned long long)submitted);
    ck_assert_msg(decided_by_all(soak) == assembly_log_height(assembly), "seed %llu: someone lags",
                  (unsigned long long)soak->seed);
}

static void run(uint64_t seed) {
    struct soak soak;
    begin(&soak, seed);
    struct loop *loop = assembly_loop(soak.assembly);
    assembly_run(soak.assembly, NS_PER_S);
    while (loop_now(loop) < HEALED) {
        if (chance(&soak, 40))
            submit(&soak);
        else
            happen(&soak);
        assembly_run(soak.assembly, loop_now(loop) + between(&soak, 1, 400 * NS_PER_MS));
    }
    heal(&soak);
    assembly_submit(soak.assembly, loop_now(loop) + NS_PER_S, 1);
    assembly_run(soak.assembly, BOUND);
    check(&soak, assembly_submitted(soak.assembly));
    const uint64_t messages = loop_messages(loop, 0);
    assembly_run(soak.assembly, BOUND + 1000 * NS_PER_S);
    ck_assert_msg(loop_messages(loop, 0) == messages, "seed %llu: not quiet",
                  (unsigned long long)seed);
    assembly_submit(soak.assembly, loop_now(loop), 1); /* and it wakes up again */
    assembly_run(soak.assembly, loop_now(loop) + 10 * NS_PER_S);
    check(&soak, assembly_submitted(soak.assembly));
    assembly_free(soak.assembly);
}

START_TEST(everything_is_decided_once_the_network_has_healed) {
    for (uint64_t seed = 1 + (uint64_t)_i * SEEDS / 10; seed <= (uint64_t)(_i + 1) * SEEDS / 10;
         seed++)
        run(seed);
}
END_TEST

Suite *pbft_soak_suite(void) {
    Suite *suite = suite_create("pbft_soak");
    TCase *tests = tcase_create("pbft_soak");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, everything_is_decided_once_the_network_has_healed, 0, 10);
    suite_add_tcase(suite, tests);
    return suite;
}
