/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A resolved scenario as flat rows: "city.batch.delay" → "5 ms", "places.0.id" → "komatsu". */
#ifndef TIERCHAIN_SIM_REPORT_PARAMS_H
#define TIERCHAIN_SIM_REPORT_PARAMS_H

/* Calls @put for each value of the YAML document @text, in its order; list entries are numbered
 * from 0, an empty list or map is a row with an empty value. 0, or ERR_INVALID when @text is no
 * YAML. */
int params_each(const char *text, void (*put)(void *context, const char *key, const char *value),
                void *context);

#endif
