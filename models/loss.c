/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/loss.h"

#include "base/error.h"
#include "models/random.h"

/* Independent loss is the chain that forgets its state: bad next with probability @rate either way.
 */
int loss_init_independent(struct loss_model *model, double rate) {
    *model = (struct loss_model){.to_bad = rate, .to_good = 1 - rate};
    return rate >= 0 && rate < 1 ? 0 : ERR_INVALID;
}

int loss_init_bursts(struct loss_model *model, double rate, double burst) {
    *model = (struct loss_model){0};
    if (!(rate >= 0 && rate < 1 && burst >= 1))
        return ERR_INVALID;
    model->to_good = 1 / burst;
    model->to_bad = rate / (burst * (1 - rate));
    return model->to_bad <= 1 ? 0 : ERR_INVALID;
}

bool loss_next(const struct loss_model *model, struct loss_path *path, struct rng *rng) {
    double u = draw_uniform(rng);
    path->bad = path->bad ? u >= model->to_good : u < model->to_bad;
    return path->bad;
}
