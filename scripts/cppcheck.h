/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loop macros of library headers, which cppcheck does not read. */
#define json_array_foreach(a, i, v) for (i = 0; (v = json_array_get(a, i)); i++)
#define json_object_foreach(o, k, v)                                           \
	for (k = json_object_iter_key(o); (v = json_object_get(o, k));)
