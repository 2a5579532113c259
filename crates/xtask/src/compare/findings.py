"""Makes what findings are compared on: the same advisories for Trivy and for Watchkeeper, and things to scan.

    findings.py DATA OUT

DATA is the folder of real feeds. OUT gets

- `trivy`: a folder for `trivy --cache-dir`, with a database (its second layout, in a file of bbolt);
- `tracker.json`: the list of Debian's tracker that says what Debian's changelogs say;
- `alma9.cdx.json`: packages of a real image of UBI 9, as AlmaLinux's, as CycloneDX;
- `NAME/Cargo.lock`: lock files of real projects.

The advisories are AlmaLinux's, Go's and PyPI's in OSV's form, RustSec's, and fixes that Debian's changelogs name.
The layout of bbolt's pages is that of its own documentation: pages of 4096 bytes, the first two about the file, one
of free pages, then trees of keys, one for each bucket.
"""

import json
import os
import shutil
import struct
import sys
import tarfile
import tomllib
import zipfile
from collections import defaultdict
from urllib.parse import quote

PAGE = 4096
BRANCH, LEAF, META, FREE = 1, 2, 4, 16
IS_BUCKET = 1


class Bolt:
    """A file of pages that is written once."""

    def __init__(self):
        # The first two are about the file, the third is of pages that are free: none.
        self.pages = {}
        self.next = 3

    def page(self, flags, elements, heads):
        """Keeps a page, and says which one it is."""
        body = b"".join(elements)
        heads = b"".join(heads)
        size = 16 + len(heads) + len(body)
        overflow = max(0, -(-size // PAGE) - 1)
        at, self.next = self.next, self.next + 1 + overflow
        head = struct.pack("<QHHI", at, flags, len(elements), overflow)
        self.pages[at] = (head + heads + body).ljust((1 + overflow) * PAGE, b"\0")
        return at

    def leaf(self, items):
        heads, bodies, offset = [], [], 16 * len(items)
        for number, (flags, key, value) in enumerate(items):
            heads.append(struct.pack("<IIII", flags, offset - 16 * number, len(key), len(value)))
            bodies.append(key + value)
            offset += len(key) + len(value)
        return self.page(LEAF, bodies, heads)

    def branch(self, items):
        heads, bodies, offset = [], [], 16 * len(items)
        for number, (key, at) in enumerate(items):
            heads.append(struct.pack("<IIQ", offset - 16 * number, len(key), at))
            bodies.append(key)
            offset += len(key)
        return self.page(BRANCH, bodies, heads)

    def tree(self, items, of_size, write):
        """Pages of items, in order, each with its first key."""
        pages, filled, size = [], [], 16
        for item in items:
            if filled and size + of_size(item) > PAGE:
                pages.append((key_of(filled[0]), write(filled)))
                filled, size = [], 16
            filled.append(item)
            size += of_size(item)
        pages.append((key_of(filled[0]) if filled else b"", write(filled)))
        return pages

    def bucket(self, entries):
        """Keeps a bucket of values and buckets within it; the number of its root."""
        items = []
        for key, value in sorted(entries.items()):
            if isinstance(value, dict):
                items.append((IS_BUCKET, key, struct.pack("<QQ", self.bucket(value), 0)))
            else:
                items.append((0, key, value))
        pages = self.tree(items, lambda it: 16 + len(it[1]) + len(it[2]), self.leaf)
        while len(pages) > 1:
            pages = self.tree(pages, lambda it: 16 + len(it[0]), self.branch)
        return pages[0][1]

    def write(self, path, entries):
        root = self.bucket(entries)
        with open(path, "wb") as file:
            for number in (0, 1):
                meta = struct.pack("<IIIIQQQQQ", 0xED0CDAED, 2, PAGE, 0, root, 0, 2, self.next, number)
                meta += struct.pack("<Q", fnv(meta))
                head = struct.pack("<QHHI", number, META, 0, 0)
                file.write((head + meta).ljust(PAGE, b"\0"))
            file.write(struct.pack("<QHHI", 2, FREE, 0, 0).ljust(PAGE, b"\0"))
            for _, page in sorted(self.pages.items()):
                file.write(page)


def key_of(item):
    return item[1] if len(item) == 3 else item[0]


def fnv(data):
    """Fowler, Noll and Vo's hash 1a of 64 bits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % (1 << 64)
    return value


def records(folder, name):
    with zipfile.ZipFile(os.path.join(folder, "advisories/osv", name, "all.zip")) as archive:
        for entry in sorted(archive.namelist()):
            record = json.loads(archive.read(entry))
            if not record.get("withdrawn"):
                yield record


def ids(record):
    """The names of CVE, else its own."""
    aliases = record.get("aliases", []) + record.get("related", [])
    return [it for it in aliases if it.startswith("CVE-")] or [record["id"]]


def spans(affected):
    for span in affected.get("ranges", []):
        if span["type"] == "GIT":
            continue
        begin = None
        for event in span["events"]:
            if "introduced" in event:
                begin = event["introduced"]
            elif begin is not None:
                yield begin, event.get("fixed"), event.get("last_affected")
                begin = None
        if begin is not None:
            yield begin, None, None


def alma(folder, buckets):
    for record in records(folder, "AlmaLinux"):
        if not record["id"].startswith("ALSA"):
            continue
        for affected in record["affected"]:
            release = affected["package"]["ecosystem"].partition(":")[2]
            for _, fixed, _ in spans(affected):
                for cve in ids(record):
                    buckets[f"alma {release}"][affected["package"]["name"]][cve] = {"FixedVersion": fixed}


def language(folder, name, bucket, buckets):
    for record in records(folder, name):
        for affected in record["affected"]:
            if affected["package"]["ecosystem"] != name:
                continue
            told = {"VulnerableVersions": [], "PatchedVersions": []}
            for begin, fixed, last in spans(affected):
                end = f", <{fixed}" if fixed else f", <={last}" if last else ""
                told["VulnerableVersions"].append(f">={begin}{end}")
                if fixed:
                    told["PatchedVersions"].append(fixed)
            listed = affected.get("versions", []) if not told["VulnerableVersions"] else []
            told["VulnerableVersions"] += [f"={version}" for version in listed]
            for known in ids(record)[:1]:
                buckets[bucket][affected["package"]["name"].lower()][known] = told


def rustsec(folder, buckets):
    with tarfile.open(os.path.join(folder, "advisories/rustsec-advisory-db.tar.gz")) as archive:
        for entry in archive:
            if "/crates/" not in entry.name or not entry.name.endswith(".md"):
                continue
            text = archive.extractfile(entry).read().decode()
            record = tomllib.loads(text.split("```toml", 1)[1].split("```", 1)[0])
            advisory, versions = record["advisory"], record.get("versions", {})
            if "withdrawn" in advisory:
                continue
            told = {
                "PatchedVersions": versions.get("patched", []),
                "UnaffectedVersions": versions.get("unaffected", []),
            }
            # Where nothing is said to be mended, Trivy wants to be told that all have it.
            if not told["PatchedVersions"] and not told["UnaffectedVersions"]:
                told["VulnerableVersions"] = [">=0.0.0-0"]
            known = [it for it in advisory.get("aliases", []) if it.startswith("CVE-")] or [advisory["id"]]
            buckets["cargo::RustSec Advisory Database"][advisory["package"]][known[0]] = told


def debian(folder, buckets, tracker):
    for name, release in (("bookworm", "12"), ("trixie", "13")):
        with open(os.path.join(folder, f"scan/debian-truth/{name}-minbase.json"), encoding="utf-8") as file:
            for package in json.load(file):
                for cve in package["cves"]:
                    told = {"FixedVersion": cve["fixed"], "Status": 3}
                    buckets[f"debian {release}"][package["source"]][cve["id"]] = told
                    known = tracker[package["source"]].setdefault(cve["id"], {"releases": {}})
                    known["releases"][name] = {"status": "resolved", "fixed_version": cve["fixed"], "urgency": "low"}


def encoded(entries):
    """Keys as bytes, and records as JSON."""
    return {
        key.encode(): {
            name.encode(): {id.encode(): json.dumps(told).encode() for id, told in of.items()}
            for name, of in packages.items()
        }
        for key, packages in entries.items()
    }


def packages(folder, path):
    with open(os.path.join(folder, "scan/alma9/ubi9-rpm-manifest.json"), encoding="utf-8") as file:
        listed = json.load(file)["rpms"]
    components = [{
        "type": "operating-system", "bom-ref": "os", "name": "alma", "version": "9.0",
        "properties": [{"name": "aquasecurity:trivy:Class", "value": "os-pkgs"},
                       {"name": "aquasecurity:trivy:Type", "value": "alma"}],
    }]
    for number, package in enumerate(listed):
        source, _, nevra = package["srpm_name"], None, package["srpm_nevra"]
        epoch = int(nevra[len(source) + 1:].partition(":")[0] or 0)
        told = {"arch": package["architecture"], "distro": "alma-9.0"} | ({"epoch": epoch} if epoch else {})
        version = f"{package['version']}-{package['release']}"
        url = f"pkg:rpm/alma/{quote(package['name'])}@{quote(version)}?"
        facts = {"PkgType": "alma", "SrcName": source, "SrcVersion": package["version"], "SrcRelease": package["release"]}
        components.append({
            "type": "library", "bom-ref": f"package-{number}", "name": package["name"], "version": version,
            "purl": url + "&".join(f"{key}={value}" for key, value in sorted(told.items())),
            "properties": [{"name": f"aquasecurity:trivy:{key}", "value": value} for key, value in facts.items()],
        })
    refs = [it["bom-ref"] for it in components[1:]]
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components,
        "dependencies": [{"ref": "os", "dependsOn": refs}],
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)


def locks(folder, out):
    for name in sorted(os.listdir(os.path.join(folder, "scan/cargo-audit"))):
        if name.endswith(".Cargo.lock"):
            project = os.path.join(out, name.removesuffix(".Cargo.lock").split("+")[-1])
            os.makedirs(project, exist_ok=True)
            shutil.copy(os.path.join(folder, "scan/cargo-audit", name), os.path.join(project, "Cargo.lock"))


def main(folder, out):
    cache = os.path.join(out, "trivy")
    os.makedirs(os.path.join(cache, "db"), exist_ok=True)
    packages(folder, os.path.join(out, "alma9.cdx.json"))
    locks(folder, out)
    buckets = defaultdict(lambda: defaultdict(dict))
    tracker = defaultdict(dict)
    alma(folder, buckets)
    language(folder, "Go", "go::The Go Vulnerability Database", buckets)
    language(folder, "PyPI", "pip::Python Packaging Advisory Database", buckets)
    rustsec(folder, buckets)
    debian(folder, buckets, tracker)
    with open(os.path.join(out, "tracker.json"), "w", encoding="utf-8") as file:
        json.dump(tracker, file)
    entries = encoded(buckets)
    source = lambda name: json.dumps({"ID": name.split("::")[0], "Name": name, "URL": ""}).encode()
    entries[b"data-source"] = {name.encode(): source(name) for name in buckets}
    known = {id for packages in buckets.values() for of in packages.values() for id in of}
    entries[b"vulnerability"] = {id.encode(): b'{"Severity":"UNKNOWN"}' for id in known}
    Bolt().write(os.path.join(cache, "db/trivy.db"), entries)
    told = {"Version": 2, "NextUpdate": "2099-01-01T00:00:00Z", "UpdatedAt": "2026-01-01T00:00:00Z",
            "DownloadedAt": "2026-01-01T00:00:00Z"}
    with open(os.path.join(cache, "db/metadata.json"), "w", encoding="utf-8") as file:
        json.dump(told, file)
    print(sum(len(of) for packages in buckets.values() for of in packages.values()))


if __name__ == "__main__":
    main(*sys.argv[1:])
