/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Back from `done` to the submission. */
#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "sim/path/inside.h"

/* Where a walk stands: everything from @now on is explained. */
struct walk {
    struct path_recorder *paths;
    struct path_record *record;
    const struct path_step *step;
    uint32_t effect; /* of the step, which happened at now */
    uint32_t hop;
    time_ns now;
    bool last_part; /* of this path has been kept */
};

static void keep_part(struct walk *walk, unsigned cause, time_ns begin, time_ns duration) {
    struct path_recorder *paths = walk->paths;
    const struct path_step *step = walk->step;
    bool carried = cause <= PATH_INTERFACE;
    if (walk->last_part && paths->parts[paths->part_count - 1].cause == cause &&
        paths->parts[paths->part_count - 1].hop == walk->hop) { /* goes on */
        paths->parts[paths->part_count - 1].begin = begin;
        paths->parts[paths->part_count - 1].duration += duration;
        return;
    }
    walk->last_part = true;
    if (paths->part_count == paths->part_capacity) {
        paths->part_capacity = paths->part_capacity == 0 ? 1024 : 2 * paths->part_capacity;
        paths->parts = memory_resize(paths->parts, paths->part_capacity, sizeof *paths->parts);
    }
    paths->parts[paths->part_count++] = (struct path_part){
        .transaction = walk->record->transaction,
        .begin = begin,
        .duration = duration,
        .node = step != NULL ? step->node : NODE_NONE,
        .from = step != NULL && carried ? step->from : NODE_NONE,
        .message = step != NULL && (carried || cause == PATH_TIMER) ? step->message : 0,
        .cause = (uint16_t)cause,
        .hop = walk->hop,
    };
}

/* The time before now was spent on @cause, as far as it belongs to the transaction. */
static void explain(struct walk *walk, unsigned cause, time_ns duration) {
    time_ns left = walk->now - walk->record->begin;
    duration = duration < left ? duration : left;
    if (duration == 0 || left <= 0)
        return;
    walk->now -= duration;
    walk->record->causes[cause] += duration;
    keep_part(walk, cause, walk->now, duration);
}

/* The work of the step up to its effect: what the core did last comes last, and the disk after it. */
static void explain_work(struct walk *walk) {
    const struct path_recorder *paths = walk->paths;
    const struct path_step *step = walk->step;
    time_ns worked = 0;
    uint32_t count = 0;
    for (; count < step->work_count; count++) {
        const struct path_charge *charge =
            &paths->charges[(step->work + count) & (paths->charge_ring.capacity - 1)];
        if (charge->effect >= walk->effect)
            break;
        worked += charge->duration;
    }
    explain(walk, PATH_DISK, walk->now - step->start - worked);
    while (count-- > 0) {
        const struct path_charge *charge =
            &paths->charges[(step->work + count) & (paths->charge_ring.capacity - 1)];
        explain(walk, PATH_WORK + charge->work, charge->duration);
    }
}

static void explain_message(struct walk *walk) {
    const struct path_hop *hop = &walk->step->cause;
    walk->record->messages += walk->now > walk->record->begin;
    time_ns inside = walk->step->due - hop->head;
    time_ns outside = hop->head - hop->left - hop->base - hop->extra;
    explain(walk, PATH_SERIALISATION, hop->serialisation);
    explain(walk, PATH_INTERFACE, inside - hop->serialisation);
    explain(walk, PATH_JITTER, hop->extra);
    explain(walk, PATH_PROPAGATION, hop->base);
    explain(walk, PATH_INTERFACE, outside);
    walk->effect = hop->effect;
}

/* A timer runs from the start of the step that started it. What is forgotten was before the submission, unless the
 * recorder's memory was full. */
static void explain_timer(struct walk *walk) {
    const struct path_step *starter = path_step_at(walk->paths, walk->step->cause.step);
    explain(walk, PATH_TIMER, starter != NULL ? walk->step->due - starter->start : TIME_NEVER);
    walk->effect = 0;
}

/* One step back; false when there is nothing before it. */
static bool step_back(struct walk *walk) {
    const struct path_step *step = walk->step;
    explain_work(walk);
    explain(walk, PATH_QUEUE, step->start - step->due);
    if (step->type == EVENT_MESSAGE)
        explain_message(walk);
    else if (step->type == EVENT_TIMER)
        explain_timer(walk);
    else
        return false;
    walk->step = path_step_at(walk->paths, step->cause.step);
    walk->hop++;
    return walk->step != NULL;
}

static struct path_record *add_record(struct path_recorder *paths) {
    if (paths->record_count == paths->record_capacity) {
        paths->record_capacity = paths->record_capacity == 0 ? 256 : 2 * paths->record_capacity;
        paths->records =
            memory_resize(paths->records, paths->record_capacity, sizeof *paths->records);
    }
    return &paths->records[paths->record_count++];
}

static void must_sum_up(const struct path_record *record) {
    time_ns sum = 0;
    for (unsigned cause = 0; cause < PATH_CAUSES; cause++)
        sum += record->causes[cause];
    assert(sum == record->latency);
}

void path_walk(struct path_recorder *paths, uint64_t transaction, uint64_t step, uint32_t effect,
               time_ns begin, time_ns done) {
    struct path_record *record = add_record(paths);
    if (paths->part_count >= paths->limits.parts)
        path_thin_out(paths);
    *record =
        (struct path_record){.transaction = transaction, .begin = begin, .latency = done - begin};
    struct walk walk = {.paths = paths,
                        .record = record,
                        .step = path_step_at(paths, step),
                        .effect = effect,
                        .now = done};
    while (walk.step != NULL && walk.now > begin && step_back(&walk))
        ;
    explain(&walk, walk.step != NULL ? PATH_OTHERS : PATH_UNKNOWN, TIME_NEVER);
    record->hops = walk.hop;
    must_sum_up(record);
}
