/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The safety rules and the block store against a naive model: a list of blocks and the matrix of who
 * descends from whom, on random trees. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "consensus/hotstuff/safety.h"

#define BLOCKS 40
#define TREES  2000

struct naive {
    uint32_t count; /* block 0 is the root */
    uint64_t view[BLOCKS];
    uint32_t parent[BLOCKS];
    bool payload[BLOCKS];
    bool extends[BLOCKS][BLOCKS]; /* [a][b]: a is b or descends from b */
    struct digest id[BLOCKS];
};

static struct digest name(uint32_t index) {
    struct digest id = {{0}};
    id.bytes[0] = (uint8_t)(index + 1);
    return id;
}

static struct block_content content_of(const struct naive *naive, uint32_t index) {
    static const uint8_t payload[8];
    struct block_content content = {
        .view = naive->view[index],
        .parent_view = naive->view[naive->parent[index]],
        .parent = naive->id[naive->parent[index]],
    };
    if (naive->payload[index])
        content.payload = (struct batch){payload, sizeof payload};
    return content;
}

/* Parents are mostly young and views mostly follow, so that three-chains come up as well as forks. */
static void grow(struct naive *naive, struct block_store *store, struct rng *rng) {
    *naive = (struct naive){.count = 1, .id[0] = name(0), .extends[0][0] = true};
    store_init(store, &naive->id[0], 0, 0);
    for (uint32_t i = 1; i < BLOCKS; i++) {
        uint32_t back = rng_chance(rng, 3, 4) ? 1 : 1 + (uint32_t)rng_below(rng, i);
        uint32_t parent = i - back;
        naive->count = i + 1;
        naive->parent[i] = parent;
        naive->view[i] = naive->view[parent] + (rng_chance(rng, 3, 4) ? 1 : 1 + rng_below(rng, 4));
        naive->payload[i] = rng_chance(rng, 1, 2);
        naive->id[i] = name(i);
        for (uint32_t j = 0; j < i; j++)
            naive->extends[i][j] = naive->extends[parent][j];
        naive->extends[i][i] = true;
        struct block_content content = content_of(naive, i);
        struct block *block;
        ck_assert_int_eq(store_insert(store, &naive->id[i], &content, NULL, &block), OK);
        ck_assert_int_eq(store_insert(store, &naive->id[i], &content, NULL, &block), ERR_DUPLICATE);
    }
}

/* How often rules and model differ about block @i as b'' of a certificate, or as a parent. */
static uint32_t differences(const struct naive *naive, const struct block_store *store, uint32_t i,
                            uint32_t lock, const struct safety *safety) {
    uint32_t wrong = 0;
    const uint32_t p = naive->parent[i], g = naive->parent[p];
    const struct block *block = store_find(store, &naive->id[i]);
    for (uint32_t j = 0; j < BLOCKS; j++)
        wrong += block_extends(block, &naive->id[j], naive->view[j]) != naive->extends[i][j];
    bool safe = naive->extends[i][lock] || naive->view[i] > naive->view[lock];
    wrong += safety_safe_node(safety, block) != safe;
    for (uint64_t view = naive->view[i] + 1; view < naive->view[i] + 4; view++)
        wrong += safety_may_vote(safety, view, block) != (safe && view > safety->voted_view);
    struct safety after = *safety;
    bool moves = i != 0 && naive->view[p] > naive->view[lock];
    wrong += safety_update_lock(&after, block) != moves;
    wrong += after.locked_view != naive->view[moves ? p : lock];
    wrong += memcmp(&after.locked, &naive->id[moves ? p : lock], sizeof after.locked) != 0;
    bool three = g != 0 && naive->view[i] - naive->view[g] == 2;
    const struct block *committed = three ? store_find(store, &naive->id[g]) : NULL;
    return wrong + (safety_committed(block) != committed);
}

