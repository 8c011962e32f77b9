/* SPDX-License-Identifier: Apache-2.0 */
/** --pdf: the HTML report printed by a browser or by WeasyPrint, where one is installed. */
#ifndef SOVAUDIT_CMD_PDF_H
#define SOVAUDIT_CMD_PDF_H

#include "audit_output.h"

/** Is there something to print with, where --pdf was given? -1, or EXIT_USAGE after a message. */
int pdf_check(const struct settings *settings);

/** Writes the report where --pdf says; nothing without it. EXIT_DONE or what went wrong. */
int pdf_write(const struct settings *settings, const struct report_bytes *report);

#endif
