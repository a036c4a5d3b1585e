/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where something is, as the network models see it. */
#ifndef TIERCHAIN_MODELS_SITE_H
#define TIERCHAIN_MODELS_SITE_H

/* Two sites with equal coordinates are the same place. A name that is NULL stands for the nearest
 * one (great circle) of the model's table. */
struct site {
    double lat, lon;          /* degrees, WGS 84 */
    const char *aws_region;   /* "ap-northeast-1" */
    const char *azure_region; /* "japaneast" */
    const char *wonder_city;  /* "Tokyo" */
};

#endif
