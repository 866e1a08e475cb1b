import { isOutage } from '../../io/kafka-failure.ts'

/**
 * Brokers are away. kafkajs has no name for one that goes while it is asked which topics there are: it takes an answer
 * apart that there is not.
 */
export function isAway(error: unknown): error is Error {
  return error instanceof Error && (isOutage(error) || error.message.includes("'topicMetadata'"))
}
