/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The messages of clock synchronisation (discipline.h). All have one structure: the number of the
 * exchange, by which the asker tells answers apart, and as many times as the type has.
 *
 *   u32 exchange · u64 × (ANSWER: 2, FOLLOW_UP and DELAY_RESPONSE: 1, others: 0) times
 *
 * An ANSWER need not repeat t1 as an NTP packet does: the asker keeps it under the number. */
#ifndef TIERCHAIN_CLOCK_CLOCK_MESSAGES_H
#define TIERCHAIN_CLOCK_CLOCK_MESSAGES_H

#include "wire/message.h"

#define CLOCK_TIMES 2

struct clock_message {
    uint16_t type;
    uint32_t exchange;
    time_ns times[CLOCK_TIMES]; /* ANSWER: t2, t3; FOLLOW_UP: t1; DELAY_RESPONSE: t4 */
};

struct frame *clock_encode(const struct clock_message *in);

/* Errors: ERR_TRUNCATED, ERR_TRAILING; ERR_INVALID for a time beyond what ntp.h computes with;
 * ERR_UNKNOWN_TYPE for a message of another module. */
int clock_decode(struct clock_message *out, const struct message *message);

#endif
