/* replay.c
 * Replaces libFuzzer in the tests: passes each file of the given folders (or each given file) to
 * the target once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <glib.h>
#include <stdio.h>

#include "target.h"

static unsigned replayed;

static gboolean replay_file(const char *path)
{
    gchar *data;
    gsize size;
    GError *error = NULL;

    if (!g_file_get_contents(path, &data, &size, &error)) {
        fprintf(stderr, "%s\n", error->message);
        g_error_free(error);
        return FALSE;
    }
    /* Printed before the call, so that the last line names the input that aborts. */
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput((const uint8_t *)data, size);
    g_free(data);
    replayed++;
    return TRUE;
}

static gboolean replay_folder(const char *path)
{
    GDir *folder = g_dir_open(path, 0, NULL);
    const char *name;
    gboolean good = TRUE;

    if (!folder)
        return replay_file(path);
    while ((name = g_dir_read_name(folder))) {
        gchar *file = g_build_filename(path, name, NULL);

        good = replay_file(file) && good;
        g_free(file);
    }
    g_dir_close(folder);
    return good;
}

int main(int count, char **arguments)
{
    gboolean good = TRUE;

    for (int i = 1; i < count; i++)
        good = replay_folder(arguments[i]) && good;
    printf("%u inputs\n", replayed);
    return good && replayed > 0 ? 0 : 1;
}
