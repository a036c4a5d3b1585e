/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random faults of all kinds against every variant, then a network that heals: what was submitted is
 * decided by everybody within a bound, then it is quiet, then it wakes up again, and it all took no
 * more messages than its budget. A seed names the committee's size, the faults and their times; each
 * kind is left out of half of the seeds (swarm testing, Groce et al., ISSTA 12). */
#include <check.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/rng.h"
#include "sim/assembly/assembly.h"

#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (200 * NS_PER_MS)
#define HEALED  (20 * NS_PER_S)
#define BOUND   (HEALED + 60 * NS_PER_S)
#define SEEDS   40 /* of each variant */

enum fault {
    FAULT_CRASH,      /* with what was durable, later back */
    FAULT_MID_STEP,   /* crashes fall between two effects */
    FAULT_CUT,        /* a member is cut off */
    FAULT_PARTITION,  /* the network falls into two parts */
    FAULT_LOSS,       /* of a share of the messages */
    FAULT_DUPLICATES, /* of a share, up to a time-out later */
    FAULT_SLOW,       /* a member's messages take up to two time-outs more */
    FAULT_SPIKES,     /* a share of the messages takes up to ten time-outs more */
    FAULT_TYPE,       /* one type of message is lost */
    FAULT_SEQUENCE,   /* one is cut off while all others restart one after another */
    FAULT_ALL,        /* all restart at once */
    FAULTS
};

struct soak {
    struct assembly *assembly;
    struct rng rng;
    const struct consensus_ops *ops;
    uint64_t seed;
    uint32_t count, faulty; /* members; those who may fail at a time */
    bool kinds[FAULTS];
    uint64_t down, apart, slow;        /* by member */
    uint32_t loss, duplicates, spikes; /* percent */
    uint16_t lost_type, seen_type;
    bool healed;
};

static bool chance(struct soak *soak, uint32_t percent) {
    return rng_chance(&soak->rng, percent, 100);
}

static time_ns up_to(struct soak *soak, time_ns most) {
    return 1 + (time_ns)rng_below(&soak->rng, (uint64_t)most);
}

static time_ns carry(void *context, const struct assembly_message *message) {
    struct soak *soak = context;
    const uint64_t ends = UINT64_C(1) << message->from | UINT64_C(1) << message->to;
    time_ns delay = message->delay + up_to(soak, message->delay);
    if (soak->healed)
        return delay;
    if (chance(soak, 1))
        soak->seen_type = message->type;
    const bool apart = ((soak->apart >> message->from ^ soak->apart >> message->to) & 1) != 0;
    if (apart || message->type == soak->lost_type || chance(soak, soak->loss))
        return -1;
    if (chance(soak, soak->duplicates))
        loop_inject(assembly_loop(soak->assembly), message->from, message->to,
                    message->now + delay + up_to(soak, TIMEOUT),
                    frame_copy(message->frame->bytes, message->frame->size));
    if ((soak->slow & ends) != 0)
        delay += up_to(soak, 2 * TIMEOUT);
    if (chance(soak, soak->spikes))
        delay += up_to(soak, 10 * TIMEOUT);
    return delay;
}

static void run_for(struct soak *soak, time_ns time) {
    assembly_run(soak->assembly, loop_now(assembly_loop(soak->assembly)) + time);
}

static void raise(struct soak *soak, node_id node) {
    if (assembly_alive(soak->assembly, node))
        assembly_crash(soak->assembly, node); /* it was to fail later in a step that did not come */
    assembly_restart(soak->assembly, node);
    soak->down &= ~(UINT64_C(1) << node);
}

static void fall(struct soak *soak, node_id node) {
    if (soak->kinds[FAULT_MID_STEP] && chance(soak, 70))
        assembly_crash_after(soak->assembly, node, rng_below(&soak->rng, 60));
    else
        assembly_crash(soak->assembly, node);
    soak->down |= UINT64_C(1) << node;
}

/* At most f members are down, cut off or slow at a time. */
static bool may_fail(const struct soak *soak, node_id node) {
    const uint64_t set = soak->down | soak->apart | soak->slow | UINT64_C(1) << node;
    return (uint32_t)__builtin_popcountll(set) <= soak->faulty;
}

static void restart_all(struct soak *soak) {
    for (node_id node = 0; node < soak->count; node++)
        if ((soak->down >> node & 1) == 0)
            fall(soak, node);
    run_for(soak, up_to(soak, 4 * TIMEOUT));
    for (node_id node = 0; node < soak->count; node++)
        raise(soak, node);
}

