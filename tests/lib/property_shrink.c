/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making a counterexample small. Each candidate costs a process, so their number is limited. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "tests/lib/property.h"

enum { ATTEMPTS = 20000 };

struct shrinker {
    bool (*breaks)(void *judge, const uint8_t *bytes, size_t size);
    void *judge;
    uint8_t *bytes, *candidate;
    size_t size;
    size_t attempts;
};

/* Takes over the candidate if it breaks the property, too. */
static bool try(struct shrinker *shrinker, size_t size) {
    if (shrinker->attempts == 0)
        return false;
    shrinker->attempts--;
    if (!shrinker->breaks(shrinker->judge, shrinker->candidate, size))
        return false;
    memcpy(shrinker->bytes, shrinker->candidate, size);
    shrinker->size = size;
    return true;
}

static bool try_without(struct shrinker *shrinker, size_t at, size_t chunk) {
    memcpy(shrinker->candidate, shrinker->bytes, at);
    memcpy(shrinker->candidate + at, shrinker->bytes + at + chunk, shrinker->size - at - chunk);
    return try(shrinker, shrinker->size - chunk);
}

/* Chunks of half the size, a quarter … one byte, from the end, since what follows matters least. */
static bool drop_chunks(struct shrinker *shrinker) {
    bool progress = false;
    for (size_t chunk = shrinker->size; chunk > 0; chunk /= 2)
        for (size_t end = shrinker->size; end >= chunk; end -= size_min(end, chunk))
            progress |= try_without(shrinker, end - chunk, chunk);
    return progress;
}

static bool try_byte(struct shrinker *shrinker, size_t at, uint8_t value) {
    if (value >= shrinker->bytes[at])
        return false;
    memcpy(shrinker->candidate, shrinker->bytes, shrinker->size);
    shrinker->candidate[at] = value;
    return try(shrinker, shrinker->size);
}

static bool lower_bytes(struct shrinker *shrinker) {
    bool progress = false;
    for (size_t at = 0; at < shrinker->size; at++) {
        progress |= try_byte(shrinker, at, 0);
        while (try_byte(shrinker, at, shrinker->bytes[at] / 2))
            progress = true;
        while (shrinker->bytes[at] > 0 &&
               try_byte(shrinker, at, (uint8_t)(shrinker->bytes[at] - 1)))
            progress = true;
    }
    return progress;
}

static bool try_number(struct shrinker *shrinker, size_t nth, uint64_t value) {
    memcpy(shrinker->candidate, shrinker->bytes, shrinker->size);
    memcpy(shrinker->candidate + nth * sizeof value, &value, sizeof value);
    return try(shrinker, shrinker->size);
}

/* 0, then away from the number by half of it, a quarter … 1: a binary search for a threshold. */
static bool lower_numbers(struct shrinker *shrinker) {
    bool progress = false;
    for (size_t nth = 0; nth < shrinker->size / sizeof(uint64_t); nth++)
        for (uint64_t step = property_number(shrinker->bytes, nth); step > 0; step /= 2)
            while (property_number(shrinker->bytes, nth) >= step &&
                   try_number(shrinker, nth, property_number(shrinker->bytes, nth) - step))
                progress = true;
    return progress;
}

size_t property_shrink(const struct property *property, uint8_t *bytes, size_t size,
                       bool (*breaks)(void *judge, const uint8_t *bytes, size_t size),
                       void *judge) {
    struct shrinker shrinker = {breaks, judge, bytes, memory_new(size, 1), size, ATTEMPTS};
    bool progress = true;
    while (progress && shrinker.attempts > 0) {
        progress = false;
        if (property->numbers > 0) {
            progress = lower_numbers(&shrinker);
            continue;
        }
        if (!property->fixed_size)
            progress = drop_chunks(&shrinker);
        progress |= lower_bytes(&shrinker);
    }
    free(shrinker.candidate);
    return shrinker.size;
}
