import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// `npm run sbom`: prints the bill of materials (CycloneDX) of what runs, from the lock file; the same text each time.
// With `--omit dev` npm leaves out what a development tool needs as well, so it gets a lock file without the tools.

interface Lock {
  readonly packages: Record<string, { dev?: boolean; devDependencies?: object }>
}

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const { devDependencies: _, ...manifest } = read('package.json')
const lock: Lock = read('package-lock.json')
for (const [path, { dev }] of Object.entries(lock.packages)) if (dev) delete lock.packages[path]
delete lock.packages[''].devDependencies

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-sbom-'))
try {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock))
  const options = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only']
  const bill = JSON.parse(execFileSync('npm', ['sbom', ...options], { cwd: folder, encoding: 'utf8' }))
  // Both are optional, and differ each time.
  delete bill.serialNumber
  delete bill.metadata.timestamp
  bill.metadata.component.name = manifest.name
  console.log(JSON.stringify(bill, null, 2))
} finally {
  rmSync(folder, { recursive: true })
}
