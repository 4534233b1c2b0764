"""Inside the tools root: what the static cml is made of, from the list of files that tools/dev/package/build has left.
Usage: describe.py VERSION ARCH CML INPUTS OUT   writes OUT/THIRD-PARTY-NOTICES.txt, OUT/cml.spdx.json (SPDX 2.3) and
OUT/lesser.txt: the source packages, as NAME=VERSION, of what is linked under the GNU LGPL
"""
import glob
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse
import uuid
from dataclasses import dataclass, field
from pathlib import Path

# Built from their sources into /sysroot by build_libraries: their packages are not in the root's list.
BUILT = {"libcurl.a": "curl", "libcurl-agent.a": "curl", "/curl/": "curl", "libcurl.pc": "curl",
         "libsimdjson.a": "simdjson", "libharfbuzz.a": "harfbuzz"}


@dataclass
class Package:
    name: str
    version: str
    source: str
    source_version: str
    copyright: Path
    linked: bool = False  # Else it is compiled in, or its bytes are.
    files: list = field(default_factory=list)


def built(name):
    folder = Path(max(glob.glob(f"/usr/src/{name}-*")))
    version = subprocess.run(["dpkg-parsechangelog", "-l", folder / "debian/changelog", "-S", "Version"],
                             check=True, capture_output=True, text=True).stdout.strip()
    return Package(f"lib{name}", version, name, version, folder / "debian/copyright")


def of_tools(path):
    """The compiler's own files: the C++ library, the start files."""
    owner = subprocess.run(["dpkg-query", "-S", os.path.realpath(path)], capture_output=True, text=True)
    if owner.returncode:
        sys.exit(f"error: no package has {path}")
    name = owner.stdout.split(": ")[0].split(",")[0]
    form = "${Version}\t${source:Package}\t${source:Version}"
    version, source, source_version = subprocess.run(
        ["dpkg-query", "-W", "-f", form, name], check=True, capture_output=True, text=True).stdout.split("\t")
    name = name.split(":")[0]
    return Package(name, version, source, source_version, Path(f"/usr/share/doc/{name}/copyright"))


def packages_of(inputs):
    owners = {}
    for line in Path("/sysroot/files.tsv").read_text().splitlines():
        name, version, source, source_version, path = line.split("\t")
        path = re.sub(r"^/lib/", "/usr/lib/", path)
        owners[path] = Package(name, version, source, source_version, Path(f"/sysroot/usr/share/doc/{name}/copyright"))
    found = {}
    for path in inputs:
        inside = re.sub(r"^/lib/", "/usr/lib/", path.removeprefix("/sysroot")) if path.startswith("/sysroot/") else None
        if inside is None:
            package = of_tools(path)
        elif inside in owners:
            package = owners[inside]
        else:
            names = [name for part, name in BUILT.items() if part in inside]
            if not names:
                sys.exit(f"error: no package has {path}")
            package = built(names[0])
        package = found.setdefault(package.name, package)
        package.files.append(path)
        package.linked = package.linked or path.endswith((".a", ".o"))
    return [found[name] for name in sorted(found)]


def licences(package):
    """The names that a copyright file gives them, where it is of the form that programs can read."""
    text = package.copyright.read_text(errors="replace")
    if "copyright-format/1.0" not in text:
        return []
    return sorted({line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("License:")} - {""})


def lesser(packages):
    """GCC's own libraries are under the GPL with an exception for what is compiled by it."""
    def holds(package):
        text = package.copyright.read_text(errors="replace")
        lesser = re.search(r"LGPL|(Lesser|Library) General Public", text)
        return lesser and "RUNTIME LIBRARY EXCEPTION" not in text.upper()
    return sorted({f"{p.source}={p.source_version}" for p in packages if p.linked and holds(p)})


def notices(packages):
    by_source = {}
    for package in packages:
        by_source.setdefault((package.source, package.source_version), []).append(package)
    text = ("cml is licensed under the Apache License 2.0. "
            "The binary holds, besides, parts of the Debian packages below, "
            "each with its own\nlicence. Their sources, of just these versions, are Debian's source packages of the "
            "names given. Those under the GNU LGPL are\n" + ", ".join(lesser(packages)).replace("=", " ") +
            ": their sources lie beside each release as cml-sources.tar, and whoever wants to link cml with\n"
            "changed ones does it from cml's own source by tools/package.\n")
    for (source, version), members in sorted(by_source.items()):
        names = ", ".join(package.name for package in members)
        text += f"\n{'=' * 100}\n{source} {version} ({names})\n{'=' * 100}\n\n"
        text += "\n\n".join(sorted({p.copyright.read_text(errors="replace").strip() for p in members})) + "\n"
    return text


def spdx(version, arch, binary, packages):
    digest = hashlib.sha256(binary.read_bytes()).hexdigest()
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"])))
    entries = [{
        "SPDXID": "SPDXRef-cml", "name": "cml", "versionInfo": version, "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "licenseConcluded": "NOASSERTION", "licenseDeclared": "Apache-2.0", "copyrightText": "NOASSERTION"}]
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                  "relatedSpdxElement": "SPDXRef-cml"}]
    for package in packages:
        identity = "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", package.name)
        quoted = [urllib.parse.quote(part, safe="") for part in (package.source, package.source_version)]
        entry = {
            "SPDXID": identity, "name": package.name, "versionInfo": package.version,
            "supplier": "Organization: Debian", "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "sourceInfo": f"Debian source package {package.source} {package.source_version}",
            "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": "pkg:deb/debian/{}@{}?arch=source".format(*quoted)}]}
        if names := licences(package):
            entry["licenseComments"] = "Debian's copyright file names: " + ", ".join(names)
        entries.append(entry)
        relations.append({"spdxElementId": "SPDXRef-cml", "relatedSpdxElement": identity,
                          "relationshipType": "STATIC_LINK" if package.linked else "CONTAINS"})
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"cml {version} {arch}", "documentNamespace": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
        "creationInfo": {"created": when, "creators": ["Tool: cml tools/package"]},
        "packages": entries, "relationships": relations}


def main():
    version, arch, binary, inputs, out = sys.argv[1:]
    packages = packages_of(Path(inputs).read_text().splitlines())
    Path(out, "THIRD-PARTY-NOTICES.txt").write_text(notices(packages))
    Path(out, "lesser.txt").write_text("\n".join(lesser(packages)) + "\n")
    document = spdx(version, arch, Path(binary), packages)
    Path(out, "cml.spdx.json").write_text(json.dumps(document, indent=1) + "\n")
    print(f"{len(packages)} packages of Debian are in cml")


main()
