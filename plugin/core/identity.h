/* identity.h
 * Which client it is that a packet comes from or goes to: told by CONNECT, and by CONNACK where the
 * server assigns the Client Identifier.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_IDENTITY_H
#define MQTT5_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

/* Never changes once it is made, and lives as long as its connection. Texts are C strings of valid
 * UTF-8; NULL where there is none. */
typedef struct {
    uint32_t connect_frame; /* of the CONNECT */
    bool assigned;          /* client_id is the server's choice (3.2.2.3.7) */
    const char *client_id;  /* NULL too where it is empty: then the server is to choose one */
    const char *user_name;
} mqtt5_identity;

#endif
