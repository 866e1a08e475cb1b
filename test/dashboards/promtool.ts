import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'

/** Runs Prometheus' own tool. @throws AssertionError with what it prints, when it finds something wrong */
export function promtool(...args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8' })
  if (error !== undefined) throw error
  assert.equal(status, 0, `${stdout}${stderr}`)
}
