/* object_name.h
 * Names of the files that Export Objects writes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STATISTICS_OBJECT_NAME_H
#define MQTT5_STATISTICS_OBJECT_NAME_H

#include <stdbool.h>
#include <stdint.h>

/* What a name is made of. */
typedef struct {
    const uint8_t *topic; /* any bytes; NULL if it is not known */
    uint32_t topic_length;
    uint32_t frame;
    unsigned number;          /* of the object in its frame, from 1 */
    bool cut;                 /* the capture does not have the whole payload */
    const char *content_type; /* "": none */
} mqtt5_object_name;

/* A file name that is safe on every system: "ota_meter-1-57.bin" for topic "ota/meter-1.bin" in
 * frame 57. It has no separators and no characters that a shell or a system treats specially, begins
 * with none of ".", "-", and is no longer than a system allows. The extension is that of the topic,
 * or else follows from the Content Type. Free it with g_free(). */
char *mqtt5_object_name_make(const mqtt5_object_name *name);

#endif
