/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/once.h"

#include <stdlib.h>
#include <uthash.h>

#include "base/error.h"
#include "base/memory.h"

struct once_key {
    struct digest key;
    uint64_t height;
    time_ns expiry;
    UT_hash_handle hh;
};

#define WORD_BITS 64

struct once_window {
    uint32_t source;
    UT_hash_handle hh;
    uint64_t highest;
    uint64_t bits[ONCE_WINDOW / WORD_BITS]; /* of highest - ONCE_WINDOW < number <= highest */
};

void once_init(struct once *once, time_ns life) {
    *once = (struct once){.life = life, .limit = LIMIT_ORDERED};
}

static void forget(struct once_key **keys, struct once_key *key) {
    HASH_DEL(*keys, key);
    free(key);
}

void once_deinit(struct once *once) {
    struct once_key *key, *next;
    struct once_window *window, *next_window;
    HASH_ITER(hh, once->expiring, key, next)
    forget(&once->expiring, key);
    HASH_ITER(hh, once->recent, key, next)
    forget(&once->recent, key);
    HASH_ITER(hh, once->windows, window, next_window) {
        HASH_DEL(once->windows, window);
        free(window);
    }
}

/* Those that were ordered later may expire earlier, but none lives longer than life and the errors
 * from its order on: one that waits here behind another is kept no longer than that. */
void once_advance(struct once *once, time_ns time) {
    if (time > once->time)
        once->time = time;
    while (once->expiring != NULL && once->expiring->expiry <= once->time)
        forget(&once->expiring, once->expiring);
}

bool once_fits(const struct once *once, const struct once_term *term, time_ns time) {
    if (term->kind != ONCE_EXPIRES)
        return true;
    return time < term->expiry && term->expiry - once->life - 2 * ONCE_ERROR <= time;
}

static struct once_key *find(struct once_key *keys, const struct digest *key) {
    struct once_key *found;
    HASH_FIND(hh, keys, key, sizeof *key, found);
    return found;
}

static struct once_window *window_of(const struct once *once, uint32_t source) {
    struct once_window *window;
    HASH_FIND(hh, once->windows, &source, sizeof source, window);
    return window;
}

static uint64_t *word_of(struct once_window *window, uint64_t number) {
    return &window->bits[number % ONCE_WINDOW / WORD_BITS];
}

static uint64_t bit_of(uint64_t number) {
    return UINT64_C(1) << (number % WORD_BITS);
}

static int check_numbered(const struct once *once, const struct once_term *term) {
    struct once_window *window = window_of(once, term->source);
    if (window == NULL || term->number > window->highest)
        return OK;
    if (window->highest - term->number >= ONCE_WINDOW)
        return ERR_STALE;
    return (*word_of(window, term->number) & bit_of(term->number)) != 0 ? ERR_DUPLICATE : OK;
}

int once_verdict(const struct once *once, const struct digest *key, const struct once_term *term) {
    switch (term->kind) {
    case ONCE_NUMBERED:
        return check_numbered(once, term);
    case ONCE_EXPIRES:
        if (find(once->expiring, key) != NULL)
            return ERR_DUPLICATE;
        return term->expiry <= once->time ? ERR_EXPIRED : OK;
    default:
        return find(once->recent, key) != NULL ? ERR_DUPLICATE : OK;
    }
}

/* The window moves up to @number: what enters it was not ordered yet. */
static void note_number(struct once *once, const struct once_term *term) {
    struct once_window *window = window_of(once, term->source);
    if (window == NULL) {
        window = memory_new(1, sizeof *window);
        window->source = term->source;
        window->highest = term->number;
        HASH_ADD(hh, once->windows, source, sizeof window->source, window);
    }
    if (term->number > window->highest && term->number - window->highest > ONCE_WINDOW)
        window->highest = term->number - ONCE_WINDOW;
    while (window->highest < term->number) {
        window->highest++;
        *word_of(window, window->highest) &= ~bit_of(window->highest);
    }
    *word_of(window, term->number) |= bit_of(term->number);
}

static void remember(struct once_key **keys, const struct digest *key, time_ns expiry,
                     uint64_t height) {
    struct once_key *entry = memory_new(1, sizeof *entry);
    entry->key = *key;
    entry->height = height;
    entry->expiry = expiry;
    HASH_ADD(hh, *keys, key, sizeof entry->key, entry);
}

static void note_recent(struct once *once, const struct digest *key, uint64_t height) {
    if (find(once->recent, key) != NULL)
        return; /* the number is what counts */
    if (HASH_COUNT(once->recent) == ONCE_RECENT)
        forget(&once->recent, once->recent);
    remember(&once->recent, key, 0, height);
}

int once_order(struct once *once, const struct digest *key, const struct once_term *term,
               uint64_t height) {
    int error = once_verdict(once, key, term);
    if (error != OK)
        return error;
    if (term->kind == ONCE_EXPIRES) {
        if (!once_fits(once, term, once->time) || once_count(once) >= once->limit)
            return ERR_LIMIT;
        remember(&once->expiring, key, term->expiry, height);
        return OK;
    }
    if (term->kind == ONCE_NUMBERED)
        note_number(once, term);
    note_recent(once, key, height);
    return OK;
}

bool once_height(const struct once *once, const struct digest *key, uint64_t *height) {
    const struct once_key *entry = find(once->expiring, key);
    if (entry == NULL)
        entry = find(once->recent, key);
    if (entry != NULL)
        *height = entry->height;
    return entry != NULL;
}

size_t once_count(const struct once *once) {
    return HASH_COUNT(once->expiring);
}
