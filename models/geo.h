/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Great-circle distance and the speed of light in fibre.
 *
 * Distance: haversine formula on a sphere of 6371.0088 km (IUGG mean radius); up to 0.6 % off the
 * ellipsoid. Light in fibre: 200 km/ms, the round figure for a refractive index of 1.468 (204.2
 * km/ms, ITU-T G.652 fibre at 1550 nm), so the bound is 2 % too slow for a straight fibre; no cable
 * is straight. */
#ifndef TIERCHAIN_MODELS_GEO_H
#define TIERCHAIN_MODELS_GEO_H

#include "base/types.h"

#define FIBRE_KM_PER_MS 200.0

double great_circle_km(double lat_a, double lon_a, double lat_b, double lon_b);

/* One way along @km of straight fibre, rounded to the nanosecond. */
time_ns fibre_delay(double km);

#endif
