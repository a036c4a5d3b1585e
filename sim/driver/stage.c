/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An assembly's stage on SimGrid: one place, a host a station. Delays come from the assembly. */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "sim/assembly/stage.h"
#include "sim/driver/driver.h"

struct stage_simgrid {
    struct driver *driver;
    uint16_t *place_of;
    int platform; /* where SimGrid reads it; it needs a file */
};

static const uint64_t free_work[WORK_COUNT];
static const char *const place_names[] = {"assembly"};
static const time_ns base[] = {NS_PER_MS}; /* never asked for, but SimGrid wants one */

static void *stage_open(const struct stage_config *config) {
    struct stage_simgrid *stage = memory_new(1, sizeof *stage);
    char path[64];
    stage->place_of = memory_new(config->count, sizeof *stage->place_of);
    stage->platform = memfd_create("platform.xml", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", stage->platform);
    const struct driver_config driver = {
        .platform = {.place_count = 1,
                     .place_names = place_names,
                     .place_nodes = &config->count,
                     .base = base,
                     .speed = 1},
        .platform_path = path,
        .network = {.node_count = config->count,
                    .place_of = stage->place_of,
                    .place_count = 1,
                    .base = base},
        .work_ns = free_work,
        .end = config->end,
        .context = config->context,
        .trace = config->trace,
        .speaks_for = config->speaks_for,
        .delay = config->delay,
        .stepped = config->stepped,
        .effect = config->effect,
    };
    FILE *file = fopen(path, "w");
    if (file == NULL || platform_write(&driver.platform, file) != 0 || fclose(file) != 0) {
        fprintf(stderr, "tierchain: the platform cannot be written to memory\n");
        abort();
    }
    stage->driver = driver_new(&driver);
    return stage;
}

static void stage_close(void *driver) {
    struct stage_simgrid *stage = driver;
    driver_free(stage->driver);
    close(stage->platform);
    free(stage->place_of);
    free(stage);
}

static struct driver *of(const void *driver) {
    return ((const struct stage_simgrid *)driver)->driver;
}

static void stage_start(void *driver, node_id station, struct process *process) {
    driver_start(of(driver), station, process);
}

static void stage_crash(void *driver, node_id station) {
    driver_crash(of(driver), station);
}

static void stage_crash_after(void *driver, node_id station, uint64_t effects) {
    driver_crash_after(of(driver), station, effects);
}

static void stage_forget(void *driver, node_id station) {
    driver_forget(of(driver), station);
}

static bool stage_alive(const void *driver, node_id station) {
    return driver_station(of(driver), station)->process != NULL;
}

static void stage_submit(void *driver, node_id station, time_ns at, uint64_t transaction,
                         uint32_t size) {
    const struct submission submission = {at, station, transaction, size};
    driver_submit(of(driver), &submission);
}

static void stage_at(void *driver, time_ns at, void (*function)(void *context, uint64_t argument),
                     uint64_t argument) {
    driver_at(of(driver), at, function, argument);
}

static void stage_inject(void *driver, node_id from, node_id to, time_ns at, struct frame *frame) {
    driver_inject(of(driver), from, to, at, frame);
}

static void stage_run(void *driver, time_ns until) {
    (void)until; /* the config's end */
    driver_run(of(driver));
}

static void stage_stop(void *driver) {
    driver_stop(of(driver));
}

static time_ns stage_now(const void *driver) {
    return driver_now(of(driver));
}

const struct stage_ops stage_simgrid = {
    .name = "simgrid",
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
