/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock/ptp.h"

struct ptp_result ptp_measure(const struct ptp_exchange *exchange, time_ns asymmetry) {
    time_ns forth = exchange->t2 - exchange->t1;
    time_ns back = exchange->t4 - exchange->t3;
    time_ns delay = (forth + back) / 2;
    return (struct ptp_result){.path_delay = delay, .offset = forth - delay - asymmetry};
}
