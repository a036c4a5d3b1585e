/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A forger (sim/adversary/forge.h) who holds the keys of all members of an assembly. */
#ifndef TIERCHAIN_TESTS_FORGER_H
#define TIERCHAIN_TESTS_FORGER_H

#include "sim/adversary/forge.h"
#include "sim/assembly/assembly.h"

/* Good until the next call. */
const struct forger *forger_of(struct assembly *assembly);

#endif
