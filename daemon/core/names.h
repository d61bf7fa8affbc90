/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names - words of the wire that more than one file needs. */
#ifndef CORE_NAMES_H
#define CORE_NAMES_H

#define NAME_MARK   "pgp-auth" /* option tag: this request could be signed */
#define NAME_STATUS "P-PGP-Status" /* what was found out, to the local side */

#endif
