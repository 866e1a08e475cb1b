#!/usr/bin/env node
// Starts the command line: from the sources in a checkout, from what was compiled of them in an installed package.
// Plain JavaScript, so that an old Node can still read the line that refuses it.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const isCheckout = existsSync(new URL('../cli/main.ts', import.meta.url))
if (Number(process.versions.node.split('.')[0]) < 24) {
  const advice = isCheckout
    ? 'inside the project use "npm start -- …" or "npx meshwatch …", which run the Node 24 that npm ci installed'
    : 'install one from https://nodejs.org, or use "npx node@24 $(command -v meshwatch) …"'
  console.error(`meshwatch needs Node 24 or later and this is ${process.version}: ${advice}`)
  process.exitCode = 1
} else {
  process.removeAllListeners('warning')
  // Half of the time of a start is compiling. What comes of it is kept beside the sources, so that only who may change
  // them can change it too; where nothing can be written, nothing is kept.
  const { enableCompileCache } = await import('node:module')
  enableCompileCache(fileURLToPath(new URL('../.cache/compile', import.meta.url)))
  const { main } = await import(isCheckout ? '../cli/main.ts' : '../dist/cli/main.js')
  await main(process.argv.slice(2))
}
