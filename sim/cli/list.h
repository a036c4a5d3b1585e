/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `tierchain list` knows. */
#ifndef TIERCHAIN_SIM_CLI_LIST_H
#define TIERCHAIN_SIM_CLI_LIST_H

#include <stdio.h>

/* The topics, for help: "keys|models|…". */
#define LIST_TOPICS                                                                                \
    "keys|metrics|measures|models|consensus|certificates|suites|work|places|scenarios|schema"

/* Writes the topic; without one the topics. 0, or EXIT_USAGE for an unknown topic. */
int list_topic(const char *topic, FILE *out);

#endif
