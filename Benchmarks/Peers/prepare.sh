#!/usr/bin/env bash
# The Python that runs the peers of `Benchmarks/run --peers`. To be sourced, for prepare_peers.

# Sets AIG_PEERS_FOLDER, and AIG_PEERS_PYTHON unless the caller named a Python of their own that has
# everything: to that of a virtual environment in the package's .build-peers, made here where it is missing
# or out of date.
prepare_peers() {
    local package=$1
    local environment=$package/.build-peers requirements=$package/Benchmarks/Peers/requirements.txt
    export AIG_PEERS_FOLDER=$package/Benchmarks/Peers
    if [[ -n ${AIG_PEERS_PYTHON:-} ]]; then
        return 0
    fi
    export AIG_PEERS_PYTHON=$environment/bin/python
    # The copy is made last: it says that the environment is complete, and of which versions.
    if cmp --silent "$requirements" "$environment/requirements.txt" && [[ -x $AIG_PEERS_PYTHON ]]; then
        return 0
    fi

    if ! command -v python3 >/dev/null; then
        echo "Error: --peers needs python3 (3.11 or later), and there is none on the PATH." \
            "On Debian and Ubuntu: apt-get install python3-venv" >&2
        return 1
    fi
    if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        echo "Error: --peers needs Python 3.11 or later; this is $(python3 --version 2>&1)." \
            "AIG_PEERS_PYTHON may name another one, with the packages of Benchmarks/Peers/requirements.txt installed." >&2
        return 1
    fi
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        echo "Error: --peers needs Python's venv and pip, which this python3 comes without." \
            "On Debian and Ubuntu: apt-get install python3-venv" >&2
        return 1
    fi
    echo "Installing the peers into $environment; PyTorch and its libraries are some gigabytes." >&2
    if ! python3 -m venv --clear "$environment" >&2; then
        echo "Error: no virtual environment could be made in $environment." >&2
        return 1
    fi
    if ! "$AIG_PEERS_PYTHON" -m pip install --quiet --disable-pip-version-check \
        --requirement "$requirements" >&2; then
        echo "Error: pip could not install the peers (its reasons are above). It needs to reach PyPI," \
            "and some gigabytes of space in $environment. AIG_PEERS_PYTHON may name a Python that has them." >&2
        return 1
    fi
    cp "$requirements" "$environment/requirements.txt"
}
