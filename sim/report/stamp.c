/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/stamp.h"

#include <string.h>

#define STAMP(field, point, which, mask, value) {#field, STAMP_OFFSET(field)},
const struct stamp stamps[] = {
    {"intended", STAMP_OFFSET(intended)},
#include "sim/report/stamps.def"
};
#undef STAMP
const size_t stamp_count = ARRAY_LEN(stamps);

time_ns stamp_at(const struct transaction_record *record, size_t offset) {
    time_ns stamp;
    memcpy(&stamp, (const char *)record + offset, sizeof stamp);
    return stamp;
}

void stamps_clear(struct transaction_record *record) {
    static const time_ns never = TIME_NEVER;
    for (size_t s = 0; s < stamp_count; s++)
        memcpy((char *)record + stamps[s].offset, &never, sizeof never);
}
