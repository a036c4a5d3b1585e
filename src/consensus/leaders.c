/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/leaders.h"

#include <assert.h>
#include <string.h>

#include "base/rng.h"

/* Of the swap-or-not shuffle. Its authors need about 6 log2 n against an adversary who asks; so many
 * leave no bias that a test of a million turns finds, up to n = 1,000. */
#define SWAP_OR_NOT_ROUNDS 24

static uint32_t shuffled(uint64_t seed, uint32_t count, uint32_t index) {
    for (uint32_t round = 0; round < SWAP_OR_NOT_ROUNDS; round++) {
        uint64_t key = hash_combine(seed, round);
        uint32_t pivot = (uint32_t)(key % count);
        uint32_t other = (pivot + count - index) % count;
        uint32_t position = index > other ? index : other; /* the pair has one coin */
        if (hash_combine(key, position) >> 63)
            index = other;
    }
    return index;
}

uint32_t leaders_member(const struct leaders *leaders, uint32_t count, uint64_t turn) {
    switch (leaders->rule) {
    case LEADERS_STICKY:
        return (uint32_t)(turn / LEADERS_STICKY_VIEWS % count);
    case LEADERS_RANDOM:
        return shuffled(hash_combine(mix64(leaders->seed), turn / count), count,
                        (uint32_t)(turn % count));
    default:
        assert(leaders->rule == LEADERS_ROUND_ROBIN);
        return (uint32_t)(turn % count);
    }
}

static const char *const names[LEADERS_RULES] = {
    [LEADERS_ROUND_ROBIN] = "round-robin",
    [LEADERS_RANDOM] = "random",
    [LEADERS_STICKY] = "sticky",
};

enum leaders_rule leaders_find(const char *name) {
    unsigned rule = LEADERS_OWN + 1;
    if (name == NULL)
        return LEADERS_OWN;
    while (rule < LEADERS_RULES && strcmp(names[rule], name) != 0)
        rule++;
    return (enum leaders_rule)rule;
}

const char *leaders_name(enum leaders_rule rule) {
    assert(rule > LEADERS_OWN && rule < LEADERS_RULES);
    return names[rule];
}
