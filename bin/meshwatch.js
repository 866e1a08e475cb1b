#!/usr/bin/env node
// Starts the command line. Plain JavaScript, so that an old Node can still read the line that refuses it.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    `meshwatch needs Node 24 or later and this is ${process.version}: inside the project use "npm start -- …" or "npx meshwatch …", which run the Node 24 that npm ci installed`,
  )
  process.exitCode = 1
} else {
  process.removeAllListeners('warning')
  const { main } = await import('../cli/main.ts')
  await main(process.argv.slice(2))
}
