/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Precision Time Protocol, two-step delay request-response (IEEE 1588-2008 clause 11.3). Times in
 * nanoseconds of the clock that took them, below 2^61 in magnitude. */
#ifndef TIERCHAIN_CLOCK_PTP_H
#define TIERCHAIN_CLOCK_PTP_H

#include "base/types.h"

struct ptp_exchange {
    time_ns t1; /* master sends Sync; told by Follow_Up */
    time_ns t2; /* slave receives it */
    time_ns t3; /* slave sends Delay_Req */
    time_ns t4; /* master receives it; told by Delay_Resp */
};

struct ptp_result {
    time_ns path_delay; /* mean of both directions */
    time_ns offset;     /* slave minus master: subtract it from the slave's clock */
};

/* @asymmetry is the known (master to slave delay - slave to master delay) / 2, which is
 * delayAsymmetry of clause 7.4.2; an unknown one of that size is the offset's error. */
struct ptp_result ptp_measure(const struct ptp_exchange *exchange, time_ns asymmetry);

#endif
