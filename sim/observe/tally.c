/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/observe/tally.h"

#include <stdlib.h>
#include <uthash.h>

#include "base/memory.h"

enum { SEEN_DECISION, SEEN_VIEW };

struct tally_entry {
    uint64_t key; /* channel << 48 | height or view */
    UT_hash_handle hh;
};

void tally_deinit(struct tally *tally) {
    for (size_t i = 0; i < ARRAY_LEN(tally->seen); i++) {
        struct tally_entry *entry, *next;
        HASH_ITER(hh, tally->seen[i], entry, next) {
            HASH_DEL(tally->seen[i], entry);
            free(entry);
        }
    }
}

/* Whether nobody has spoken of it before. */
static bool is_new(struct tally_entry **seen, uint64_t key) {
    struct tally_entry *entry;
    HASH_FIND(hh, *seen, &key, sizeof key, entry);
    if (entry != NULL)
        return false;
    entry = memory_new(1, sizeof *entry);
    entry->key = key;
    HASH_ADD(hh, *seen, key, sizeof entry->key, entry);
    return true;
}

void tally_effect(struct tally *tally, const struct effect *effect) {
    if (effect->type == EFFECT_CHARGE)
        tally->work[effect->number] += effect->a;
}

void tally_record(struct tally *tally, const struct trace_record *record) {
    if (record->point == TRACE_DECIDED)
        tally->decisions += is_new(&tally->seen[SEEN_DECISION], record->a);
    else if (record->point == TRACE_TIMEOUT)
        tally->view_changes += is_new(&tally->seen[SEEN_VIEW], record->a);
}
