/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Before a run: does SimGrid answer with the delays that the platform was written from? A default
 * model or a changed factor would silently multiply every latency. */
#include <inttypes.h>
#include <math.h>
#include <simgrid/engine.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/driver/internal.h"

static time_ns route_delay(sg_host_t from, sg_host_t to) {
    return (time_ns)llround(sg_host_get_route_latency(from, to) * (double)NS_PER_S);
}

/* The route of two different hosts must have the model's delay. */
static const char *check_pair(const struct driver *driver, uint32_t from, uint32_t to,
                              node_id from_node, node_id to_node) {
    static char text[256]; /* one message, then the process ends */
    const struct platform *platform = &driver->config.platform;
    time_ns expected = platform->base[(size_t)from * platform->place_count + to];
    time_ns measured = route_delay(driver->hosts[from_node], driver->hosts[to_node]);
    if (measured == expected)
        return NULL;
    snprintf(text, sizeof text, "the route %s to %s takes %" PRId64 " ns instead of %" PRId64 " ns",
             platform->place_names[from], platform->place_names[to], measured, expected);
    return text;
}

const char *driver_self_test(const struct driver *driver) {
    const struct platform *platform = &driver->config.platform;
    node_id first_of_from = 0;
    for (uint32_t from = 0; from < platform->place_count; from++) {
        node_id first_of_to = 0;
        for (uint32_t to = 0; to < platform->place_count; to++) {
            bool two_hosts = from != to || platform->place_nodes[from] > 1;
            node_id other = first_of_to + (from == to ? 1 : 0);
            const char *wrong =
                two_hosts ? check_pair(driver, from, to, first_of_from, other) : NULL;
            if (wrong != NULL)
                return wrong;
            first_of_to += platform->place_nodes[to];
        }
        first_of_from += platform->place_nodes[from];
    }
    return NULL;
}

/* The probe: 1 MB over 125 MB/s and a route of 10 ms takes 18 ms, exactly. */
#define PROBE_BYTES      1e6
#define PROBE_MISMATCH   1
#define PROBE_UNREADABLE 2

static int probe_status = PROBE_UNREADABLE;

static void probe_main(int argc, char **argv) {
    sg_host_sendto(sg_host_by_name("a-0"), sg_host_by_name("b-0"), PROBE_BYTES);
    double error = simgrid_get_clock() - 0.018;
    probe_status = fabs(error) < 1e-9 ? EXIT_SUCCESS : PROBE_MISMATCH;
}

static int probe_write(const char *path) {
    const char *const names[] = {"a", "b"};
    const uint32_t nodes[] = {1, 1};
    const time_ns base[] = {2 * NS_PER_MS, 10 * NS_PER_MS, 10 * NS_PER_MS, 2 * NS_PER_MS};
    const uint64_t rates[] = {0, 1000000000, 1000000000, 0};
    struct platform platform = {
        .place_count = 2,
        .place_names = names,
        .place_nodes = nodes,
        .base = base,
        .interface_bps = 1000000000,
        .pair_bps = rates,
        .speed = 1,
    };
    FILE *file = fopen(path, "w");
    int error = file == NULL ? -1 : platform_write(&platform, file);
    if (file != NULL && fclose(file) != 0)
        error = -1;
    return error;
}

/* In a child process, because SimGrid allows one engine a process. */
static int probe_in_child(const char *path) {
    pid_t child = fork();
    if (child == 0) {
        driver_start_simgrid(path);
        sg_actor_t actor = sg_actor_init("probe", sg_host_by_name("a-0"));
        sg_actor_start_(actor, probe_main, 0, NULL);
        simgrid_run();
        _exit(probe_status);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return PROBE_UNREADABLE;
    return WEXITSTATUS(status);
}

const char *driver_probe(void) {
    char path[] = "/tmp/tierchain-probe-XXXXXX";
    int descriptor = mkstemp(path);
    if (descriptor < 0)
        return "no temporary file for the probe";
    close(descriptor);
    int status = probe_write(path) != 0 ? PROBE_UNREADABLE : probe_in_child(path);
    unlink(path);
    if (status == EXIT_SUCCESS)
        return NULL;
    return status == PROBE_MISMATCH ? "1 MB over 10 ms and 125 MB/s does not take 18.000 ms"
                                    : "the probe could not run";
}
