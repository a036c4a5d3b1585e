/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a chain takes in: nothing that its consensus could never propose. Such an item would stand
 * before all others of its part for ever, and keep a chain without work from falling quiet. */
#include <check.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "tests/lib/company.h"
#include "tier/chain.h"

#define MEMBERS 64

static bool valid(void *context, const struct digest *key, const uint8_t *bytes, size_t size) {
    return true;
}

static void ordered(void *context, const struct digest *key, const uint8_t *bytes, size_t size,
                    uint64_t height) {
}

struct bench {
    struct company company;
    node_id members[MEMBERS];
    struct chain chain;
};

static void bench_init(struct bench *bench, const char *consensus) {
    const struct chain_client client = {valid, ordered, NULL, NULL, NULL, NULL};
    company_init(&bench->company, MEMBERS, "ed25519", "modelled");
    for (node_id i = 0; i < MEMBERS; i++)
        bench->members[i] = i;
    const struct chain_config config = {
        .consensus = consensus_find(consensus),
        .channel = tier_channel(TIER_CHAIN_CITY, 0),
        .committee = {bench->members, MEMBERS},
        .view_timeout = NS_PER_S,
        .batch_items = 10,
        .batch_delay = NS_PER_S, /* nothing is proposed by itself here */
    };
    chain_init(&bench->chain, &bench->company.envs[0], &config, &client, NULL, 0);
}

static void bench_deinit(struct bench *bench) {
    chain_deinit(&bench->chain);
    company_deinit(&bench->company);
}

/* Whether the consensus would ever get the item @number of @size bytes from the chain: in a batch of
 * its own, in the part that it belongs to. */
static bool proposable(struct bench *bench, const struct digest *key, size_t size, size_t limit) {
    struct reader reader;
    reader_init(&reader, key->bytes, sizeof key->bytes);
    const struct part part = {(uint32_t)(read_u64(&reader) % MEMBERS), MEMBERS, limit};
    struct frame *batch = mempool_batch(&bench->chain.pool, 1, NULL, 0, part, 0);
    bool found = batch != NULL && batch->size == mempool_batch_bytes(size);
    frame_unref(batch);
    return found;
}

/* The largest item that is taken can be proposed, one byte more is refused and leaves no trace. */
static void check_limit(const char *consensus, size_t batch_limit) {
    struct bench bench;
    bench_init(&bench, consensus);
    ck_assert_uint_eq(bench.chain.consensus->batch_limit, batch_limit);
    const size_t largest = batch_limit - mempool_batch_bytes(0);
    uint8_t *bytes = memory_new(largest + 1, 1);
    const struct digest small = {{1}}, large = {{2}};
    ck_assert_int_eq(chain_submit(&bench.chain, &large, bytes, largest + 1), ERR_LIMIT);
    ck_assert_uint_eq(bench.chain.pool.waiting, 0);
    ck_assert(!timer_running(&bench.chain.batch_timer));
    ck_assert_int_eq(chain_submit(&bench.chain, &small, bytes, largest), OK);
    ck_assert(proposable(&bench, &small, largest, batch_limit));
    free(bytes);
    bench_deinit(&bench);
}

START_TEST(what_fits_no_batch_is_refused) {
    check_limit("pbft", LIMIT_BATCH_BYTES);
    check_limit("hotstuff", LIMIT_BATCH_BYTES);
    check_limit("honeybadger", LIMIT_FRAME_BYTES / 4 * 3 / MEMBERS - 1); /* a byte is the form */
}
END_TEST

Suite *chain_suite(void) {
    Suite *suite = suite_create("chain");
    TCase *tests = tcase_create("chain");
    tcase_add_test(tests, what_fits_no_batch_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
