import type { Feed } from '../collector/feed.ts'
import type { KafkaConfig } from '../domain/config/kafka.ts'
import type { Position } from '../domain/coordinate.ts'
import { hmacHex } from '../io/hash.ts'
import { openKafka } from '../io/kafka.ts'
import { openTopicSources, type PartitionSource, type TopicSources } from '../io/kafka-source.ts'
import { absentTopics } from './absent-topics.ts'
import { type FeedSetup, openFeed } from './feeds.ts'
import type { Meter } from './meter.ts'
import { meteredConsumer, topicNames } from './metered-consumer.ts'
import type { Readiness } from './readiness.ts'

/** Feeds of the partitions of the configured topics, which come and go. */
export interface TopicFeeds {
  /** Resolves when the partitions are known, or have been waited for long enough. */
  readonly begun: Promise<void>
  /** Puts feeds of the partitions that are ours now in the place of those that were. */
  renew(feeds: Feed[]): void
  /** All below the positions is stored: Kafka is told, for tools that show the lag. */
  settle(positions: ReadonlyMap<string, Position>): void
  close(): Promise<void>
}

export interface TopicFeedSetup extends Pick<FeedSetup, 'config' | 'bearerKey'> {
  readonly readiness: Readiness
  readonly meter: Meter
  /** How far each source is taken in now. */
  readonly positions: () => ReadonlyMap<string, Position>
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields?: object) => void
}

/** What could not go on is begun anew after so long: other sources need not end with it. */
const REOPEN_MS = 10_000

/** Beyond the time that a group waits for a process that was killed. Brokers that are away are not waited for longer. */
const BEGIN_MS = 5000

/** Undefined when no source is a topic. @throws WorldError for a certificate, key or secret that cannot be read */
export function openTopicFeeds(setup: TopicFeedSetup): TopicFeeds | undefined {
  const { kafka, sources } = setup.config
  if (kafka === undefined || sources.every((source) => source.kafka === undefined)) return undefined
  const begun = Promise.withResolvers<void>()
  const consuming = keepOpen(setup, kafka, begun.resolve)
  const late = setTimeout(begun.resolve, kafka.sessionMs + BEGIN_MS)
  const owned = new Map<Feed, PartitionSource>()
  return {
    begun: begun.promise,
    renew: (feeds) => renew(setup, { feeds, owned, current: consuming.current() }),
    settle: (positions) => {
      for (const source of owned.values()) {
        const position = positions.get(source.name)
        if (position !== undefined) source.settle(position.offset)
      }
    },
    close: async () => {
      clearTimeout(late)
      await consuming.close()
    },
  }
}

/** Consumes the topics until closed, each time with a new consumer when one could not go on. */
function keepOpen(
  setup: TopicFeedSetup,
  kafka: KafkaConfig,
  begun: () => void,
): Pick<TopicSources, 'current' | 'close'> {
  const { config, bearerKey, positions, log, meter } = setup
  const client = openKafka(kafka, {
    log: {
      debug: () => {},
      warn: (fields, message) => log('warn', message, fields),
      error: (fields, message) => log('error', message, fields),
    },
  })
  const trouble = troubleOf(setup)
  const absent = absentTopics(setup)
  const open = () => {
    const sources = openTopicSources(client, {
      group: groupOf(kafka, bearerKey),
      topics: topicsOf(setup),
      maxRecordBytes: config.maxRecordBytes,
      limits: { sessionMs: kafka.sessionMs },
      resume: (source) => {
        begun()
        return positions().get(source)
      },
      trouble,
      absent,
      ...meteredConsumer(meter.metrics, topicNames(topicsOf(setup)), (change) =>
        log('error', 'records of a topic are gone', { ...change }),
      ),
    })
    sources.ended.catch((error: Error) => {
      trouble(error)
      timer = setTimeout(() => {
        opened = open()
      }, REOPEN_MS)
    })
    return sources
  }
  let timer: NodeJS.Timeout | undefined
  let opened = open()
  return {
    current: () => opened.current(),
    close: async () => {
      clearTimeout(timer)
      await opened.close()
    },
  }
}

/** The key lies in the data folder: processes with other folders are other groups, and each reads everything. */
function groupOf({ group }: KafkaConfig, bearerKey: Uint8Array): string {
  return `${group}-run-${hmacHex(bearerKey, 'consumer group').slice(0, 16)}`
}

function topicsOf({ config }: TopicFeedSetup) {
  return config.sources.flatMap(({ name, kafka }) =>
    kafka === undefined ? [] : [{ topic: kafka.topic, name, start: kafka.start }],
  )
}

function troubleOf({ readiness, log }: TopicFeedSetup): (error: Error | undefined) => void {
  let said: string | undefined
  return (error) => {
    if (error === undefined) readiness.clear('kafka-unreachable', 'sources')
    else readiness.set('kafka-unreachable', error.message, 'sources')
    if (error?.message === said) return
    said = error?.message
    if (error === undefined) log('info', 'Kafka can be read again')
    else log('error', 'Kafka cannot be read', { error: error.message })
  }
}

interface Renewing {
  readonly feeds: Feed[]
  readonly owned: Map<Feed, PartitionSource>
  readonly current: readonly PartitionSource[]
}

/** What a partition that is gone had not handed over comes again, to us or to another. */
function renew(setup: TopicFeedSetup, { feeds, owned, current }: Renewing): void {
  const gone = new Set([...owned].filter(([, source]) => !current.includes(source)).map(([feed]) => feed))
  const known = new Set(owned.values())
  const come = current.filter((source) => !known.has(source))
  if (gone.size + come.length === 0) return
  const stayed = feeds.filter((feed) => !gone.has(feed))
  for (const feed of gone) owned.delete(feed)
  for (const source of come) owned.set(openTopicFeed(setup, source), source)
  feeds.splice(0, feeds.length, ...new Set([...stayed, ...owned.keys()]))
  setup.log('info', 'reading topics', { sources: current.map(({ name }) => name) })
}

function openTopicFeed(setup: TopicFeedSetup, source: PartitionSource): Feed {
  const configured = setup.config.sources.find(({ kafka }) => kafka?.topic === source.topic)
  return openFeed(setup, source, { format: configured?.format ?? 'auto' })
}
