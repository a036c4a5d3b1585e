/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A forger (sim/adversary/forge.h) who holds the keys of all members of a world. */
#ifndef TIERCHAIN_TESTS_FORGER_H
#define TIERCHAIN_TESTS_FORGER_H

#include "sim/adversary/forge.h"
#include "tests/lib/consensus_world.h"

/* Good until the next call. */
const struct forger *forger_of(struct world *world);

#endif
