import { appendFileSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../../cli/load-config.ts'
import type { Config } from '../../domain/config/schema.ts'
import type { Position } from '../../domain/coordinate.ts'
import { diceOf } from '../analyzer/scenario.ts'
import type { Kill } from '../mortal-process.ts'
import { type MortalWatch, startMortalWatch } from './mortal-watch.ts'
import type { Piece, Post } from './scenario.ts'
import { openStoreView, type StoreView } from './store-view.ts'

/** What is not stored by then never will be. */
const PATIENCE_MS = 60_000

export interface PlaySetup {
  /** An empty folder for the configuration, the file and the store. */
  readonly folder: string
  readonly webhook: string
  readonly kills: readonly Kill[]
  readonly partitions: number
}

/** What was left when the watcher had taken everything in. */
export interface Played {
  readonly config: Config
  readonly killed: readonly Kill[]
}

/** Plays the pieces to a watcher, each as soon as the one before is stored. */
export async function play(pieces: readonly Piece[], setup: PlaySetup): Promise<Played> {
  const path = writeConfig(setup)
  const config = await loadConfig(path)
  const watcher = startMortalWatch(path, setup.kills)
  const store = openStoreView(config)
  const stage: Stage = { store, watcher, file: `${setup.folder}/access.log`, posted: 0, rotations: 0 }
  try {
    for (const piece of pieces) await playPiece(stage, piece)
    await until(stage, () => store.owed() === 0)
  } finally {
    await watcher.stop()
    store.close()
  }
  return { config, killed: watcher.killed }
}

function writeConfig({ folder, webhook, partitions }: PlaySetup): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/secret`, `whsec_${'A'.repeat(32)}`)
  writeFileSync(
    `${folder}/meshwatch.yaml`,
    `dataDir: ${folder}/data
sources: [{ file: ${folder}/access.log, name: mesh }]
stream: { partitions: ${partitions} }
analyzer: { checkpointEveryMs: 100 }
intake: { port: 0 }
api: { enabled: false }
metrics: { enabled: false }
alerter:
  endpoints:
    - { name: pager, minimumSeverity: low, webhook: { url: "${webhook}", secrets: [{ file: ${folder}/secret }] } }
`,
  )
  return `${folder}/meshwatch.yaml`
}

interface Stage {
  readonly store: StoreView
  readonly watcher: MortalWatch
  readonly file: string
  /** Bytes accepted over HTTP. */
  posted: number
  rotations: number
}

async function playPiece(stage: Stage, { lines, posts, isRotated }: Piece): Promise<void> {
  if (isRotated) renameSync(stage.file, `${stage.file}.${++stage.rotations}`)
  const text = lines.join('')
  const dice = diceOf(text.length)
  const cuts = [dice(), dice()].sort().map((share) => Math.floor(share * text.length))
  for (const part of [text.slice(0, cuts[0]), text.slice(cuts[0], cuts[1]), text.slice(cuts[1])]) {
    appendFileSync(stage.file, part)
    await sleep(30)
  }
  await until(stage, (positions) => isRead(positions.get('mesh'), stage.file))
  for (const post of posts) await send(stage, post)
  await until(stage, (positions) => positions.get('http:local')?.offset === stage.posted)
}

function isRead(position: Position | undefined, file: string): boolean {
  const { ino, size } = statSync(file)
  return position?.offset === size && position.generation.startsWith(`${ino}.`)
}

/** Sends until it is accepted; a repeat after an answer that was lost has the same key. */
async function send(stage: Stage, { key, body }: Post): Promise<void> {
  const headers = { 'idempotency-key': key, 'content-type': 'application/x-ndjson' }
  for (;;) {
    stage.watcher.check()
    const answer = await fetch(`${stage.watcher.intake()}/v1/logs`, { method: 'POST', body, headers }).catch(
      () => undefined,
    )
    if (answer?.status === 202) break
    await sleep(20)
  }
  stage.posted += Buffer.byteLength(body)
}

/** Waits until the stored state has come to where it should be in every partition. */
async function until(
  stage: Stage,
  isThere: (positions: ReadonlyMap<string, Position>) => boolean,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (let partitions = stage.store.positions(); ; partitions = stage.store.positions()) {
    stage.watcher.check()
    if (partitions.length > 0 && partitions.every(isThere)) return
    if (performance.now() > deadline)
      throw new Error(`the watcher stays at ${JSON.stringify(partitions.map((each) => [...each.values()]))}`)
    await sleep(25)
  }
}
