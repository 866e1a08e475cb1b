import { after, before, describe } from 'node:test'
import type { Position } from '../../domain/coordinate.ts'
import type { PartitionSource, TopicSources } from '../../io/kafka-source.ts'
import { openTopicSources } from '../../io/kafka-source.ts'
import { without } from '../servers/availability.ts'
import { type ConsumerStage, consumerStage } from './kafka-consumption.ts'
import { eventually } from './kafka-log.ts'
import { badRecordsSuite, RECORD_LIMIT, type SourcePlace, sourceSuite } from './source.suite.ts'

/** Who knows how far a partition was settled: the group, or the reader itself. */
type Keeper = 'group' | 'reader'

const SOURCE = 'edge'

async function partitionPlace(stage: ConsumerStage, keeper: Keeper): Promise<SourcePlace> {
  const topic = await stage.topicWith([])
  let resume: Position | undefined
  let sources: TopicSources | undefined
  let source: PartitionSource | undefined
  const options = {
    group: `${topic}-group`,
    topics: [{ topic, name: SOURCE, start: 'earliest' as const }],
    maxRecordBytes: RECORD_LIMIT,
    ...(keeper === 'reader' && { resume: () => resume }),
  }
  return {
    append: (texts) => stage.append(topic, 0, texts),
    textOf: ({ text }) => text,
    open: async () => {
      await sources?.close()
      sources = openTopicSources(stage.client, options)
      await eventually(() => sources?.current().length === 1, 'the partition is ours')
      source = sources.current()[0]
      return source
    },
    settle: (position) => {
      if (keeper === 'group') source?.settle(position.offset)
      else resume = position
    },
    close: async () => sources?.close(),
  }
}

describe('a partition of a topic as a source', { skip: without('kafka') }, () => {
  let stage: ConsumerStage
  before(async () => {
    stage = await consumerStage()
  })
  after(() => stage.close())

  for (const [name, keeper] of [
    ['a partition with its place in the group', 'group'],
    ['a partition with a place of our own', 'reader'],
  ] as const) {
    const open = () => partitionPlace(stage, keeper)
    sourceSuite(name, open)
    badRecordsSuite(name, open)
  }
})
