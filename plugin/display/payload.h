/* payload.h
 * Shows the payload of a PUBLISH by the dissector that the user's table names for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_DISPLAY_PAYLOAD_H
#define MQTT5_DISPLAY_PAYLOAD_H

#include "display/parts.h"

/* Registers the field, the remark and the table. Called once, after mqtt5_columns_register(). */
void mqtt5_payload_register(int proto);

/* Shows the payload of a PUBLISH below r->tree, if the table has an entry for it. r->tree may be
 * NULL: then only the remark is made. Nothing happens to what is empty, or not captured as a whole;
 * of what does not fit the decoder, a Chat says so. The columns stay as they are. */
void mqtt5_render_payload(const mqtt5_rendering *r);

#endif
