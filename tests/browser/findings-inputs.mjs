// Writes a list of packages and advisories on them, most of them ordinary and some of them hostile, for a page of
// findings: `node findings-inputs.mjs FOLDER`.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const HOSTILE = '</title></script><script>alert(1)</script>"\'><img src=x onerror=alert(1)>\u202etxt\u0007';
const VECTORS = [
  'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H',
  'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N',
  'CVSS:3.1/AV:L/AC:H/PR:L/UI:R/S:U/C:L/I:N/A:N',
];

const names = [...Array.from({ length: 14 }, (_, at) => `left-pad-${at}`), 'hostile'];
const components = names.map((name) => ({
  type: 'library', name, version: '1.0.0', purl: `pkg:npm/${name}@1.0.0`,
}));
mkdirSync(join(folder, 'npm'), { recursive: true });
writeFileSync(join(folder, 'packages.json'), JSON.stringify({
  bomFormat: 'CycloneDX', specVersion: '1.6', version: 1,
  metadata: { component: { type: 'application', name: HOSTILE } },
  components,
}));
writeFileSync(join(folder, 'kev.json'), JSON.stringify({
  title: 'CISA Catalog of Known Exploited Vulnerabilities', catalogVersion: '2026.01.01',
  dateReleased: '2026-01-01T00:00:00Z', count: 2,
  vulnerabilities: [1001, 1003].map((number) => ({
    cveID: `CVE-2026-${number}`, vendorProject: 'Left', product: 'Pad', vulnerabilityName: 'Left Pad',
    dateAdded: '2026-01-01', shortDescription: 'Pads.', requiredAction: 'Upgrade.', dueDate: '2026-02-01',
    knownRansomwareCampaignUse: 'Unknown', notes: '',
  })),
}));
names.forEach((name, at) => {
  const isHostile = name === 'hostile';
  const events = [{ introduced: '0' }, ...(at % 3 === 2 ? [] : [{ fixed: '1.0.1' }])];
  const id = `GHSA-${String(at).padStart(4, '0')}`;
  writeFileSync(join(folder, 'npm', `${id}.json`), JSON.stringify({
    id, modified: '2026-01-01T00:00:00Z', aliases: [`CVE-2026-${1000 + at}`],
    summary: isHostile ? HOSTILE : `Pads ${name} on the wrong side`,
    references: [{ type: 'WEB', url: isHostile ? 'javascript:alert(1)' : 'https://example.org/' }],
    severity: [{ type: 'CVSS_V3', score: VECTORS[at % VECTORS.length] }],
    affected: [{ package: { ecosystem: 'npm', name }, ranges: [{ type: 'SEMVER', events }] }],
  }));
});
