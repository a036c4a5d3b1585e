/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/driver/station.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

void station_init(struct station *station, uint32_t cores) {
    *station = (struct station){.wake = TIME_NEVER, .effect = TIME_NEVER};
    machine_init(&station->machine, cores);
}

void station_deinit(struct station *station, struct machine_pool *pool) {
    station_down(station, pool);
    machine_deinit(&station->machine, pool);
    disk_clear(&station->disk);
    free(station->inbox);
}

static struct input *input_at(const struct station *station, uint32_t index) {
    return &station->inbox[(station->head + index) & (station->capacity - 1)];
}

static void grow(struct station *station) {
    uint32_t capacity = station->capacity == 0 ? 8 : 2 * station->capacity;
    struct input *inbox = memory_new(capacity, sizeof *inbox);
    for (uint32_t i = 0; i < station->count; i++)
        inbox[i] = *input_at(station, i);
    free(station->inbox);
    station->inbox = inbox;
    station->head = 0;
    station->capacity = capacity;
}

void station_enqueue(struct station *station, time_ns due, const struct event *event,
                     uint64_t hop) {
    assert(station->process != NULL);
    if (station->count == station->capacity)
        grow(station);
    /* Inputs come nearly sorted: only what by-passes the network interface can be due earlier. */
    uint32_t slot = station->count++;
    while (slot > 0 && input_at(station, slot - 1)->due > due) {
        *input_at(station, slot) = *input_at(station, slot - 1);
        slot--;
    }
    *input_at(station, slot) = (struct input){due, *event, hop};
    if (station->count > station->counters.queue_max)
        station->counters.queue_max = station->count;
}

uint64_t station_messages(const struct station *station) {
    uint64_t messages = 0;
    for (uint32_t i = 0; i < station->count; i++)
        messages += input_at(station, i)->event.type == EVENT_MESSAGE;
    return messages;
}

void station_down(struct station *station, struct machine_pool *pool) {
    machine_crash(&station->machine, pool);
    station->counters.messages_down += station_messages(station);
    for (uint32_t i = 0; i < station->count; i++)
        frame_unref(input_at(station, i)->event.frame);
    station->head = station->count = 0;
    station->process = NULL;
    station->wake = station->effect = TIME_NEVER;
    station->doomed = false;
}

static time_ns inbox_due(const struct station *station) {
    return station->count == 0 ? TIME_NEVER : station->inbox[station->head].due;
}

time_ns station_next_start(const struct station *station) {
    if (station->process == NULL)
        return TIME_NEVER;
    time_ns due = timers_deadline(&station->process->env.timers);
    if (inbox_due(station) < due)
        due = inbox_due(station);
    if (due == TIME_NEVER)
        return TIME_NEVER;
    time_ns free = machine_free(&station->machine);
    return due > free ? due : free;
}

struct input station_take(struct station *station) {
    time_ns deadline = timers_deadline(&station->process->env.timers);
    if (inbox_due(station) > deadline)
        return (struct input){.due = deadline, .event = {.type = EVENT_TIMER}};
    assert(station->count > 0);
    struct input input = station->inbox[station->head];
    station->head = (station->head + 1) & (station->capacity - 1);
    station->count--;
    return input;
}
