import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bridgeLog } from '../../io/kafka-log.ts'

function listen() {
  const lines: string[] = []
  let now = 0
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${(fields as { broker?: string }).broker ?? ''}`)
  const log = { debug: write('debug'), warn: write('warn'), error: write('error') }
  const bridge = bridgeLog(log, () => now)
  return {
    lines,
    later: (ms: number) => {
      now += ms
    },
    say: (message: string, broker: string) =>
      bridge({ namespace: 'Connection', label: 'ERROR', log: { message, broker } }),
  }
}

test('a broker that is away is a warning each half minute, and its repeats are for looking closely', () => {
  const { lines, say, later } = listen()
  for (let i = 0; i < 3; i++) say('Connection error', 'a:9092')
  say('Connection error', 'b:9092')
  say('Request timed out', 'a:9092')
  later(30_000)
  say('Connection error', 'a:9092')
  assert.deepEqual(lines, [
    'warn Connection error a:9092',
    'debug Connection error a:9092',
    'debug Connection error a:9092',
    'warn Connection error b:9092',
    'warn Request timed out a:9092',
    'warn Connection error a:9092',
  ])
})
