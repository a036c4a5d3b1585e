/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/hotstuff/safety.h"

bool safety_safe_node(const struct safety *safety, const struct block *parent) {
    return parent->content.view > safety->locked_view ||
           block_extends(parent, &safety->locked, safety->locked_view);
}

bool safety_may_vote(const struct safety *safety, uint64_t view, const struct block *parent) {
    return view > safety->voted_view && safety_safe_node(safety, parent);
}

bool safety_update_lock(struct safety *safety, const struct block *certified) {
    const struct block *parent = certified->parent;
    if (parent == NULL || parent->content.view <= safety->locked_view)
        return false;
    safety->locked_view = parent->content.view;
    safety->locked = parent->id;
    return true;
}

struct block *safety_committed(const struct block *certified) {
    const struct block *parent = certified->parent;
    struct block *grandparent = parent == NULL ? NULL : parent->parent;
    if (grandparent == NULL || grandparent->committed)
        return NULL;
    bool consecutive = certified->content.view == parent->content.view + 1 &&
                       parent->content.view == grandparent->content.view + 1;
    return consecutive ? grandparent : NULL;
}
