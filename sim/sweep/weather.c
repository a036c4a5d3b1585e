/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sweep/weather.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"

uint64_t weather_draw(const struct plan *plan, int64_t draw, uint64_t a, uint64_t b,
                      uint64_t bound) {
    uint64_t hash = hash_combine((uint64_t)plan->seed, (uint64_t)draw);
    hash = hash_combine(hash_combine(hash, a), b);
    return mix64(hash) % bound; /* the bias of 2^-40 and less does not matter here */
}

uint64_t weather_stations(const struct plan *plan, uint64_t members) {
    const uint64_t twins = plan_twins(plan);
    uint64_t stations = members & ((UINT64_C(1) << PLAN_TWIN) - 1);
    uint32_t station = (uint32_t)plan->n;
    for (uint32_t member = 0; member < plan->n; member++) {
        if ((twins >> member & 1) == 0)
            continue;
        if ((members >> (PLAN_TWIN + member) & 1) != 0)
            stations |= UINT64_C(1) << station;
        station++;
    }
    return stations;
}

static uint64_t stations_or_all(const struct plan *plan, uint64_t members) {
    return members == 0 ? UINT64_MAX : weather_stations(plan, members);
}

static uint16_t type_of(const char *name) {
    for (size_t i = 0; name != NULL && i < message_count(); i++)
        if (strcmp(message_name(message_at(i)), name) == 0)
            return message_at(i);
    return 0;
}

void weather_init(struct weather *weather, const struct plan *plan) {
    const uint32_t stations = (uint32_t)plan->n + plan_count(plan_twins(plan));
    *weather = (struct weather){
        .plan = plan, .stations = stations, .epochs = strcmp(plan->variant, "honeybadger") == 0};
    weather->frames = memory_new((size_t)stations * stations, sizeof *weather->frames);
    weather->links = memory_new(plan->faults.count, sizeof *weather->links);
    for (size_t i = 0; i < plan->faults.count; i++) {
        const struct plan_fault *fault = &plan->faults.items[i];
        const bool early = fault->until != PLAN_UNSET && fault->until < plan->heal;
        if (fault->kind <= PLAN_CUT)
            weather->links[weather->count++] = (struct weather_link){
                .fault = fault,
                .from = stations_or_all(plan, fault->from),
                .to = stations_or_all(plan, fault->to),
                .type = type_of(fault->type),
                .until = early ? fault->until : plan->heal,
            };
    }
}

void weather_deinit(struct weather *weather) {
    free(weather->frames);
    free(weather->links);
}

/* A set of stations after so many moves by one member; twins stay. */
static uint64_t moved(const struct plan *plan, uint64_t stations, uint64_t moves) {
    const uint64_t own = (UINT64_C(1) << plan->n) - 1, shift = moves % (uint64_t)plan->n;
    const uint64_t low = stations & own;
    return (stations & ~own) | ((low << shift | low >> ((uint64_t)plan->n - shift)) & own);
}

static bool joins(uint64_t from, uint64_t to, const struct assembly_message *message) {
    return (from >> message->from & 1) != 0 && (to >> message->to & 1) != 0;
}

static bool cuts(const struct plan *plan, const struct weather_link *link,
                 const struct assembly_message *message) {
    const struct plan_fault *fault = link->fault;
    uint64_t from = link->from;
    if (fault->every != PLAN_UNSET)
        from = moved(plan, from, (uint64_t)((message->now - fault->at) / fault->every));
    return joins(from, link->to, message) ||
           (fault->one_way == 0 && joins(link->to, from, message));
}

/* The first number of the body says it in nearly all messages. */
static bool is_of_view(const struct weather *weather, const struct assembly_message *message,
                       int64_t view) {
    struct message parsed;
    struct reader reader;
    if (message_parse(&parsed, message->frame) != OK)
        return false;
    reader_init(&reader, parsed.body, parsed.size);
    const uint64_t first = read_u64(&reader);
    return reader.error == OK && (weather->epochs ? first >> 8 : first) == (uint64_t)view;
}

static bool concerns(const struct weather *weather, const struct weather_link *link,
                     const struct assembly_message *message) {
    const struct plan_fault *fault = link->fault;
    if (message->now < fault->at || message->now >= link->until ||
        (link->type != 0 && link->type != message->type))
        return false;
    if (fault->view != PLAN_UNSET && !is_of_view(weather, message, fault->view))
        return false;
    return fault->kind == PLAN_CUT ? cuts(weather->plan, link, message)
                                   : joins(link->from, link->to, message);
}

static void repeat(struct weather *weather, const struct assembly_message *message, time_ns delay) {
    assembly_inject(weather->assembly, assembly_identity(weather->assembly, message->from),
                    message->to, message->now + delay,
                    frame_copy(message->frame->bytes, message->frame->size));
}

time_ns weather_route(void *context, const struct assembly_message *message) {
    struct weather *weather = context;
    const struct plan *plan = weather->plan;
    const uint64_t pair = (uint64_t)message->from * weather->stations + message->to;
    const uint64_t count = weather->frames[pair]++;
    time_ns delay = plan->delay;
    if (plan->jitter > 0)
        delay += (time_ns)weather_draw(plan, -1, pair, count, (uint64_t)plan->jitter);
    if (message->now >= plan->heal)
        return delay;
    for (size_t i = 0; i < weather->count; i++) {
        const struct plan_fault *fault = weather->links[i].fault;
        if (!concerns(weather, &weather->links[i], message))
            continue;
        const bool hit = fault->rate >= PLAN_MILLION ||
                         (int64_t)weather_draw(plan, fault->draw, pair, 2 * count,
                                               (uint64_t)PLAN_MILLION) < fault->rate;
        const time_ns up_to = fault->delay == 0
                                  ? 0
                                  : (time_ns)weather_draw(plan, fault->draw, pair, 2 * count + 1,
                                                          (uint64_t)fault->delay);
        if (fault->kind == PLAN_SLOW)
            delay += fault->delay;
        else if (hit && (fault->kind == PLAN_CUT || fault->kind == PLAN_LOSS))
            return -1;
        else if (hit && fault->kind == PLAN_SPIKE)
            delay += up_to;
        else if (hit)
            repeat(weather, message, delay + up_to);
    }
    return delay;
}
