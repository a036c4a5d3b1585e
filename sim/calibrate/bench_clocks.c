/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "clock/hlc.h"
#include "clock/ntp.h"
#include "clock/ptp.h"
#include "sim/calibrate/rows.h"

struct clocks {
    struct hlc hlc;
    time_ns now;
    uint64_t stamp;
    struct ntp_interval claims[NTP_SERVER_LIMIT];
    size_t servers;
    struct ntp_interval agreed;
    struct ntp_filter filter;
    struct ptp_result result;
};

/* Several events fall into a millisecond, so that the counter moves too. */
static time_ns next_event(struct clocks *bench) {
    return bench->now += 300 * NS_PER_US;
}

static bool run_tick(void *state) {
    struct clocks *bench = state;
    return hlc_tick(&bench->hlc, next_event(bench), &bench->stamp) == OK;
}

/* From a clock that is one millisecond ahead. */
static bool run_receive(void *state) {
    struct clocks *bench = state;
    time_ns now = next_event(bench);
    uint64_t remote = hlc_stamp((uint64_t)(now / NS_PER_MS) + 1, 0);
    return hlc_receive(&bench->hlc, now, remote, NS_PER_S, &bench->stamp) == OK;
}

static bool run_ntp_sample(void *state) {
    struct clocks *bench = state;
    time_ns now = next_event(bench);
    struct ntp_sample sample =
        ntp_measure(now, now + NS_PER_MS, now + 2 * NS_PER_MS, now + 3 * NS_PER_MS);
    ntp_filter_add(&bench->filter, &sample);
    return ntp_filter_best(&bench->filter, now + 3 * NS_PER_MS) != NULL;
}

static bool run_ntp_select(void *state) {
    struct clocks *bench = state;
    size_t agreeing;
    return ntp_select(bench->claims, bench->servers, &bench->agreed, &agreeing) == OK;
}

static bool run_ptp(void *state) {
    struct clocks *bench = state;
    time_ns now = next_event(bench);
    const struct ptp_exchange exchange = {now, now + 1000, now + 2000, now + 2900};
    bench->result = ptp_measure(&exchange, 50);
    return true;
}

/* A tenth of the servers is far off. */
static int prepare(void *state, const struct bench_row *row) {
    struct clocks *bench = state;
    bench->servers = row->size;
    for (size_t i = 0; i < NTP_SERVER_LIMIT; i++) {
        time_ns middle = (time_ns)(i * 7919 % 500) * NS_PER_US;
        if (i % 10 == 9)
            middle += NS_PER_S;
        bench->claims[i] = (struct ntp_interval){middle - NS_PER_MS, middle + NS_PER_MS};
    }
    return OK;
}

static const struct bench_row rows[] = {
    {.name = "hybrid logical clock tick", .note = "src", .units = 1, .run = run_tick},
    {.name = "hybrid logical clock receive", .note = "src", .units = 1, .run = run_receive},
    {.name = "NTP sample", .note = "measured and filtered; src", .units = 1, .run = run_ntp_sample},
    {.name = "NTP select",
     .note = "10 servers; src",
     .size = 10,
     .units = 1,
     .run = run_ntp_select},
    {.name = "NTP select",
     .note = "64 servers; src",
     .size = NTP_SERVER_LIMIT,
     .units = 1,
     .run = run_ntp_select},
    {.name = "PTP exchange", .note = "src", .units = 1, .run = run_ptp},
};

const struct bench_family bench_clocks = {.name = "clocks",
                                          .rows = rows,
                                          .row_count = ARRAY_LEN(rows),
                                          .state_bytes = sizeof(struct clocks),
                                          .prepare = prepare};
