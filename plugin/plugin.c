/* plugin.c
 * What Wireshark looks for when it loads the plugin: for which release it was built, and what it
 * registers.
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

/* Not every release installs this header. */
#ifdef __has_include
#if __has_include(<wsutil/plugins.h>)
#include <wsutil/plugins.h>
#endif
#endif

/* A bit of what plugin_describe() returns, for those releases. */
#ifndef WS_PLUGIN_DESC_DISSECTOR
#define WS_PLUGIN_DESC_DISSECTOR (1UL << 0)
#endif

static void register_protocol(void)
{
    static proto_plugin plugin;

    plugin.register_protoinfo = mqtt5_proto_register;
    plugin.register_handoff = mqtt5_proto_handoff;
    proto_register_plugin(&plugin);
}

#ifdef WIRESHARK_PLUGIN_REGISTER_EPAN

/* After 4.6: one entry point, which gives Wireshark all else that it wants to know. */
static struct ws_module module = {
    .flags = WS_PLUGIN_DESC_DISSECTOR,
    .version = PLUGIN_VERSION,
    .spdx_id = "GPL-2.0-or-later",
    .home_url = "",
    .blurb = "MQTT 5 analysis",
    .register_cb = register_protocol,
};

WS_DLL_PUBLIC plugin_type_e wireshark_load_module(int *abi_version, int *api_level, struct ws_module **described);

WIRESHARK_PLUGIN_REGISTER_EPAN(&module, 0)

#else

/* Wireshark refuses a plugin that was compiled for another major or minor release. */
WS_DLL_PUBLIC_DEF const char plugin_version[] = PLUGIN_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);

void plugin_register(void)
{
    register_protocol();
}

/* From 4.4 on, About > Plugins asks what kind of plugin it is. */
WS_DLL_PUBLIC uint32_t plugin_describe(void);

uint32_t plugin_describe(void)
{
    return WS_PLUGIN_DESC_DISSECTOR;
}

#endif
