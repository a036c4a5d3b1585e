/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/assembly/stage.h"
#include "sim/loop/loop.h"

static void *stage_open(const struct stage_config *config) {
    const struct loop_config loop = {
        .count = config->count,
        .speaks_for = config->speaks_for,
        .context = config->context,
        .delay = config->delay,
        .trace = config->trace,
        .stepped = config->stepped,
        .effect = config->effect,
    };
    return loop_new(&loop);
}

static void stage_close(void *driver) {
    loop_free(driver);
}

static void stage_start(void *driver, node_id station, struct process *process) {
    loop_start(driver, station, process);
}

static void stage_crash(void *driver, node_id station) {
    loop_crash(driver, station);
}

static void stage_crash_after(void *driver, node_id station, uint64_t effects) {
    loop_crash_after(driver, station, effects);
}

static void stage_forget(void *driver, node_id station) {
    loop_forget(driver, station);
}

static bool stage_alive(const void *driver, node_id station) {
    return loop_alive(driver, station);
}

static void stage_submit(void *driver, node_id station, time_ns at, uint64_t transaction,
                         uint32_t size) {
    loop_submit(driver, station, at, transaction, size);
}

static void stage_at(void *driver, time_ns at, void (*function)(void *context, uint64_t argument),
                     uint64_t argument) {
    loop_at(driver, at, function, argument);
}

static void stage_inject(void *driver, node_id from, node_id to, time_ns at, struct frame *frame) {
    loop_inject(driver, from, to, at, frame);
}

static void stage_run(void *driver, time_ns until) {
    loop_run(driver, until);
}

static void stage_stop(void *driver) {
    loop_stop(driver);
}

static time_ns stage_now(const void *driver) {
    return loop_now(driver);
}

const struct stage_ops stage_loop = {
    .name = "loop",
    .open = stage_open,
    .close = stage_close,
    .start = stage_start,
    .crash = stage_crash,
    .crash_after = stage_crash_after,
    .forget = stage_forget,
    .alive = stage_alive,
    .submit = stage_submit,
    .at = stage_at,
    .inject = stage_inject,
    .run = stage_run,
    .stop = stage_stop,
    .now = stage_now,
};
