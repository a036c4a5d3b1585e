/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/geo.h"

#include <math.h>

#define EARTH_RADIUS_KM 6371.0088

static double radians(double degrees) {
    return degrees * (3.14159265358979323846 / 180);
}

double great_circle_km(double lat_a, double lon_a, double lat_b, double lon_b) {
    double half_lat = sin(radians(lat_b - lat_a) / 2);
    double half_lon = sin(radians(lon_b - lon_a) / 2);
    double h =
        half_lat * half_lat + cos(radians(lat_a)) * cos(radians(lat_b)) * half_lon * half_lon;
    return 2 * EARTH_RADIUS_KM * asin(sqrt(fmin(h, 1)));
}

time_ns fibre_delay(double km) {
    return (time_ns)llround(km / FIBRE_KM_PER_MS * (double)NS_PER_MS);
}
