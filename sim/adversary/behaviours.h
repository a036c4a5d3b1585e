/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of registry.c, by the file that defines them. */
#ifndef TIERCHAIN_SIM_ADVERSARY_BEHAVIOURS_H
#define TIERCHAIN_SIM_ADVERSARY_BEHAVIOURS_H

#include "sim/adversary/mind.h"

/* leading.c: what a leader leaves undone, or does late */
extern const struct adversary_ops behaviour_silent;
extern const struct adversary_ops behaviour_mute_leader;
extern const struct adversary_ops behaviour_slow_leader;
extern const struct adversary_ops behaviour_tell_one;
extern const struct adversary_ops behaviour_late_vote;

/* rewriting.c: what a leader says instead */
extern const struct adversary_ops behaviour_equivocate;
extern const struct adversary_ops behaviour_censor;
extern const struct adversary_ops behaviour_watermark_jump;
extern const struct adversary_ops behaviour_bad_shares;
extern const struct adversary_ops behaviour_bad_coin;

/* voting.c: votes that contradict each other */
extern const struct adversary_ops behaviour_double_vote;
extern const struct adversary_ops behaviour_amnesia;

/* certifying.c: certificates that are old, hidden or false, and views given up early */
extern const struct adversary_ops behaviour_early_timeout_hotstuff;
extern const struct adversary_ops behaviour_early_timeout_pbft;
extern const struct adversary_ops behaviour_stale_certificate;
extern const struct adversary_ops behaviour_forged_certificate;
extern const struct adversary_ops behaviour_invented_claim;

/* flooding.c */
extern const struct adversary_ops behaviour_flood_old;
extern const struct adversary_ops behaviour_flood_fetch;
extern const struct adversary_ops behaviour_open_epochs;

/* coin.c */
extern const struct adversary_ops behaviour_mitm_coin;

/* random.c */
extern const struct adversary_ops behaviour_random;

#endif
