import { globSync, readFileSync } from 'node:fs'

/** One source file as text, for tests about what files may say. */
export interface SourceText {
  /** From the root of the repository. */
  readonly path: string
  /** Without comments. */
  readonly code: string
  /** What its imports name, in order: `../domain/event.ts`, `node:fs`, `typebox`. */
  readonly imports: readonly string[]
}

const FOLDERS = '{alerter,analyzer,bin,cli,collector,dashboards,demo,docs,domain,io,test}'
const IMPORT = /(?:^|[\n;}])\s*(?:import|export)\b[^'";]*?\bfrom\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g

/** Every source file of the project. */
export function sourceTexts(): readonly SourceText[] {
  return globSync(`${FOLDERS}/**/*.{ts,js}`)
    .filter((path) => !path.startsWith('test/fixtures/'))
    .sort()
    .map((path) => {
      const code = withoutComments(readFileSync(path, 'utf8'))
      return { path, code, imports: importsOf(code) }
    })
}

/** What the imports and re-exports of a source text name. */
export function importsOf(code: string): readonly string[] {
  return [...code.matchAll(IMPORT)].map(([, from, bare]) => from ?? bare)
}

/** Block comments and comments that begin a line or follow a space; `https://` in a text stays. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}
