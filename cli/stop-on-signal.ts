const STOP_DEADLINE_MS = 10_000

/** The first signal stops in order; a second one, or ten seconds, ends at once. */
export function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(130)
      isStopping = true
      setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref()
      stop().then(
        () => setImmediate(() => process.exit()),
        () => process.exit(1),
      )
    })
  }
}
