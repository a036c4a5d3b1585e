/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The SimGrid platform: one zone a place, one host a node, a link for every ordered pair of places.
 * SimGrid's C API can't build platforms, so an XML file is written, and kept beside the results.
 *
 * A route inside a place is the sender's link up and the receiver's link down; between places the
 * pair's link comes in between. Link latencies are chosen so that each route's sum is the model's
 * one-way delay to the nanosecond. */
#ifndef TIERCHAIN_SIM_DRIVER_PLATFORM_H
#define TIERCHAIN_SIM_DRIVER_PLATFORM_H

#include <stdio.h>

#include "base/types.h"

struct platform {
    uint32_t place_count;
    const char *const *place_names; /* identifiers, [a-z0-9-] */
    const uint32_t *place_nodes;    /* hosts per place; nodes are numbered place by place */
    const time_ns *base;            /* place_count² one-way delays */
    uint64_t interface_bps;         /* 0: practically infinite */
    const uint64_t *pair_bps;       /* place_count² rates between places; NULL: no limit */
    double speed;                   /* of every host, 1 = the CPU of the cost table */
};

/* Writes the platform. 0, or ERR_LIMIT when writing failed. */
int platform_write(const struct platform *platform, FILE *file);

/* The host's name of node @index of a place; @name has 96 bytes. */
void platform_host_name(const char *place, uint32_t index, char *name);

#endif