START_TEST(rules) {
    struct rng rng;
    uint32_t wrong = 0, commits = 0, refusals = 0;
    rng_init(&rng, 1, 0, "test trees");
    for (uint32_t tree = 0; tree < TREES; tree++) {
        static struct naive naive;
        struct block_store store;
        grow(&naive, &store, &rng);
        uint32_t lock = (uint32_t)rng_below(&rng, BLOCKS);
        struct safety safety = {rng_below(&rng, 20), naive.view[lock], naive.id[lock]};
        for (uint32_t i = 0; i < BLOCKS; i++) {
            const struct block *block = store_find(&store, &naive.id[i]);
            wrong += differences(&naive, &store, i, lock, &safety);
            commits += safety_committed(block) != NULL;
            refusals += !safety_safe_node(&safety, block);
        }
        store_deinit(&store);
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_gt(commits, TREES);
    ck_assert_uint_gt(refusals, TREES);
}
END_TEST

START_TEST(commit_prunes_what_the_root_lost) {
    struct rng rng;
    uint32_t wrong = 0;
    rng_init(&rng, 2, 0, "test trees");
    for (uint32_t tree = 0; tree < TREES; tree++) {
        static struct naive naive;
        struct block_store store;
        grow(&naive, &store, &rng);
        uint32_t root = 1 + (uint32_t)rng_below(&rng, BLOCKS - 1), payloads = 0;
        uint64_t height = 0, seen = 0;
        struct block *block = store_commit(&store, store_find(&store, &naive.id[root]));
        ck_assert_mem_eq(&store.root->id, &naive.id[root], sizeof store.root->id);
        for (uint32_t i = 1; i < BLOCKS; i++) {
            const struct block *found = store_find(&store, &naive.id[i]);
            bool above = naive.extends[i][root] && i != root;
            bool below = naive.extends[root][i];
            wrong += (found != NULL) != (above || below);
            wrong += found != NULL && found->committed != below;
            payloads += above && naive.payload[i];
            height += below && naive.payload[i];
        }
        ck_assert_uint_eq(store.payloads, payloads);
        ck_assert_uint_eq(store.root->height, height);
        for (uint64_t view = 0; block != NULL; block = block->next) {
            wrong += block->content.view <= view;
            view = block->content.view;
            seen += block->content.payload.size > 0;
        }
        ck_assert_uint_eq(seen, height);
        /* What forks off below the root is refused from now on. */
        struct block_content late = {.view = 900, .parent_view = 0, .parent = naive.id[0]};
        struct digest id = name(200);
        ck_assert_int_eq(store_insert(&store, &id, &late, NULL, &block), ERR_STALE);
        late.parent = name(201);
        ck_assert_int_eq(store_insert(&store, &id, &late, NULL, &block), ERR_UNKNOWN);
        late.parent = naive.id[root];
        late.parent_view = naive.view[root] + 1;
        ck_assert_int_eq(store_insert(&store, &id, &late, NULL, &block), ERR_MISMATCH);
        store_deinit(&store);
    }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

static struct digest numbered(uint64_t number) {
    struct digest id = {{1}};
    memcpy(id.bytes + 8, &number, sizeof number);
    return id;
}

/* The tree takes STORE_TREE_BLOCKS, the history keeps STORE_HISTORY_BLOCKS, whatever comes. */
START_TEST(limits) {
    struct block_store store;
    struct digest root = numbered(0);
    struct block *block;
    store_init(&store, &root, 0, 0);
    for (uint64_t i = 1; i <= STORE_TREE_BLOCKS + 1; i++) {
        struct digest id = numbered(i);
        struct block_content content = {.view = i, .parent_view = i - 1, .parent = numbered(i - 1)};
        ck_assert_int_eq(store_insert(&store, &id, &content, NULL, &block),
                         i <= STORE_TREE_BLOCKS ? OK : ERR_LIMIT);
    }
    (void)store_commit(&store, block);
    for (uint64_t i = STORE_TREE_BLOCKS + 1; i <= STORE_HISTORY_BLOCKS; i++) {
        struct digest id = numbered(i);
        struct block_content content = {.view = i, .parent_view = i - 1, .parent = numbered(i - 1)};
        ck_assert_int_eq(store_insert(&store, &id, &content, NULL, &block), OK);
        (void)store_commit(&store, block);
    }
    store_trim(&store);
    ck_assert_uint_eq(HASH_COUNT(store.tree), 0);
    ck_assert_uint_eq(HASH_COUNT(store.history), STORE_HISTORY_BLOCKS);
    ck_assert_ptr_null(store_find(&store, &root));
    struct digest oldest = numbered(1);
    ck_assert_ptr_null(store_find(&store, &oldest)->parent);
    store_deinit(&store);
}
END_TEST

Suite *hotstuff_safety_suite(void) {
    Suite *suite = suite_create("hotstuff_safety");
    TCase *tcase = tcase_create("safety");
    tcase_add_test(tcase, rules);
    tcase_add_test(tcase, commit_prunes_what_the_root_lost);
    tcase_add_test(tcase, limits);
    suite_add_tcase(suite, tcase);
    return suite;
}
