import { checkEndpoints } from './endpoint-rules.ts'
import { checkKafka } from './kafka-rules.ts'
import { checkListening } from './listen-rules.ts'
import type { Mistake } from './option.ts'
import { checkRedis } from './redis-rules.ts'
import type { Config } from './schema.ts'
import { checkSources } from './source-rules.ts'
import { checkTelemetry } from './telemetry.ts'

/** What no single option can say: rules between options, of a configuration whose options fit by themselves. */
export function checkRules(config: Config): readonly Mistake[] {
  return [
    ...checkSources(config),
    ...checkKafka(config.kafka),
    ...checkListening(config),
    ...checkBudget(config),
    ...checkRedis(config),
    ...checkTelemetry(config.telemetry),
    ...checkEndpoints(config.alerter.endpoints),
  ]
}

function checkBudget({ analyzer: { budget } }: Config): readonly Mistake[] {
  if (budget.incidentsPerDay <= budget.findingsPerDay) return []
  return [
    {
      path: ['analyzer', 'budget', 'incidentsPerDay'],
      problem: `${budget.incidentsPerDay} incidents a day cannot come from ${budget.findingsPerDay} findings a day`,
      fix: `write a number up to ${budget.findingsPerDay}, or raise findingsPerDay`,
    },
  ]
}
