/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Network Time Protocol arithmetic (RFC 5905): the four stamps, the clock filter, the selection of
 * truechimers. All times in nanoseconds of the clock that took them, below 2^61 in magnitude. */
#ifndef TIERCHAIN_CLOCK_NTP_H
#define TIERCHAIN_CLOCK_NTP_H

#include "base/types.h"

struct ntp_sample {
    time_ns offset; /* what to add to the client's clock */
    time_ns delay;  /* the round trip without the server's time, >= NTP_PRECISION */
    time_ns at;     /* when it was taken, on the client's clock */
    time_ns excess; /* what was cut off a negative delay: the clocks erred by so much meanwhile */
};

/* s.rho of RFC 5905: what a reading resolves. */
#define NTP_PRECISION 1

/* A sample with that delay. On a short path the errors of four readings, or a clock that is set
 * meanwhile, make the delay negative: "the value of delta should be clamped not less than s.rho"
 * (RFC 5905 section 8). Beyond the RFC, what was cut off widens the sample's claim, so that one taken
 * across a step is not the best of all. */
struct ntp_sample ntp_sample(time_ns offset, time_ns delay, time_ns at);

/* RFC 5905 section 8: client sends at t1, server receives at t2 and answers at t3, client receives
 * at t4. A path of d1 out and d2 back makes the offset wrong by exactly (d1 - d2) / 2. */
struct ntp_sample ntp_measure(time_ns t1, time_ns t2, time_ns t3, time_ns t4);

#define NTP_FILTER_SIZE 8

/* The last samples of one server. Zero-initialise. */
struct ntp_filter {
    struct ntp_sample samples[NTP_FILTER_SIZE];
    uint32_t count; /* samples held */
    uint32_t next;  /* the slot to overwrite */
};

void ntp_filter_add(struct ntp_filter *filter, const struct ntp_sample *sample);

/* A sample ages by what a crystal drifts meanwhile: usually 50 ppm, at the worst 500 (RFC 5905's
 * tolerance). The RFC has 15 ppm, of clocks whose frequency is disciplined. */
#define NTP_DRIFT_USUAL 20000 /* one in so many */
#define NTP_DRIFT_WORST 2000

/* RFC 5905 MAXDISP: beyond that nothing is known. A longer round trip is no sample, jitter counts for
 * no more; so a server that makes times up cannot make the arithmetic overflow. */
#define NTP_DISPERSION_MAX (16 * NS_PER_S)

/* Whether the delay is one that a round trip can have, or nearly: within NTP_DISPERSION_MAX of 0. */
bool ntp_plausible(const struct ntp_sample *sample);

/* The held sample of least (delay + excess) / 2 plus ageing, the later one on a tie, when the client's
 * clock shows @now; NULL if there is none. */
const struct ntp_sample *ntp_filter_best(const struct ntp_filter *filter, time_ns now);

/* How far @best may be from the true offset: half its delay and excess, which bounds what an asymmetric
 * path and erring clocks can do; ageing at the worst; jitter, the mean distance of the held offsets from
 * it (the RFC takes the root mean square). */
time_ns ntp_root_distance(const struct ntp_filter *filter, const struct ntp_sample *best,
                          time_ns now);

/* A server's claim: the true offset lies in [low, high]. */
struct ntp_interval {
    time_ns low, high;
};

#define NTP_SERVER_LIMIT 64

/* Marzullo's algorithm: the smallest interval that the largest number of claims contains, the
 * lowest such one; *agreeing is that number. ERR_NOT_ENOUGH if it is no majority of @count,
 * ERR_INVALID for an inverted interval, no server or more than NTP_SERVER_LIMIT. */
int ntp_select(const struct ntp_interval *claims, size_t count, struct ntp_interval *result,
               size_t *agreeing);

#endif
