/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many cores has a node's machine?
 *
 * Source: EIP-7870, "Hardware and Bandwidth Recommendations" of Ethereum (https://eips.ethereum.org/EIPS/eip-7870):
 * 8 cores, 16 threads for those who attest or build blocks, here the committees' members and the representatives;
 * 4 cores, 8 threads for nodes that only follow, here the households'. A second thread of a core is not counted: the
 * costs of models/cpu.h are one thread's with the core to itself.
 *
 * Validity: server and desktop processors of 2025. Ignored: what else runs there, cores of two kinds. */
#ifndef TIERCHAIN_MODELS_MACHINE_H
#define TIERCHAIN_MODELS_MACHINE_H

#define MACHINE_CORES_FULL      8
#define MACHINE_CORES_HOUSEHOLD 4
#define MACHINE_CORES_MAX       1024

#endif
