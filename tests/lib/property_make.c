/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The inputs of property tests. */
#include <string.h>

#include "tests/lib/property.h"

enum { EXTRA_BYTES = 64 }; /* that an extended sample may have */

static const uint8_t edges[] = {0x00, 0x01, 0x7f, 0x80, 0xff};

size_t property_room(const struct property *property) {
    size_t room = property->room != 0 ? property->room : PROPERTY_ROOM;
    for (size_t i = 0; i < property->sample_count; i++)
        room = size_max(room, property->samples[i].size + EXTRA_BYTES);
    return room;
}

uint64_t property_number(const uint8_t *bytes, size_t nth) {
    uint64_t number;
    memcpy(&number, bytes + nth * sizeof number, sizeof number);
    return number;
}

/* Small ones, those next to the limit or to a power of two, and any. */
static uint64_t make_number(struct rng *rng, uint64_t limit) {
    uint64_t number = rng_next(rng);
    switch (rng_below(rng, 4)) {
    case 0:
        number = rng_below(rng, 16);
        break;
    case 1:
        number = limit - rng_below(rng, 4);
        break;
    case 2:
        number = (UINT64_C(1) << rng_below(rng, 64)) + rng_below(rng, 3) - 1;
        break;
    }
    return limit == UINT64_MAX || number <= limit ? number : number % (limit + 1);
}

static size_t make_numbers(const struct property *property, struct rng *rng, uint8_t *bytes) {
    for (size_t i = 0; i < property->numbers; i++) {
        uint64_t number = make_number(rng, property->limit[i]);
        memcpy(bytes + i * sizeof number, &number, sizeof number);
    }
    return property->numbers * sizeof(uint64_t);
}

/* Most are short, since most formats refuse random bytes early. */
static size_t make_random(const struct property *property, struct rng *rng, uint8_t *bytes,
                          size_t room) {
    size_t size = rng_below(rng, (rng_chance(rng, 1, 16) ? room : size_min(room, 256)) + 1);
    if (property->fixed_size)
        size = property->samples[rng_below(rng, property->sample_count)].size;
    rng_fill(rng, bytes, size);
    return size;
}

/* The edits that each byte of a sample sees: truncation before it, 8 bit flips, edge values. */
enum { EDITS = 1 + 8 + ARRAY_LEN(edges) };

static uint64_t systematic_cases(const struct property *property) {
    uint64_t cases = 0;
    for (size_t i = 0; i < property->sample_count; i++)
        cases += EDITS * (uint64_t)property->samples[i].size;
    return cases;
}

static size_t make_systematic(const struct property *property, uint64_t number, uint8_t *bytes) {
    const struct sample *sample = property->samples;
    for (; number >= EDITS * (uint64_t)sample->size; sample++)
        number -= EDITS * (uint64_t)sample->size;
    const size_t at = number / EDITS, edit = number % EDITS;
    memcpy(bytes, sample->bytes, sample->size);
    if (edit == 0)
        return property->fixed_size ? sample->size : at;
    if (edit <= 8)
        bytes[at] ^= (uint8_t)(1 << (edit - 1));
    else
        bytes[at] = edges[edit - 9];
    return sample->size;
}

/* The beginning of what is there and an end of another sample; half of the cuts are in the same
 * place, where formats agree. */
static size_t splice(const struct property *property, struct rng *rng, uint8_t *bytes, size_t size,
                     size_t room) {
    const struct sample *other = &property->samples[rng_below(rng, property->sample_count)];
    const size_t front = rng_below(rng, size + 1);
    const size_t from =
        rng_chance(rng, 1, 2) ? size_min(front, other->size) : rng_below(rng, other->size + 1);
    const size_t back = size_min(other->size - from, room - front);
    memcpy(bytes + front, (const uint8_t *)other->bytes + from, back);
    return front + back;
}

/* Counts and sizes are little-endian integers of 1, 2, 4 or 8 bytes: one too few, too many, twice
 * as many, enormous. */
