#!/usr/bin/env bash
# The system packages that building and running this package takes, on Debian and Ubuntu.
#
# Installs what is missing, and does nothing where all is there. Run it, or source it and call install_dependencies.

install_dependencies() {
    local -a packages=(
        pkg-config ocl-icd-opencl-dev opencl-headers libclblast-dev libturbojpeg0-dev libspng-dev libwebp-dev libarchive-dev
    )
    # PoCL runs OpenCL on the CPU. Where another driver is there, nobody needs it.
    if [[ -z $(compgen -G '/etc/OpenCL/vendors/*.icd') ]]; then
        packages+=(pocl-opencl-icd)
    fi
    install_packages "${packages[@]}"
}

# Installs those of the given packages that are missing.
install_packages() {
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not Debian or Ubuntu, so nothing is installed here. Needed are, by their names there:" >&2
        echo "  $*" >&2
        return 1
    fi

    local -a missing=()
    local package
    for package in "$@"; do
        if [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            missing+=("$package")
        fi
    done
    if [[ ${#missing[@]} -eq 0 ]]; then
        return 0
    fi

    local -a as_root=()
    if [[ $EUID -ne 0 ]]; then
        if ! command -v sudo >/dev/null; then
            echo "Packages are missing, and without sudo only root can install them. As root:" >&2
            echo "  apt-get install ${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "Installing ${missing[*]}" >&2
    "${as_root[@]}" apt-get update >&2 || return 1
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "${missing[@]}" >&2
}

# Fails, and says why, unless there is a Swift that can build the package.
require_swift() {
    local wanted_major=6 wanted_minor=1
    if ! command -v swift >/dev/null; then
        echo "There is no swift on the PATH. Swift $wanted_major.$wanted_minor or later is needed:" \
            "https://www.swift.org/install/linux" >&2
        return 1
    fi
    local text
    text=$(swift --version 2>/dev/null) || true
    if [[ ! $text =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]]; then
        echo "swift --version does not say which version it is. Swift $wanted_major.$wanted_minor or later is needed:" \
            "https://www.swift.org/install/linux" >&2
        return 1
    fi
    local major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
    if ((major < wanted_major || (major == wanted_major && minor < wanted_minor))); then
        echo "Swift $major.$minor is too old. Swift $wanted_major.$wanted_minor or later is needed:" \
            "https://www.swift.org/install/linux" >&2
        return 1
    fi
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    set -euo pipefail
    install_dependencies
fi
