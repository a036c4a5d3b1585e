/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/driver/platform.h"

#include <inttypes.h>

#include "base/error.h"

/* SimGrid wants a number: fast enough that a frame of 16 MiB takes less than a nanosecond. */
#define PRACTICALLY_INFINITE_BPS UINT64_C(1000000000000000000)

/* Flops per second of a host of speed 1. The cost tables speak of time, so the unit is arbitrary.
 * */
#define FLOPS_OF_SPEED_1 1e9

static uint64_t rate(uint64_t bps) {
    return bps == 0 ? PRACTICALLY_INFINITE_BPS : bps;
}

/* Half of a place's inner delay: what its hosts' own links take. */
static time_ns access_delay(const struct platform *platform, uint32_t place) {
    return platform->base[(size_t)place * platform->place_count + place] / 2;
}

static void write_seconds(FILE *file, time_ns time) {
    fprintf(file, "%" PRId64 ".%09" PRId64 "s", time / NS_PER_S, time % NS_PER_S);
}

static void write_place(const struct platform *platform, uint32_t place, FILE *file) {
    const char *name = platform->place_names[place];
    fprintf(file,
            "    <cluster id=\"%s\" prefix=\"%s-\" suffix=\"\" radical=\"0-%" PRIu32
            "\" speed=\"%.17gf\" bw=\"%" PRIu64 "bps\" lat=\"",
            name, name, platform->place_nodes[place] - 1, platform->speed * FLOPS_OF_SPEED_1,
            rate(platform->interface_bps));
    write_seconds(file, access_delay(platform, place));
    fprintf(file, "\" sharing_policy=\"SPLITDUPLEX\" router_id=\"%s-router\"/>\n", name);
}

static void write_link(const struct platform *platform, uint32_t from, uint32_t to, FILE *file) {
    time_ns delay = platform->base[(size_t)from * platform->place_count + to];
    delay -= access_delay(platform, from) + access_delay(platform, to);
    fprintf(file, "    <link id=\"%s:%s\" bandwidth=\"%" PRIu64 "bps\" latency=\"",
            platform->place_names[from], platform->place_names[to],
            rate(platform->pair_bps != NULL
                     ? platform->pair_bps[(size_t)from * platform->place_count + to]
                     : 0));
    write_seconds(file, delay > 0 ? delay : 0);
    fprintf(file, "\"/>\n");
}

static void write_route(const struct platform *platform, uint32_t from, uint32_t to, FILE *file) {
    const char *a = platform->place_names[from], *b = platform->place_names[to];
    fprintf(file,
            "    <zoneRoute src=\"%s\" dst=\"%s\" gw_src=\"%s-router\" gw_dst=\"%s-router\" "
            "symmetrical=\"NO\"><link_ctn id=\"%s:%s\"/></zoneRoute>\n",
            a, b, a, b, a, b);
}

static void for_each_pair(const struct platform *platform, FILE *file,
                          void (*write)(const struct platform *, uint32_t, uint32_t, FILE *)) {
    for (uint32_t from = 0; from < platform->place_count; from++)
        for (uint32_t to = 0; to < platform->place_count; to++)
            if (from != to)
                write(platform, from, to, file);
}

int platform_write(const struct platform *platform, FILE *file) {
    fprintf(file, "<?xml version='1.0'?>\n"
                  "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
                  "<platform version=\"4.1\">\n"
                  "  <zone id=\"world\" routing=\"Full\">\n");
    for (uint32_t place = 0; place < platform->place_count; place++)
        write_place(platform, place, file);
    for_each_pair(platform, file, write_link);
    for_each_pair(platform, file, write_route);
    fprintf(file, "  </zone>\n</platform>\n");
    return ferror(file) ? ERR_LIMIT : OK;
}

void platform_host_name(const char *place, uint32_t index, char *name) {
    snprintf(name, 96, "%s-%" PRIu32, place, index);
}
