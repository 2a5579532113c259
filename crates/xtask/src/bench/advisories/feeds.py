"""Writes feeds as large as all that is published, made of real ones: feeds.py DATA PACKAGES OUT

DATA has `advisories/osv/ECOSYSTEM/all.zip`; PACKAGES is a list of packages as `watchkeeper scan` writes it
with --format json. OUT gets the same archives, two of them with many times the records, each with ids, names
of packages and many words of its own, so that they pack no better than real ones; a tracker as Debian's, of the
packages of the list and some thousands more; and a list (CycloneDX) of the packages and of some of these, 577
in all.
The same input gives the same feeds.
"""

import json
import pathlib
import random
import sys
import zipfile

RECORDS = 260_000
TRACKED = 60_000
LISTED = 577
RELEASES = ["bullseye", "bookworm", "trixie", "sid"]
FOLDERS = ["PyPI", "Go", "AlmaLinux"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def another(chance, text):
    """Other digits, or letters where there are none, at the places where ids differ."""
    head, mark, tail = text.rpartition("-")
    kinds = {True: "0123456789", False: LETTERS}
    has_digits = any(letter.isdigit() for letter in tail)
    tail = "".join(chance.choice(kinds[it.isdigit()]) if it.isalnum() else it for it in tail)
    return f"{head}{mark}{tail}{chance.randrange(10**5) if has_digits else chance.choice(LETTERS)}"


def word_by_word(chance, text, words):
    """As many words, some of them, and all of what is said of versions and paths, from elsewhere."""
    own = text.split(" ")
    return " ".join(chance.choice(words) if chance.random() < 0.4 else it for it in own)


def of_its_own(chance, record, words):
    """The record, as if it were of another flaw of another package."""
    record["id"] = another(chance, record["id"])
    for key in ["aliases", "related", "upstream"]:
        if record.get(key):
            record[key] = [another(chance, it) for it in record[key]]
    for key in ["summary", "details"]:
        if record.get(key):
            record[key] = word_by_word(chance, record[key], words)
    prefix = "".join(chance.choices(LETTERS, k=4))
    for affected in record.get("affected", []):
        if affected.get("package", {}).get("name"):
            affected["package"]["name"] = prefix + affected["package"]["name"]
    for reference in record.get("references", []):
        reference["url"] += "/" + another(chance, prefix)
    return record


def multiply(chance, records, times, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    words = [word for record in records for word in json.loads(record).get("summary", "").split(" ")]
    names = set()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for turn in range(times):
            for record in records:
                record = json.loads(record)
                record = of_its_own(chance, record, words) if turn else record
                name = record["id"] + ".json"
                if name not in names:
                    names.add(name)
                    archive.writestr(name, json.dumps(record))


def tracker(chance, packages, summaries):
    names = sorted({it.get("source", {}).get("name") or it["name"] for it in packages})
    versions = {it["name"]: it["version"] for it in packages}
    names += ["".join(chance.choices(LETTERS, k=chance.randrange(4, 14))) for _ in range(3000)]
    told = {name: {} for name in names}
    for number in range(TRACKED):
        name = chance.choice(names)
        installed = versions.get(name, f"1:{chance.randrange(9)}.{chance.randrange(30)}-1")
        fixed = chance.choice([installed + "+deb12u9", installed, "0.1-1", "0.9.8-2+deb11u1"])
        releases = {}
        for release in RELEASES:
            status = {"status": "resolved", "fixed_version": fixed}
            if chance.random() < 0.15:
                status = {"status": "open"}
            urgency = chance.choice(["not yet assigned", "unimportant", "low", "medium"])
            releases[release] = {"repositories": {release: installed}, "urgency": urgency, **status}
        cve = f"CVE-{chance.randrange(2005, 2027)}-{chance.randrange(10**5):05}{number % 10}"
        told[name][cve] = {"description": chance.choice(summaries), "releases": releases}
    return {name: flaws for name, flaws in told.items() if flaws}


def bill(packages, names):
    """The packages, and so many of these names that there are LISTED."""
    purls = [it["purl"] for it in packages]
    distro = purls[0].partition("distro=")[2]
    purls += [f"pkg:deb/debian/{name}@1%3A4.7-1?arch=amd64&distro={distro}" for name in names]
    components = [{"type": "library", "name": purl.partition("@")[0].rpartition("/")[2],
                   "version": purl.partition("@")[2].partition("?")[0].replace("%3A", ":"),
                   "purl": purl, "bom-ref": purl} for purl in purls[:LISTED]]
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}


def main(data, listed, out):
    chance = random.Random(20_261_127)
    out = pathlib.Path(out)
    real = {}
    for folder in FOLDERS:
        with zipfile.ZipFile(pathlib.Path(data) / "advisories/osv" / folder / "all.zip") as archive:
            names = [it for it in archive.namelist() if it.endswith(".json")]
            real[folder] = [archive.read(name) for name in names]
    # A record of AlmaLinux is of a dozen packages, and there are as many as there are.
    many = [folder for folder in FOLDERS if folder != "AlmaLinux"]
    times = -(-RECORDS // sum(len(real[folder]) for folder in many))
    for folder, records in real.items():
        multiply(chance, records, times if folder in many else 1, out / "osv" / folder / "all.zip")
    packages = json.loads(pathlib.Path(listed).read_text())["packages"]
    told = (json.loads(record).get("summary") for record in real["Go"])
    flaws = tracker(chance, packages, [it for it in told if it])
    (out / "debian.json").write_text(json.dumps(flaws))
    others = sorted(set(flaws) - {it["name"] for it in packages})
    (out / "packages.cdx.json").write_text(json.dumps(bill(packages, others)))


main(*sys.argv[1:])
