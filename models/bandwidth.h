/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many bits per second fit through a node's interface, and between two regions?
 *
 *   interface   the class's long-run rate (bw/nic.csv): EC2 baselines; regional means of homes
 *   pair        64 TCP connections together between AWS regions (bw/aws_tcp.csv), by direction;
 *               3.622 Gbit/s, the median of the 600 measured pairs, where nothing was measured
 *   one stream  8 · 4 MiB / round trip, the window that Linux gives by default (tcp_wmem, 4 MiB)
 *
 * Source and validity: EC2 baselines as published, without the burst credits of small instances.
 * Pairs: iperf3 of 5 s, 2022-11, between 10 Gbit/s instances that may send 5 Gbit/s to other
 * regions, so a figure is that cap less slow start, not the capacity of the backbone. One
 * stream: steady state; c5.2xlarge nodes measured 125.8, 157.3 and 346.0 Mbit/s over 273, 200
 * and 90.1 ms (ouroboros-leios@0200037, 2025-09-04), within 8 % of the formula.
 *
 * Ignored: bursts, slow start (3 to 5 s to the full rate over 273 ms), other users' load, loss.
 *
 * Random numbers: none. */
#ifndef TIERCHAIN_MODELS_BANDWIDTH_H
#define TIERCHAIN_MODELS_BANDWIDTH_H

#include "models/matrix.h"

#define BANDWIDTH_PAIR_DEFAULT UINT64_C(3622000000)
#define BANDWIDTH_TCP_WINDOW   (4u << 20) /* bytes */
#define BANDWIDTH_CLASSES      64

struct nic_class {
    char name[32];
    uint64_t up_bps, down_bps;
};

struct bandwidth_model {
    struct matrix pairs; /* bit/s */
    size_t class_count;
    struct nic_class classes[BANDWIDTH_CLASSES];
};

/* 0, ERR_NO_MEMORY, or what is wrong with the embedded tables. */
int bandwidth_init(struct bandwidth_model *model);
void bandwidth_deinit(struct bandwidth_model *model);

/* The class of that name, or NULL. */
const struct nic_class *bandwidth_class(const struct bandwidth_model *model, const char *name);

/* Between two regions, bit/s; 0 inside one: only the interfaces limit there. */
uint64_t bandwidth_pair(const struct bandwidth_model *model, const char *from_region,
                        const char *to_region);

/* Of one TCP connection over a path with that round trip (> 0), bit/s. */
uint64_t bandwidth_stream(time_ns round_trip);

#endif
