import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'

/** The package as a stranger gets it: packed from a copy of the checkout, and installed into an empty folder. */
export interface InstalledPackage {
  /** Holds all of it; remove it at the end. */
  readonly folder: string
  readonly tarball: string
  /** Of the tarball, and of a second one made of the same sources. */
  readonly shasums: readonly string[]
  /** Paths in the tarball. */
  readonly files: readonly string[]
  /** Where it was installed: the `bin` of it is at `node_modules/.bin/meshwatch`. */
  readonly home: string
}

/** Not part of what is packed, or made anew. */
const LEFT_OUT = new Set(['.cache', '.git', 'dist', 'node_modules', 'test'])

/** Runs a command to its end under this Node. @returns its standard output @throws when it fails */
export function runIn(cwd: string, command: string, ...args: readonly string[]): string {
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, PATH: path },
  }
  return execFileSync(command, args, options)
}

/** Packs twice and installs once, without install scripts. @throws when either fails; nothing is left then */
export function installPackage(): InstalledPackage {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-package-'))
  try {
    return installInto(folder)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function installInto(folder: string): InstalledPackage {
  const [sources, home] = [join(folder, 'sources'), join(folder, 'home')]
  const root = process.cwd()
  cpSync(root, sources, { recursive: true, filter: (path) => !LEFT_OUT.has(relative(root, path)) })
  symlinkSync(join(root, 'node_modules'), join(sources, 'node_modules'))
  const [first, second] = [
    packInto(sources, join(folder, 'first')),
    packInto(sources, join(folder, 'second')),
  ]
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }')
  const quick = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  runIn(home, 'npm', 'install', ...quick, first.tarball)
  return { folder, home, ...first, shasums: [first.shasum, second.shasum] }
}

interface Packed {
  readonly tarball: string
  readonly shasum: string
  readonly files: readonly string[]
}

function packInto(sources: string, folder: string): Packed {
  mkdirSync(folder)
  const answer = runIn(sources, 'npm', 'pack', '--json', '--silent', '--pack-destination', folder)
  // One version of npm gives a list, another one a record by name.
  const [made] = Object.values(JSON.parse(answer) as object)
  const { filename, shasum, files } = made
  return {
    tarball: join(folder, filename),
    shasum,
    files: files.map(({ path }: { path: string }) => path),
  }
}
