/* security.h
 * What weakens security, where no control packet shows it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_SECURITY_H
#define MQTT5_CAPTURE_SECURITY_H

#include "core/rules/finding.h"

/* A server agrees on a version of TLS, as the field legacy_version of ServerHello has it (RFC 8446,
 * 4.1.3; 0x0303 for TLS 1.2 and later). Reports those that RFC 7568 and RFC 8996 forbid; says
 * nothing of numbers that are no version. */
void mqtt5_security_hello(unsigned version, mqtt5_findings *findings);

#endif
