import { readFileSync } from 'node:fs'

/** Version of this package. Asked for by its own name, it is found from the sources and from what is compiled of them. */
export const VERSION: string = JSON.parse(
  readFileSync(new URL(import.meta.resolve('meshwatch/package.json')), 'utf8'),
).version
