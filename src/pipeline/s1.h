/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * S1, node selection: from the presence list rank by place, keep the best candidates, draw the lot
 * (VRF over the transaction id), take the holders by rendezvous hashing with that lot. The sender
 * can't choose its holders: the lot is unique for (key, id), and anyone can check it.
 *
 * Members of a committee do (s1_confirm), each over its own list of who is present, which differs from
 * the sender's by the few that came or went meanwhile. Tolerated are lists that differ by up to
 * T = @tolerance entries. At most T holders, u, may be missing on the member's list. By place at most
 * the T - u entries that only the member has stand before a holder that the sender's list would not
 * have there; and by lot at most the T nodes that only the member counts among the candidates. So a
 * holder must be among the first candidates + T - u by place, and fewer than holders + T of the
 * candidates may be better by lot. An honest sender within the tolerance is never refused. A cheat
 * gains at most T holders that are not present, its own perhaps, or passes over at most T that the
 * lot names; and it may draw again by changing the content, as ever, at the price of a VRF each. */
#ifndef TIERCHAIN_PIPELINE_S1_H
#define TIERCHAIN_PIPELINE_S1_H

#include "pipeline/open_tx.h"

/* What all nodes of a city agree on. */
struct s1_rule {
    const struct place_multiplier *events; /* in force; borrowed */
    size_t event_count;
    uint32_t candidates; /* nodes ranked by place, <= LIMIT_CANDIDATES */
    uint32_t holders;    /* of them taken by lot */
    uint32_t tolerance;  /* entries by which two lists may differ, <= LIMIT_CANDIDATES */
};

/* Whether the record's holders are those that its lot names, by this node's list. Charges the work of
 * ranking. ERR_UNKNOWN: the sender is not on the list; ERR_MISMATCH: they are others. */
int s1_confirm(struct env *env, const struct presence *presence, const struct s1_rule *rule,
               const struct tx_record *record, const uint8_t lot[VRF_OUTPUT_SIZE]);

/* Fills tx->proof, tx->lot and the slots' holders. ERR_NOT_ENOUGH when too few nodes are present.
 * */
int s1_select(struct sender *sender, struct open_tx *tx);

/* Puts another holder, whom the lot names now, in the place of each that has not promised and that the
 * lot does not name any more: it has left the presence list. It gets the same piece. */
void s1_replace(struct sender *sender, struct open_tx *tx);

#endif
