/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HoneyBadgerBFT (Miller, Xia, Croman, Shi, Song, CCS 16): consensus without a leader and without
 * any assumption about time. An epoch is an asynchronous common subset: every member broadcasts a
 * batch reliably (agreement/broadcast.h), and one binary agreement a member (agreement/abba.h) decides
 * whether its batch is in. A member says yes to what it was delivered and holds valid, and no to the
 * rest once n - f are in. The batches of an epoch are decided in the order of members.
 *
 * Good case: 5 hops, 3 of the broadcast and 2 of agreement, whose first coin is fixed to "in".
 *
 * Different from the paper:
 *  - Batches are not encrypted, so whoever schedules the network can choose, knowing the contents,
 *    which f batches to delay. An epoch decides all or nothing of a batch, and a transaction's turn
 *    comes with another proposer in the next epoch: delaying is possible, stopping is not.
 *  - Members propose disjoint parts (struct part) that rotate with the epoch, instead of random
 *    samples of one list, so no transaction is decided twice. One that few members know waits until
 *    one of them has its part, at most n epochs; a crashed proposer delays its part by one epoch.
 *  - Epochs run only while members have something to propose: who has nothing joins, with an empty
 *    batch, when f + 1 have opened the epoch, for one of them is correct. Fewer open none for others,
 *    so no f members keep a committee busy; what only f correct members have must be forwarded
 *    (tier/forward.h).
 *  - Links may lose messages. While an epoch is open a member asks the others now and then, with
 *    growing pauses, to say again what they said (FETCH). Answers are counted (quota.h).
 *
 * Catching up: who lags takes an outcome that f + 1 members report alike (DECIDED), so no signature
 * is needed anywhere. The chain is durable, and so is what a member said in the current and the last
 * epoch: it goes on after a crash and never contradicts itself. The last epoch is served until the
 * current one ends: then f + 1 correct members know its outcome.
 *
 * An outcome must fit into a frame, so a proposal has at most 12 MiB / n; an item beyond that is never
 * decided.
 *
 * The coin's keys come from a trusted dealer, as the key directory does. */
#ifndef TIERCHAIN_CONSENSUS_HONEYBADGER_H
#define TIERCHAIN_CONSENSUS_HONEYBADGER_H

#include "consensus/consensus.h"

extern const struct consensus_ops honeybadger_ops;

#endif
