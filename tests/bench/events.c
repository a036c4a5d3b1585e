/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a simulated event costs, beside a bare SimGrid workload with as many events: pairs of actors
 * that send each other pings through mailboxes. Every row runs in a process of its own. */
#include <inttypes.h>
#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>
#include <simgrid/mailbox.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "models/places.h"
#include "sim/driver/internal.h"
#include "sim/run/run_one.h"
#include "tests/bench/parts.h"

struct row {
    double wall;
    double simulated;
    uint64_t events;
    uint64_t commits;
    long rss_kib;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static long rss_kib(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static const char scenario_text[] = "schema: 1\n"
                                    "name: bench\n"
                                    "duration: 60 s\n"
                                    "warmup: 0 s\n"
                                    "drain: 1 s\n"
                                    "places: [{id: komatsu, nodes: 100}]\n"
                                    "city: {committee: 13, consensus: pbft}\n"
                                    "continent: {committee: 7, places: [tokyo, osaka, seoul]}\n"
                                    "workload: {model: poisson, rate: 50/s, size: cardano}\n"
                                    "network: {latency: aws, jitter: measured}\n"
                                    "crypto: {provider: modelled}\n";

static void run_tierchain(uint32_t nodes, struct row *row) {
    struct scenario scenario;
    struct diagnostics diagnostics;
    char set[64], path[64];
    const char *sets[] = {set};
    const struct scenario_options options = {sets, 1, places_name_at};
    snprintf(set, sizeof set, "places=[{id: komatsu, nodes: %" PRIu32 "}]", nodes);
    snprintf(path, sizeof path, "/tmp/tierchain-bench-%ld.xml", (long)getpid());
    if (scenario_load_text(&scenario, "bench", scenario_text, sizeof scenario_text - 1, &options,
                           &diagnostics) != 0) {
        diagnostics_print(&diagnostics, stderr, false);
        exit(EXIT_FAILURE);
    }
    struct run_request request = {.scenario = &scenario, .seed = 1, .platform_path = path};
    struct run_result result = {0};
    double start = now();
    if (run_one(&request, &result) != 0)
        exit(EXIT_FAILURE);
    row->wall = now() - start;
    row->simulated = (double)result.simulated_ns / (double)NS_PER_S;
    for (size_t i = 0; i < result.counter_count; i++)
        if (strcmp(result.counters[i].name, "events") == 0)
            row->events = result.counters[i].value;
    for (size_t i = 0; i < result.transaction_count; i++)
        row->commits += result.transactions[i].done != TIME_NEVER;
    row->rss_kib = rss_kib();
    unlink(path);
}

/* The pings: actor 2i and 2i + 1 take turns. */
static uint64_t pings_each;

static void ping_main(int argc, char **argv) {
    const uint32_t index = (uint32_t)(uintptr_t)sg_actor_self_get_data();
    char own[32], other[32];
    static int payload;
    snprintf(own, sizeof own, "%" PRIu32, index);
    snprintf(other, sizeof other, "%" PRIu32, index ^ 1);
    for (uint64_t i = 0; i < pings_each; i++) {
        if (index % 2 == 0)
            sg_mailbox_put(sg_mailbox_by_name(other), &payload, 100);
        (void)sg_mailbox_get(sg_mailbox_by_name(own));
        if (index % 2 == 1)
            sg_mailbox_put(sg_mailbox_by_name(other), &payload, 100);
    }
}

static void run_bare(uint32_t nodes, uint64_t events, struct row *row) {
    char path[64];
    const char *const names[] = {"bench"};
    const time_ns base = NS_PER_MS;
    uint32_t hosts = nodes & ~1u;
    const struct platform platform = {1, names, &hosts, &base, 1000000000, 0, 1.0};
    snprintf(path, sizeof path, "/tmp/tierchain-bench-%ld.xml", (long)getpid());
    FILE *file = fopen(path, "w");
    if (file == NULL || platform_write(&platform, file) != 0)
        exit(EXIT_FAILURE);
    fclose(file);
    double start = now();
    driver_start_simgrid(path);
    pings_each = events / hosts + 1; /* a ping received is one event */
    for (uint32_t i = 0; i < hosts; i++) {
        char name[96];
        platform_host_name("bench", i, name);
        sg_actor_t actor = sg_actor_init(name, sg_host_by_name(name));
        sg_actor_set_data(actor, (void *)(uintptr_t)i);
        sg_actor_start_(actor, ping_main, 0, NULL);
    }
    simgrid_run();
    row->wall = now() - start;
    row->events = pings_each * hosts;
    row->rss_kib = rss_kib();
    unlink(path);
}

/* Runs one row in a child; @events 0 stands for Tierchain. */
static struct row measure(uint32_t nodes, uint64_t events) {
    struct row row = {0};
    int ends[2];
    if (pipe(ends) != 0)
        exit(EXIT_FAILURE);
    fflush(stdout); /* or the child writes it once more */
    pid_t child = fork();
    if (child == 0) {
        if (events == 0)
            run_tierchain(nodes, &row);
        else
            run_bare(nodes, events, &row);
        _exit(write(ends[1], &row, sizeof row) != sizeof row);
    }
    close(ends[1]);
    if (read(ends[0], &row, sizeof row) != sizeof row)
        fprintf(stderr, "bench: N = %" PRIu32 " failed\n", nodes);
    close(ends[0]);
    waitpid(child, NULL, 0);
    return row;
}

void bench_events(void) {
    static const uint32_t sizes[] = {100, 1000, 5000};
    long empty = rss_kib();
    puts("60 simulated seconds of one city at 50 transactions/s, modelled cryptography, beside "
         "bare\n"
         "SimGrid mailbox pings between as many actors and with as many events.\n\n"
         "     N    events  commits  events/s  sim/real  KiB/node | bare events/s  cost ratio");
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct row row = measure(sizes[i], 0);
        struct row bare = measure(sizes[i], row.events > 0 ? row.events : 1);
        double rate = (double)row.events / row.wall, bare_rate = (double)bare.events / bare.wall;
        printf("%6" PRIu32 " %9" PRIu64 " %8" PRIu64 " %9.0f %9.2f %9.1f | %13.0f %11.2f\n",
               sizes[i], row.events, row.commits, rate, row.simulated / row.wall,
               (double)(row.rss_kib - empty) / sizes[i], bare_rate, bare_rate / rate);
        fflush(stdout);
    }
}
