/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A log-linear histogram laid out as HdrHistogram's (lowest 1, highest 3.6e9, 3 digits): values in
 * microseconds up to one hour, each within 0.1 %. Counts are conserved: values above the range are
 * counted as overflow and rank above all others. About 188 kB. */
#ifndef TIERCHAIN_SIM_REPORT_HISTOGRAM_H
#define TIERCHAIN_SIM_REPORT_HISTOGRAM_H

#include "sim/report/text.h"

#define HISTOGRAM_HIGHEST  INT64_C(3600000000) /* us */
#define HISTOGRAM_SLOTS    23552               /* (22 buckets + 1) x 1024 */
#define HISTOGRAM_OVERFLOW INT64_MAX

struct histogram {
    uint64_t counts[HISTOGRAM_SLOTS];
    uint64_t total, overflow; /* total includes overflow */
    uint64_t sum;             /* of the values within range, us */
    int64_t min, max;         /* exact, within range; 0 when there are none */
};

/* NULL without memory. */
struct histogram *histogram_new(void);
void histogram_free(struct histogram *histogram);

/* Records a value in us; a negative one is ERR_INVALID and not counted. */
int histogram_record(struct histogram *histogram, int64_t value);

/* Nearest rank, in us; 0 when empty, HISTOGRAM_OVERFLOW when the rank lies above the range. */
int64_t histogram_percentile(const struct histogram *histogram, uint32_t ppm);

/* Exact mean of the values within range, 0 if none. */
double histogram_mean(const struct histogram *histogram);

/* HdrHistogram V2 encoding, zlib-compressed, base64. 0 or ERR_NO_MEMORY. */
int histogram_encode(const struct histogram *histogram, struct text *out);

/* One interval line of an .hlog (format 1.2), and the file's head. */
void histogram_log_head(struct text *out);
int histogram_log_line(const struct histogram *histogram, const char *tag, double length_s,
                       struct text *out);

/* The .hgrm percentile table. */
void histogram_print_percentiles(const struct histogram *histogram, struct text *out);

/* The slot of a value within range, and the largest value of a slot. */
size_t histogram_slot(int64_t value);
int64_t histogram_slot_highest(size_t slot);

#endif
