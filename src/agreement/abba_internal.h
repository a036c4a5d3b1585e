/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of binary agreement call of each other. */
#ifndef TIERCHAIN_AGREEMENT_ABBA_INTERNAL_H
#define TIERCHAIN_AGREEMENT_ABBA_INTERNAL_H

#include "agreement/abba.h"

#define ABBA_COIN_NAME_BYTES (2 + 8 + 2) /* channel, instance, round */

/* A round's state, made when there is none; NULL when there is none. */
struct abba_round *abba_round_at(struct abba *abba, uint32_t number);
struct abba_round *abba_round_find(const struct abba *abba, uint32_t number);

/* To be called when BVALs were counted. */
void abba_update_bin_values(const struct abba *abba, struct abba_round *round);

void abba_coin_name(const struct abba *abba, uint32_t number, uint8_t name[ABBA_COIN_NAME_BYTES]);
void abba_own_share(struct abba *abba, uint32_t number, struct dh_share *share);
void abba_add_share(struct abba *abba, struct abba_round *round, const struct dh_share *share);

/* Goes as far as possible; to be called at the end of every call that changed something. */
void abba_progress(struct abba *abba);

#endif