static void change_integer(struct rng *rng, uint8_t *bytes, size_t size) {
    const size_t width = size_min((size_t)1 << rng_below(rng, 4), size);
    uint8_t *at = bytes + rng_below(rng, size - width + 1);
    uint64_t value = 0;
    memcpy(&value, at, width);
    const uint64_t changed[] = {value + 1, value - 1, 2 * value, UINT64_MAX, UINT64_MAX >> 1};
    memcpy(at, &changed[rng_below(rng, ARRAY_LEN(changed))], width);
}

/* A piece of up to 16 bytes vanishes or appears twice. */
static size_t move_chunk(struct rng *rng, uint8_t *bytes, size_t size, size_t room) {
    const size_t at = rng_below(rng, size), chunk = 1 + rng_below(rng, size_min(16, size - at));
    if (rng_chance(rng, 1, 2)) {
        memmove(bytes + at, bytes + at + chunk, size - at - chunk);
        return size - chunk;
    }
    if (size + chunk > room)
        return size;
    memmove(bytes + at + chunk, bytes + at, size - at);
    return size + chunk;
}

static size_t extend(struct rng *rng, uint8_t *bytes, size_t size, size_t room) {
    const size_t extra = rng_below(rng, size_min(EXTRA_BYTES, room - size) + 1);
    if (rng_chance(rng, 1, 2))
        memset(bytes + size, 0, extra);
    else
        rng_fill(rng, bytes + size, extra);
    return size + extra;
}

static size_t mutate(const struct property *property, struct rng *rng, uint8_t *bytes, size_t size,
                     size_t room) {
    const uint64_t kind = rng_below(rng, 7);
    if (kind == 0)
        return splice(property, rng, bytes, size, room);
    if (kind == 1 || size == 0)
        return extend(rng, bytes, size, room);
    switch (kind) {
    case 2:
        return rng_below(rng, size);
    case 3:
        change_integer(rng, bytes, size);
        return size;
    case 4:
        return move_chunk(rng, bytes, size, room);
    case 5:
        bytes[rng_below(rng, size)] ^= (uint8_t)(1 << rng_below(rng, 8));
        return size;
    default:
        bytes[rng_below(rng, size)] = edges[rng_below(rng, ARRAY_LEN(edges))];
        return size;
    }
}

/* What was cut off comes back; if that was all, a bit changes instead. */
static size_t restore_size(const struct sample *sample, struct rng *rng, uint8_t *bytes,
                           size_t size) {
    if (size < sample->size)
        memcpy(bytes + size, (const uint8_t *)sample->bytes + size, sample->size - size);
    if (memcmp(bytes, sample->bytes, sample->size) == 0)
        bytes[rng_below(rng, sample->size)] ^= (uint8_t)(1 << rng_below(rng, 8));
    return sample->size;
}

/* A sample after 0 (one of 16) to 4 mutations, most often one. */
static size_t make_mutated(const struct property *property, struct rng *rng, uint8_t *bytes,
                           size_t room) {
    const struct sample *sample = &property->samples[rng_below(rng, property->sample_count)];
    size_t size = sample->size;
    memcpy(bytes, sample->bytes, size);
    if (rng_chance(rng, 1, 16))
        return size;
    do
        size = mutate(property, rng, bytes, size, room);
    while (rng_chance(rng, 1, 3));
    return property->fixed_size ? restore_size(sample, rng, bytes, size) : size;
}

size_t property_make(const struct property *property, uint64_t seed, uint64_t number,
                     uint8_t *bytes) {
    struct rng rng;
    const size_t room = property_room(property);
    const uint64_t cases = property->cases != 0 ? property->cases : PROPERTY_CASES;
    const uint64_t systematic = property->sampled ? 0 : systematic_cases(property);
    rng_init(&rng, seed, number, property->name);
    if (property->numbers > 0)
        return make_numbers(property, &rng, bytes);
    if (systematic <= cases / 2 && number < systematic)
        return make_systematic(property, number, bytes);
    const uint32_t random = property->random_per_mille != 0 ? property->random_per_mille : 60;
    if (property->sample_count == 0 || rng_chance(&rng, random, 1000))
        return make_random(property, &rng, bytes, room);
    return make_mutated(property, &rng, bytes, room);
}
