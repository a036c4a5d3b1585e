/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock/ntp.h"

#include "base/error.h"

#include <stdlib.h>

struct ntp_sample ntp_sample(time_ns offset, time_ns delay, time_ns at) {
    return (struct ntp_sample){.offset = offset,
                               .delay = delay > NTP_PRECISION ? delay : NTP_PRECISION,
                               .at = at,
                               .excess = delay < 0 ? -delay : 0};
}

bool ntp_plausible(const struct ntp_sample *sample) {
    return sample->delay <= NTP_DISPERSION_MAX && sample->excess <= NTP_DISPERSION_MAX;
}

struct ntp_sample ntp_measure(time_ns t1, time_ns t2, time_ns t3, time_ns t4) {
    return ntp_sample(((t2 - t1) + (t3 - t4)) / 2, (t4 - t1) - (t3 - t2), t4);
}

void ntp_filter_add(struct ntp_filter *filter, const struct ntp_sample *sample) {
    filter->samples[filter->next] = *sample;
    filter->next = (filter->next + 1) % NTP_FILTER_SIZE;
    if (filter->count < NTP_FILTER_SIZE)
        filter->count++;
}

static time_ns half_width(const struct ntp_sample *sample) {
    return (sample->delay + sample->excess) / 2;
}

static time_ns age(const struct ntp_sample *sample, time_ns now) {
    return now > sample->at ? now - sample->at : 0;
}

const struct ntp_sample *ntp_filter_best(const struct ntp_filter *filter, time_ns now) {
    const struct ntp_sample *best = NULL;
    time_ns least = 0;
    /* From the oldest sample on, so that the later one wins a tie. */
    uint32_t oldest = filter->next + NTP_FILTER_SIZE - filter->count;
    for (uint32_t i = 0; i < filter->count; i++) {
        const struct ntp_sample *sample = &filter->samples[(oldest + i) % NTP_FILTER_SIZE];
        time_ns distance = half_width(sample) + age(sample, now) / NTP_DRIFT_USUAL;
        if (best != NULL && distance > least)
            continue;
        best = sample;
        least = distance;
    }
    return best;
}

time_ns ntp_root_distance(const struct ntp_filter *filter, const struct ntp_sample *best,
                          time_ns now) {
    time_ns jitter = 0;
    for (uint32_t i = 0; i < filter->count && filter->count > 1; i++) {
        time_ns distance = filter->samples[i].offset - best->offset;
        jitter += (distance < 0 ? -distance : distance) / (time_ns)(filter->count - 1);
    }
    jitter = jitter < NTP_DISPERSION_MAX ? jitter : NTP_DISPERSION_MAX;
    return half_width(best) + age(best, now) / NTP_DRIFT_WORST + jitter;
}

struct edge {
    time_ns at;
    int step; /* +1 where an interval begins, -1 where it ends */
};

/* Beginnings before ends: intervals that only touch do agree. */
static int by_time(const void *left, const void *right) {
    const struct edge *a = left, *b = right;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return b->step - a->step;
}

int ntp_select(const struct ntp_interval *claims, size_t count, struct ntp_interval *result,
               size_t *agreeing) {
    struct edge edges[2 * NTP_SERVER_LIMIT];
    if (count == 0 || count > NTP_SERVER_LIMIT)
        return ERR_INVALID;
    for (size_t i = 0; i < count; i++) {
        if (claims[i].low > claims[i].high)
            return ERR_INVALID;
        edges[2 * i] = (struct edge){claims[i].low, 1};
        edges[2 * i + 1] = (struct edge){claims[i].high, -1};
    }
    qsort(edges, 2 * count, sizeof edges[0], by_time);
    int depth = 0, best = 0;
    for (size_t i = 0; i < 2 * count; i++) {
        depth += edges[i].step;
        if (depth > best) {
            best = depth;
            *result = (struct ntp_interval){edges[i].at, edges[i + 1].at};
        }
    }
    *agreeing = (size_t)best;
    return 2 * (size_t)best > count ? OK : ERR_NOT_ENOUGH;
}
