/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Running the built program on a scenario, for its exit code and its trace hashes. TIERCHAIN_PROGRAM
 * names it; build/tierchain otherwise. */
#ifndef TIERCHAIN_TESTS_LIB_PROGRAM_H
#define TIERCHAIN_TESTS_LIB_PROGRAM_H

#define PROGRAM_HASHES 512

const char *program_path(void);

/* Runs "@binary run @arguments" with results in a directory that is removed again. The lines that
 * carry seeds and trace hashes go to @hashes. Returns the exit code. */
int program_run(const char *binary, const char *arguments, char hashes[PROGRAM_HASHES]);

#endif