/* The one that was cut off finds nobody who has not restarted since. */
static void restart_in_turn(struct soak *soak, node_id left_out) {
    if (soak->down != 0 || soak->slow != 0)
        return;
    soak->apart = UINT64_C(1) << left_out;
    for (node_id node = 0; node < soak->count; node++) {
        if (node == left_out)
            continue;
        run_for(soak, up_to(soak, 4 * TIMEOUT));
        fall(soak, node);
        run_for(soak, up_to(soak, 4 * TIMEOUT));
        raise(soak, node);
    }
    soak->apart = 0;
}

static void happen(struct soak *soak) {
    const node_id node = (node_id)rng_below(&soak->rng, soak->count);
    const uint64_t bit = UINT64_C(1) << node;
    const enum fault kind = (enum fault)rng_below(&soak->rng, FAULTS);
    if (kind == FAULT_CRASH && (soak->down & bit) != 0)
        raise(soak, node);
    if (!soak->kinds[kind])
        return;
    switch (kind) {
    case FAULT_CRASH:
    case FAULT_MID_STEP:
        if ((soak->down & bit) == 0 && may_fail(soak, node))
            fall(soak, node);
        break;
    case FAULT_CUT:
        soak->apart = may_fail(soak, node) && chance(soak, 60) ? soak->apart | bit : 0;
        break;
    case FAULT_PARTITION:
        soak->apart = chance(soak, 40) ? rng_below(&soak->rng, UINT64_C(1) << soak->count) : 0;
        break;
    case FAULT_LOSS:
        soak->loss = chance(soak, 50) ? (uint32_t)rng_below(&soak->rng, 60) : 0;
        break;
    case FAULT_DUPLICATES:
        soak->duplicates = chance(soak, 50) ? (uint32_t)rng_below(&soak->rng, 100) : 0;
        break;
    case FAULT_SLOW:
        soak->slow = may_fail(soak, node) && chance(soak, 50) ? bit : 0;
        break;
    case FAULT_SPIKES:
        soak->spikes = chance(soak, 50) ? (uint32_t)rng_below(&soak->rng, 30) : 0;
        break;
    case FAULT_TYPE:
        soak->lost_type = chance(soak, 60) ? soak->seen_type : 0;
        break;
    case FAULT_SEQUENCE:
        if (chance(soak, 30))
            restart_in_turn(soak, node);
        break;
    default:
        if (chance(soak, 30))
            restart_all(soak);
    }
}

static void begin(struct soak *soak, const struct consensus_ops *ops, uint64_t seed) {
    *soak = (struct soak){.seed = seed, .ops = ops};
    rng_init(&soak->rng, seed, 0, "soak");
    soak->count = 4 + (uint32_t)rng_below(&soak->rng, seed % 3 == 0 ? 7 : 1);
    soak->faulty = (soak->count - 1) / 3;
    for (int i = 0; i < FAULTS; i++)
        soak->kinds[i] = chance(soak, 50);
    const struct assembly_config config = {
        .ops = ops,
        .count = soak->count,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .batch = 1 + (uint32_t)rng_below(&soak->rng, 3),
        .seed = seed,
        .certificates = seed % 5 == 0 && consensus_supports(ops, &certificate_frost)
                            ? &certificate_frost
                            : &certificate_list,
        .route = carry,
        .context = soak,
    };
    soak->assembly = assembly_new(&config);
}

static void heal(struct soak *soak) {
    soak->healed = true;
    for (node_id node = 0; node < soak->count; node++)
        if ((soak->down >> node & 1) != 0)
            raise(soak, node);
}

static void check(const struct soak *soak, uint64_t submitted, const char *when) {
    const struct assembly *assembly = soak->assembly;
    uint64_t height = assembly_log_height(assembly);
    for (node_id node = 0; node < soak->count; node++)
        if (assembly_height(assembly, node) < height)
            height = assembly_height(assembly, node);
    ck_assert_msg(assembly_violation(assembly) == NULL, "seed %llu: %s",
                  (unsigned long long)soak->seed, assembly_violation(assembly));
    ck_assert_msg(
        assembly_decided(assembly) == submitted && height == assembly_log_height(assembly),
        "%s, n = %u, seed %llu, %s: %llu of %llu decided, the last at height %llu of %llu",
        soak->ops->name, soak->count, (unsigned long long)soak->seed, when,
        (unsigned long long)assembly_decided(assembly), (unsigned long long)submitted,
        (unsigned long long)height, (unsigned long long)assembly_log_height(assembly));
}

