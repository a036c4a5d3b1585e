/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/search.h"

#include <math.h>

void search_init(struct search *search, double start, double least, double most) {
    *search = (struct search){
        .broken = INFINITY, .least = least, .most = most, .next = fmin(fmax(start, least), most)};
}

void search_tell(struct search *search, bool kept) {
    if (kept)
        search->kept = search->next;
    else
        search->broken = search->next;
    if (search->kept == 0) {
        search->done = search->broken <= search->least;
        search->next = fmax(search->broken / 2, search->least);
    } else if (isinf(search->broken)) {
        search->done = search->kept >= search->most;
        search->next = fmin(search->kept * 2, search->most);
    } else {
        search->done = search->broken <= search->kept * (1 + SEARCH_PRECISION);
        search->next = sqrt(search->kept * search->broken);
    }
}

double search_result(const struct search *search) {
    return isinf(search->broken) && search->kept > 0 ? INFINITY : search->kept;
}
