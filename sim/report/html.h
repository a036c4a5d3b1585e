/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report.html: one file that a browser shows without anything else: what was run, the verdicts, the
 * figures (as SVG within the page), expectations, invariants, links to the other files. */
#ifndef TIERCHAIN_SIM_REPORT_HTML_H
#define TIERCHAIN_SIM_REPORT_HTML_H

#include "sim/report/directory.h"
#include "sim/report/text.h"

/* Appends the page of @report. Figures are taken from, and links made to, what @dir holds now. No
 * wall-clock time enters the page. */
void html_report(const struct report *report, const char *dir, struct text *out);

#endif
