const STOP_DEADLINE_MS = 10_000

/** The first signal stops in order; a second one, or ten seconds, ends at once. Who fails to stop says why itself. */
export function stopOnSignal(stop: () => Promise<void>, deadlineMs = STOP_DEADLINE_MS): void {
  let isStopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(130)
      isStopping = true
      setTimeout(() => endAtOnce(deadlineMs), deadlineMs).unref()
      stop().then(
        () => setImmediate(() => process.exit()),
        () => setImmediate(() => process.exit(1)),
      )
    })
  }
}

function endAtOnce(deadlineMs: number): void {
  console.error(
    `meshwatch: did not end within ${deadlineMs / 1000} s of the signal: ended at once; nothing is lost, the next start goes on from what was stored`,
  )
  process.exit(1)
}
