/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A set of committee members by index: votes are counted by distinct members, never by messages. */
#ifndef TIERCHAIN_AGREEMENT_MEMBER_SET_H
#define TIERCHAIN_AGREEMENT_MEMBER_SET_H

#include "base/limits.h"
#include "base/types.h"

struct member_set {
    uint64_t words[LIMIT_COMMITTEE / 64];
};

static inline bool member_set_has(const struct member_set *set, uint32_t member) {
    return (set->words[member / 64] >> (member % 64) & 1) != 0;
}

static inline void member_set_add(struct member_set *set, uint32_t member) {
    set->words[member / 64] |= UINT64_C(1) << (member % 64);
}

/* The bits that are set, added up in parallel (Hacker's Delight, 5-1): no machine instruction and no
 * library call is asked for. */
static inline uint32_t member_set_word_count(uint64_t word) {
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(word * UINT64_C(0x0101010101010101) >> 56);
}

static inline uint32_t member_set_count(const struct member_set *set) {
    uint32_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(set->words); i++)
        count += member_set_word_count(set->words[i]);
    return count;
}

#endif
