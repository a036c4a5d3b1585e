/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a recorder remembers: shared by recorder.c, which writes it, and walk.c, which reads it. */
#ifndef TIERCHAIN_SIM_PATH_INSIDE_H
#define TIERCHAIN_SIM_PATH_INSIDE_H

#include "sim/path/path.h"

/* How a message came from a step to the next. */
struct path_hop {
    uint64_t step;   /* that sent it */
    uint32_t effect; /* of that step */
    time_ns left, base, extra, head, serialisation;
};

struct path_step {
    node_id node, from;
    enum event_type type;
    uint16_t message; /* type of the one received, or of the first one sent by a TIMER's step */
    uint32_t work_count;
    uint64_t work;        /* the first one's number */
    uint64_t transaction; /* SUBMIT */
    time_ns due, start, last;
    struct path_hop cause; /* MESSAGE; of a TIMER the step that started it, 0: forgotten */
};

struct path_charge {
    time_ns duration;
    uint32_t effect;
    uint16_t work;
};

/* Numbers from 1 on in a ring of 2^n places; the oldest leave first. */
struct path_ring {
    uint64_t first, next; /* kept: first to before next */
    size_t capacity;      /* a power of two */
};

/* From timer number first on they were started by that step. */
struct path_start {
    uint64_t first, step;
};

struct path_starts {
    struct path_start *list;
    size_t head, count, capacity;
};

struct path_open {
    uint64_t transaction;
    time_ns due;
    node_id node;
    bool closed;
};

struct path_recorder {
    struct path_limits limits;
    struct path_ring step_ring, charge_ring;
    struct path_step *steps;
    struct path_charge *charges;
    struct path_hop *hops; /* by number; those that are free are linked by step */
    size_t hop_capacity;
    uint64_t free_hop;
    struct path_starts *starts; /* of each node */
    uint32_t nodes;
    struct path_open *open; /* in order of submission; before open_first all are closed */
    size_t *positions;      /* there, of each transaction that was ever submitted; else anything */
    size_t position_capacity;
    size_t open_first, open_count, open_capacity;
    struct path_record *records;
    size_t record_count, record_capacity;
    struct path_part *parts;
    size_t part_count, part_capacity;
};

/* The step of that number; NULL when it is forgotten or was never. */
const struct path_step *path_step_at(const struct path_recorder *paths, uint64_t number);

/* Adds the path that ends with effect number @effect of step @step at @done, and began at @begin. */
void path_walk(struct path_recorder *paths, uint64_t transaction, uint64_t step, uint32_t effect,
               time_ns begin, time_ns done);

/* Forgets the parts of the quicker half of the paths. */
void path_thin_out(struct path_recorder *paths);

#endif
