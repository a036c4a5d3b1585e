/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scalar types that every module shares. */
#ifndef TIERCHAIN_BASE_TYPES_H
#define TIERCHAIN_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A point in simulated time or a duration, in nanoseconds. Signed, so that differences are safe. */
typedef int64_t time_ns;

#define TIME_NEVER INT64_MAX
#define NS_PER_US  INT64_C(1000)
#define NS_PER_MS  INT64_C(1000000)
#define NS_PER_S   INT64_C(1000000000)

/* A node's index in the simulated world: dense, from 0. */
typedef uint32_t node_id;

#define NODE_NONE UINT32_MAX

/* A 256-bit content digest: block ids, transaction ids, Merkle roots. */
#define DIGEST_BYTES 32
struct digest {
    uint8_t bytes[DIGEST_BYTES];
};

/* The structure of type @type in which @member is the field that @pointer points to. */
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static inline size_t size_min(size_t a, size_t b) {
    return a < b ? a : b;
}

static inline size_t size_max(size_t a, size_t b) {
    return a > b ? a : b;
}

#endif
