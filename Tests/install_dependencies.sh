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

# Installs Intel's OpenCL runtime for CPUs, which comes as Python packages, into the package's build folder, nowhere else.
# Sets intel to the folder: drivers are listed in $intel/vendors (Intel's alone) and $intel/all-vendors (the system's too), and
# need $intel/python/lib on the LD_LIBRARY_PATH.
prepare_intel_runtime() {
    intel=$1/.build-intel
    if [[ ! -e $intel/vendors/intel.icd ]]; then
        install_packages python3-venv || return 1
        python3 -m venv "$intel/python" || return 1
        "$intel/python/bin/pip" install --quiet --disable-pip-version-check \
            intel-opencl-rt==2026.2.0 intel-cmplr-lib-rt==2026.2.0 tcmlib==1.6.0 umf==1.2.0 tbb==2023.2.0 >&2 || return 1
        mkdir -p "$intel/vendors"
        echo "$intel/python/lib/libintelocl.so" >"$intel/vendors/intel.icd"
    fi
    rm -rf "$intel/all-vendors"
    mkdir "$intel/all-vendors"
    cp -- "$intel/vendors/intel.icd" "$intel/all-vendors"
    local vendor
    for vendor in /etc/OpenCL/vendors/*.icd; do
        # Another copy of Intel's runtime in one process would not start.
        if [[ -e $vendor && $(cat "$vendor") != *intelocl* ]]; then cp -- "$vendor" "$intel/all-vendors"; fi
    done
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
