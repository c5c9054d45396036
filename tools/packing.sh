# shellcheck shell=sh
# What tools/make-deb and tools/make-rpm share; they source it at the top of the tree.
# shellcheck disable=SC2034 # used where it is sourced

name=wireshark-plugin-mqtt5
version=$(cat plugin/VERSION)
homepage=${HOMEPAGE:-$(git remote get-url origin 2>/dev/null | sed -n 's|/*$||; s|\.git$||; /^https:/p')}

# FOLDER: copies what git has committed, or, where this is no git checkout, all that lies here, to FOLDER/NAME-VERSION. Sets `date`, of RFC 5322.
copy_source() {
    if top=$(git rev-parse --show-toplevel 2>/dev/null) && [ "$top" = "$PWD" ] && git rev-parse -q --verify HEAD >/dev/null; then
        git archive --prefix="$name-$version/" HEAD | tar x -C "$1"
        date=$(git log -1 --format=%aD)
    else
        mkdir "$1/$name-$version"
        tar c --exclude='./build*' --exclude=.git --exclude=__pycache__ --exclude=.pytest_cache . | tar x -C "$1/$name-$version"
        date=$(date -R -r plugin/VERSION)
    fi
}

# FOLDER ARCHIVE: packs FOLDER/NAME-VERSION; the same source gives the same bytes.
pack_source() {
    tar c -C "$1" --sort=name --owner=0 --group=0 --numeric-owner --mtime="$date" "$name-$version" | xz -T0 >"$2"
}

# FOLDER MAINTAINER DATE: fills in a template. Lines that name a homepage go where there is none.
fill_in() {
    [ -n "$homepage" ] || find "$1" -type f -exec sed -i '/@HOMEPAGE@/d' {} +
    find "$1" -type f -exec sed -i "s|@VERSION@|$version|g; s|@DATE@|$3|g; s|@MAINTAINER@|$2|g; s|@HOMEPAGE@|$homepage|g" {} +
}
