import { existsSync } from 'node:fs'
import { wholeParserOf } from '../collector/auto.ts'
import { createFeed, type Feed } from '../collector/feed.ts'
import { createMemo } from '../collector/memo.ts'
import type { Parser } from '../collector/parser.ts'
import { parserNamed } from '../collector/registry.ts'
import type { Config, SourceConfig } from '../domain/config/schema.ts'
import type { Position } from '../domain/coordinate.ts'
import type { Event } from '../domain/event.ts'
import type { IntakeJournal, Source } from '../domain/ports.ts'
import { fileByContent } from '../io/file-by-content.ts'
import { followFile } from '../io/file-follow.ts'
import { wholeFile } from '../io/file-whole.ts'
import { hmacHex } from '../io/hash.ts'
import { intakeSource } from '../io/intake-route.ts'
import { journalSource } from '../io/journal-source.ts'
import { shownAlways } from './coverage.ts'
import { patientSource } from './patient-source.ts'

/** Name under which standard input is in the journal. */
const STDIN = 'stdin'

/** Everything that sources of `meshwatch run` are opened with. */
export interface FeedSetup {
  readonly config: Config
  readonly journal: IntakeJournal
  readonly bearerKey: Uint8Array
  readonly resume: ReadonlyMap<string, Position>
  readonly report: (change: string, path: string) => void
  /** What keeps a source from being read; undefined when it can be read again. */
  readonly onTrouble: (source: string, trouble: Error | undefined) => void
}

/** Feeds of the configured files and of standard input; those of topics come and go. */
export function configuredFeeds(setup: FeedSetup): Feed[] {
  const { config, journal, resume } = setup
  const lasting = config.sources.filter(({ kafka }) => kafka === undefined)
  return lasting.map((source) => {
    const at = resume.get(source.file === undefined ? STDIN : source.name)
    const settings = { maxRecordBytes: config.maxRecordBytes, ...(at === undefined ? {} : { resume: at }) }
    const recognised = (parser: Parser) => {
      feed.context.memo.format = parser.name
      if (at !== undefined) feed.shown |= shownAlways(parser)
    }
    const reader =
      source.file === undefined
        ? journalSource(journal, STDIN, settings)
        : fileSource({ ...source, file: source.file }, { ...settings, report: setup.report, recognised })
    const feed = feedOf(setup, reader, source.format)
    if (feed.parser !== 'auto') recognised(feed.parser)
    return feed
  })
}

interface FileSettings {
  readonly maxRecordBytes: number
  readonly resume?: Position
  readonly report: FeedSetup['report']
  /** Told the format of a file that `auto` reads as a whole: a list that is still the same says nothing else. */
  readonly recognised: (parser: Parser) => void
}

function fileSource(
  { file, name, start, format }: SourceConfig & { readonly file: string },
  { recognised, ...settings }: FileSettings,
): Source {
  // It is waited for, and a path that was misspelt is waited for as well.
  if (!existsSync(file)) settings.report('missing', file)
  const options = { ...settings, name, start, now: () => performance.now() }
  const framing = parserNamed(format)?.framing
  if (framing === 'whole') return wholeFile(file, options)
  if (framing === 'line') return followFile(file, options)
  const framingOf = (head: Uint8Array) => {
    const parser = wholeParserOf(head)
    if (parser !== undefined) recognised(parser)
    return parser?.framing ?? 'line'
  }
  return fileByContent(file, { ...options, framingOf })
}

/** Feeds of senders over HTTP that have written into the journal and have none yet. */
export async function newIntakeFeeds(setup: FeedSetup, feeds: readonly Feed[]): Promise<Feed[]> {
  const { config, journal, resume } = setup
  const known = new Set(feeds.map((feed) => feed.source.name))
  const names = (await journal.sources()).filter((name) => name.startsWith('http:') && !known.has(name))
  return names.map((name) => {
    const at = resume.get(name)
    const reader = journalSource(journal, name, {
      maxRecordBytes: config.maxRecordBytes,
      ...(at === undefined ? {} : { resume: at }),
    })
    return feedOf(setup, reader, 'auto', allowedBy(config, name))
  })
}

function feedOf(setup: FeedSetup, source: Source, format: string, allows?: Event['kind']): Feed {
  const patient = patientSource(source, {
    now: () => performance.now(),
    report: (trouble) => setup.onTrouble(source.name, trouble),
  })
  return openFeed(setup, patient, { format, allows })
}

/** How the records of a source are read. */
interface Reading {
  readonly format: string
  /** The only kind of event that may come from it. */
  readonly allows?: Event['kind'] | undefined
}

/** A feed of a source that waits for what it reads by itself. */
export function openFeed(
  { config, bearerKey }: Pick<FeedSetup, 'config' | 'bearerKey'>,
  source: Source,
  { format, allows }: Reading,
): Feed {
  const hmac = (secret: string) => `hmac-sha256:${hmacHex(bearerKey, secret)}`
  const context = { source: source.name, trustDomain: config.trustDomain, hmac, memo: createMemo() }
  return createFeed(source, parserNamed(format) ?? 'auto', context, allows)
}

/** The only kind of event that the sender of a source may send; undefined when it may send both. */
export function allowedBy({ intake }: Config, source: string): Event['kind'] | undefined {
  const allows = intake.tokens.find((token) => intakeSource(token.name) === source)?.allows
  if (allows === 'traffic') return 'call'
  return allows === 'lifecycle' ? 'lifecycle' : undefined
}