/* Messages that a run may send after it has healed: what all to all costs in so many views. */
static uint64_t budget(const struct soak *soak, uint64_t submitted) {
    return (uint64_t)soak->count * soak->count * soak->count * (2000 + 30 * submitted);
}

static void run(const struct consensus_ops *ops, uint64_t seed) {
    struct soak soak;
    uint64_t submitted = 0;
    begin(&soak, ops, seed);
    struct loop *loop = assembly_loop(soak.assembly);
    assembly_run(soak.assembly, NS_PER_S);
    while (loop_now(loop) < HEALED) {
        const uint32_t more = 1 + (uint32_t)rng_below(&soak.rng, 4);
        if (chance(&soak, 40))
            assembly_submit(soak.assembly, loop_now(loop) + 1, more), submitted += more;
        else
            happen(&soak);
        run_for(&soak, up_to(&soak, 2 * TIMEOUT));
    }
    heal(&soak);
    assembly_submit(soak.assembly, loop_now(loop) + NS_PER_S, 1);
    uint64_t messages = loop_messages(loop, 0);
    assembly_run(soak.assembly, BOUND);
    check(&soak, submitted + 1, "healed");
    messages = loop_messages(loop, 0) - messages;
    ck_assert_msg(messages <= budget(&soak, submitted), "%s, seed %llu: %llu messages", ops->name,
                  (unsigned long long)seed, (unsigned long long)messages);
    messages = loop_messages(loop, 0);
    assembly_run(soak.assembly, BOUND + 1000 * NS_PER_S);
    ck_assert_msg(loop_messages(loop, 0) == messages, "%s, seed %llu: not quiet", ops->name,
                  (unsigned long long)seed);
    assembly_submit(soak.assembly, loop_now(loop), 1);
    run_for(&soak, 20 * NS_PER_S);
    check(&soak, submitted + 2, "woken up");
    assembly_free(soak.assembly);
}

static uint64_t number_from(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* TIERCHAIN_SOAK_FIRST and TIERCHAIN_SOAK_COUNT choose other seeds. */
START_TEST(everything_is_decided_once_the_network_has_healed) {
    const struct consensus_ops *ops = consensus_at((size_t)_i);
    const uint64_t first = number_from("TIERCHAIN_SOAK_FIRST", 1);
    const uint64_t count = number_from("TIERCHAIN_SOAK_COUNT", SEEDS);
    for (uint64_t seed = first; seed < first + count; seed++)
        run(ops, seed);
}
END_TEST

/* A third of all messages is lost for ever: it takes longer, and comes to an end. */
static time_ns lose(void *context, const struct assembly_message *message) {
    struct soak *soak = context;
    return chance(soak, 30) ? -1 : message->delay + up_to(soak, message->delay);
}

START_TEST(permanent_loss_is_survived) {
    const struct consensus_ops *ops = consensus_at((size_t)_i);
    const uint64_t first = number_from("TIERCHAIN_SOAK_FIRST", 1);
    const uint64_t count = number_from("TIERCHAIN_SOAK_COUNT", SEEDS);
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct soak soak = {.seed = seed, .ops = ops, .count = seed % 2 == 0 ? 4 : 7};
        const struct assembly_config config = {
            .ops = ops,
            .count = soak.count,
            .delay = DELTA,
            .view_timeout = TIMEOUT,
            .seed = seed,
            .route = lose,
            .context = &soak,
        };
        rng_init(&soak.rng, seed, 0, "permanent loss");
        soak.assembly = assembly_new(&config);
        assembly_submit(soak.assembly, NS_PER_S, 20);
        assembly_run(soak.assembly, 300 * NS_PER_S);
        check(&soak, 20, "with loss");
        assembly_free(soak.assembly);
    }
}
END_TEST

Suite *soak_suite(void) {
    Suite *suite = suite_create("soak");
    TCase *tcase = tcase_create("soak");
    int variants = 0;
    while (consensus_at((size_t)variants) != NULL)
        variants++;
    tcase_set_timeout(tcase, 600);
    tcase_add_loop_test(tcase, everything_is_decided_once_the_network_has_healed, 0, variants);
    tcase_add_loop_test(tcase, permanent_loss_is_survived, 0, variants);
    suite_add_tcase(suite, tcase);
    return suite;
}
