/* plugin.c
 * What Wireshark looks for when it loads the plugin: for which release it was built, and what it registers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define WS_BUILD_DLL

#include <wireshark.h>
#include <ws_symbol_export.h>
#include <ws_version.h>

#include <epan/packet.h>
#include <epan/proto.h>

#include "compat.h"
#include "packet-mqtt5.h"

/* Wireshark refuses a plugin that was compiled for another major or minor release. */
WS_DLL_PUBLIC_DEF const char plugin_version[] = PLUGIN_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);

void plugin_register(void)
{
    static proto_plugin plugin;

    plugin.register_protoinfo = mqtt5_proto_register;
    plugin.register_handoff = mqtt5_proto_handoff;
    proto_register_plugin(&plugin);
}

/* From 4.4 on, About > Plugins asks what kind of plugin it is. Its header is not installed: WS_PLUGIN_DESC_DISSECTOR is bit 0. */
WS_DLL_PUBLIC uint32_t plugin_describe(void);

uint32_t plugin_describe(void)
{
    return 1;
}
