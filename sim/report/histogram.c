/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/histogram.h"

#include "base/error.h"
#include "sim/report/statistics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define HALF      1024 /* sub-buckets that a doubling adds */
#define HALF_BITS 10

struct histogram *histogram_new(void) {
    return calloc(1, sizeof(struct histogram));
}

void histogram_free(struct histogram *histogram) {
    free(histogram);
}

size_t histogram_slot(int64_t value) {
    unsigned top = 63 - (unsigned)__builtin_clzll((uint64_t)value | (2 * HALF - 1));
    unsigned shift = top - HALF_BITS;
    return ((size_t)shift << HALF_BITS) + (size_t)(value >> shift);
}

int64_t histogram_slot_highest(size_t slot) {
    if (slot < 2 * HALF)
        return (int64_t)slot;
    unsigned shift = (unsigned)(slot >> HALF_BITS) - 1;
    int64_t sub = (int64_t)(slot & (HALF - 1)) + HALF;
    return ((sub + 1) << shift) - 1;
}

int histogram_record(struct histogram *histogram, int64_t value) {
    if (value < 0)
        return ERR_INVALID;
    histogram->total++;
    if (value > HISTOGRAM_HIGHEST) {
        histogram->overflow++;
        return OK;
    }
    bool first = histogram->total - histogram->overflow == 1;
    histogram->counts[histogram_slot(value)]++;
    histogram->sum += (uint64_t)value;
    if (first || value < histogram->min)
        histogram->min = value;
    if (first || value > histogram->max)
        histogram->max = value;
    return OK;
}

int64_t histogram_percentile(const struct histogram *histogram, uint32_t ppm) {
    uint64_t rank = nearest_rank(histogram->total, ppm), seen = 0;
    if (rank == 0)
        return 0;
    for (size_t i = 0; i < HISTOGRAM_SLOTS; i++) {
        seen += histogram->counts[i];
        if (seen >= rank) {
            int64_t value = histogram_slot_highest(i);
            return value < histogram->max ? value : histogram->max;
        }
    }
    return HISTOGRAM_OVERFLOW;
}

double histogram_mean(const struct histogram *histogram) {
    uint64_t count = histogram->total - histogram->overflow;
    return count == 0 ? 0 : (double)histogram->sum / (double)count;
}

static void put_big_endian(struct text *out, uint64_t value, unsigned size) {
    for (unsigned i = size; i-- > 0;)
        text_append(out, &(uint8_t){(uint8_t)(value >> (8 * i))}, 1);
}

/* ZigZag LEB128 as HdrHistogram has it: the ninth byte carries eight bits. */
static void put_zigzag(struct text *out, int64_t value) {
    uint64_t rest = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
    for (unsigned i = 0; i < 8 && rest >= 0x80; i++) {
        text_append(out, &(uint8_t){(uint8_t)(rest | 0x80)}, 1);
        rest >>= 7;
    }
    text_append(out, &(uint8_t){(uint8_t)rest}, 1);
}

static void encode_counts(const struct histogram *histogram, struct text *out) {
    size_t end = histogram->total > histogram->overflow ? histogram_slot(histogram->max) + 1 : 0;
    for (size_t i = 0; i < end;) {
        size_t run = i;
        while (run < end && histogram->counts[run] == 0)
            run++;
        if (run > i)
            put_zigzag(out, -(int64_t)(run - i));
        else
            put_zigzag(out, (int64_t)histogram->counts[run++]);
        i = run;
    }
}

static void put_base64(struct text *out, const uint8_t *bytes, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)bytes[i] << 16 | (uint32_t)(left > 1 ? bytes[i + 1] : 0) << 8 |
                         (left > 2 ? bytes[i + 2] : 0);
        char four[4] = {digits[group >> 18], digits[group >> 12 & 63],
                        left > 1 ? digits[group >> 6 & 63] : '=',
                        left > 2 ? digits[group & 63] : '='};
        text_append(out, four, sizeof four);
    }
}

int histogram_encode(const struct histogram *histogram, struct text *out) {
    struct text counts = {0}, plain = {0}, packed = {0};
    encode_counts(histogram, &counts);
    put_big_endian(&plain, 0x1c849313, 4);
    put_big_endian(&plain, counts.size, 4);
    put_big_endian(&plain, 0, 4); /* normalising offset */
    put_big_endian(&plain, 3, 4); /* significant digits */
    put_big_endian(&plain, 1, 8);
    put_big_endian(&plain, (uint64_t)HISTOGRAM_HIGHEST, 8);
    put_big_endian(&plain, UINT64_C(0x3ff0000000000000), 8); /* the double 1.0 */
    text_append(&plain, counts.bytes == NULL ? "" : counts.bytes, counts.size);

    uLongf size = compressBound(plain.size);
    uint8_t *deflated = malloc(size);
    int error = deflated == NULL || compress2(deflated, &size, (const Bytef *)plain.bytes,
                                              plain.size, 9) != Z_OK
                    ? ERR_NO_MEMORY
                    : OK;
    if (error == OK) {
        put_big_endian(&packed, 0x1c849314, 4);
        put_big_endian(&packed, size, 4);
        text_append(&packed, deflated, size);
        put_base64(out, (const uint8_t *)packed.bytes, packed.size);
    }
    free(deflated);
    text_deinit(&counts);
    text_deinit(&plain);
    text_deinit(&packed);
    return error;
}

void histogram_log_head(struct text *out) {
    text_add(out, "#[Histogram log format version 1.2]\n"
                  "#[StartTime: 0.000 (seconds since epoch), simulated time]\n"
                  "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                  "\"Interval_Compressed_Histogram\"\n");
}

int histogram_log_line(const struct histogram *histogram, const char *tag, double length_s,
                       struct text *out) {
    text_format(out, "Tag=%s,0.000,%.3f,%" PRId64 ",", tag, length_s, histogram->max);
    int error = histogram_encode(histogram, out);
    text_add(out, "\n");
    return error;
}

void histogram_print_percentiles(const struct histogram *histogram, struct text *out) {
    text_add(out, "       Value     Percentile TotalCount 1/(1-Percentile)\n\n");
    uint64_t seen = 0;
    for (size_t i = 0; i < HISTOGRAM_SLOTS; i++) {
        if (histogram->counts[i] == 0)
            continue;
        seen += histogram->counts[i];
        double share = (double)seen / (double)histogram->total;
        text_format(out, "%12" PRId64 " %2.12f %10" PRIu64, histogram_slot_highest(i), share, seen);
        if (seen < histogram->total)
            text_format(out, " %14.2f", 1 / (1 - share));
        text_add(out, "\n");
    }
    text_format(out,
                "#[Mean    = %12.3f]\n#[Max     = %12" PRId64 ", Total count = %12" PRIu64
                "]\n#[Overflow = %" PRIu64 "]\n",
                histogram_mean(histogram), histogram->max, histogram->total, histogram->overflow);
}
