/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Does this message get lost?
 *
 *   independent  with probability rate
 *   bursts       a path is good (nothing is lost) or bad (everything is); it changes before each
 *                message with probability 1 / burst from bad to good, and rate / (burst (1 -
 *                rate)) from good to bad: the share `rate` is lost in the long run, in runs of
 *                `burst` messages on average
 *
 * Source: Gilbert, "Capacity of a burst-noise channel", BSTJ 39 (1960); with partial loss in
 * both states it would be Elliott's (1963). Figures to choose a rate by: none of 74,880 pings
 * between three AWS regions was lost (at most 4.0e-5 with 95 % confidence) and 1 of 149,760
 * inside them (ouroboros-leios@0200037, 2026-01); a transit provider promised under 0.3 % a
 * month (NTT, 2009).
 *
 * Validity: rate from 0 to below 1, and at most burst / (1 + burst); burst >= 1.
 *
 * Ignored: size of a message, load, length of the path; time (the chain steps by message).
 *
 * Random numbers: the caller's stream, one number a message. */
#ifndef TIERCHAIN_MODELS_LOSS_H
#define TIERCHAIN_MODELS_LOSS_H

#include "base/rng.h"

struct loss_model {
    double to_bad, to_good; /* probabilities of a change before a message */
};

/* One path's state; zero is good. */
struct loss_path {
    bool bad;
};

/* 0, or ERR_INVALID. */
int loss_init_independent(struct loss_model *model, double rate);
int loss_init_bursts(struct loss_model *model, double rate, double burst);

/* Whether the path's next message is lost. */
bool loss_next(const struct loss_model *model, struct loss_path *path, struct rng *rng);

#endif
