"""Build static/vendor from node_modules: the files the pages load, with their licences, and one sprite of icons.

Standard library only, so that it runs before anything is installed. It writes a new folder and swaps it in whole.
"""

import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
SVG = "http://www.w3.org/2000/svg"

# Where a file comes from in node_modules → where it goes in static/vendor.
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
    "bootstrap/LICENSE": "bootstrap/LICENSE",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "htmx.org/LICENSE": "htmx/LICENSE",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/images": "leaflet/images",
    "leaflet/LICENSE": "leaflet/LICENSE",
    "@fontsource-variable/public-sans/LICENSE": "public-sans/LICENSE",
    "bootstrap-icons/LICENSE": "icons.LICENSE",
}
# The subsets French needs, upright and italic; static/css/tokens.css declares them.
FILES |= {
    f"@fontsource-variable/public-sans/files/{name}": f"public-sans/{name}"
    for name in (
        "public-sans-latin-wght-normal.woff2",
        "public-sans-latin-wght-italic.woff2",
        "public-sans-latin-ext-wght-normal.woff2",
        "public-sans-latin-ext-wght-italic.woff2",
    )
}


def main() -> None:
    """Build the folder beside its place, then put it there: an interrupted build leaves the former one."""
    building = VENDOR.with_name("vendor.new")
    shutil.rmtree(building, ignore_errors=True)
    for source, target in FILES.items():
        copy(PACKAGES / source, building / target)
    write_sprite(building / "icons.svg")
    shutil.rmtree(VENDOR, ignore_errors=True)
    building.rename(VENDOR)
    print(f"static/vendor : {sum(1 for path in VENDOR.rglob('*') if path.is_file())} fichiers")


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder; scripts and styles lose the address of a source map that is not served."""
    if source.is_dir():
        shutil.copytree(source, target)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    if target.suffix in {".css", ".js"}:
        text = target.read_text(encoding="utf-8")
        target.write_text(re.sub(r"(//|/\*)# sourceMappingURL=\S+( \*/)?", "", text), encoding="utf-8")


def write_sprite(target: Path) -> None:
    """Draw the icons named in icons.txt as the symbols of one SVG file; an unknown name stops the build."""
    ElementTree.register_namespace("", SVG)
    sprite = ElementTree.Element(f"{{{SVG}}}svg")
    for line in (ROOT / "static" / "icons.txt").read_text(encoding="utf-8").splitlines():
        if name := line.split("#")[0].strip():
            sprite.append(read_symbol(name))
    ElementTree.ElementTree(sprite).write(target, encoding="utf-8", xml_declaration=True)


def read_symbol(name: str) -> ElementTree.Element:
    """One icon as a <symbol> whose id is its name."""
    path = PACKAGES / "bootstrap-icons" / "icons" / f"{name}.svg"
    if not path.exists():
        sys.exit(f"static/icons.txt: no Bootstrap icon is called “{name}”")
    icon = ElementTree.parse(path).getroot()
    symbol = ElementTree.Element(f"{{{SVG}}}symbol", id=name, viewBox=icon.attrib["viewBox"])
    symbol.extend(list(icon))
    return symbol


if __name__ == "__main__":
    main()
