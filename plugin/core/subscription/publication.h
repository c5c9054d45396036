/* publication.h
 * What there is to tell of a PUBLISH beyond its own bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SUBSCRIPTION_PUBLICATION_H
#define MQTT5_SUBSCRIPTION_PUBLICATION_H

#include "core/session/session.h"

/* What to show of a PUBLISH: `alias` may be NULL, `granted` are the first `shown`
 * (MQTT5_GRANTED_MAX at most) of `matched` subscriptions. Lives as long as the connection. PUBLISH
 * packets with the same values share it. */
const mqtt5_publication *mqtt5_publication_keep(mqtt5_connection *connection, const mqtt5_alias_topic *alias,
                                                const mqtt5_granted *const *granted, uint32_t shown, uint32_t matched);

#endif
