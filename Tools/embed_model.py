#!/usr/bin/env python3
"""Turns a safetensors file into a C source that holds it as base64, for models that the library carries with it.

    python3 Tools/embed_model.py MODEL.safetensors Sources/CModels/NAME.c

A C string compiles in an instant where a Swift array literal of a million bytes takes minutes; base64 keeps the source
a third larger than the file. The function that gives it is named after the
source, with `_base64` behind it.
"""

import argparse
import base64
import pathlib
import sys


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("input", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        text = base64.b64encode(arguments.input.read_bytes()).decode()
        symbol = arguments.output.stem.replace("-", "_") + "_base64"
        lines = "\n".join(f'    "{text[start:start + 116]}"' for start in range(0, len(text), 116))
        arguments.output.write_text(
            f"// Made by Tools/embed_model.py from {arguments.input.name}.\n"
            f'#include "CModels.h"\n\nstatic const char text[] =\n{lines};\n\n'
            f"const char *{symbol}(void) {{ return text; }}\n"
        )
    except OSError as error:
        print(f"embed_model: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
