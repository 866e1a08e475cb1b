/** Logs of a mesh, each a file for one process and a topic for several. */
export interface Logs {
  readonly logs: readonly Log[]
  /** Lines of all logs, each log in its order, without newlines; the same every time. */
  lines(): Iterable<LogLine>
}

/** Logs, and how far they lead. */
export interface Scenario extends Logs {
  /** Event time that every partition has come to when all is judged, epoch ms. */
  readonly end: number
}

export interface Log {
  readonly name: string
  readonly format: 'auto' | 'envoy-json' | 'step-ca'
  /** Of its topic. */
  readonly partitions: number
  /** Lines with the same key keep their order. */
  keyOf(line: string): string
}

export interface LogLine {
  /** Name of its log. */
  readonly log: string
  readonly line: string
}

/** One log with lines in our own format. */
export function oneLog(lines: readonly string[], partitions = 1): Logs {
  return {
    logs: [{ name: 'mesh', format: 'auto', partitions, keyOf: callerIn }],
    lines: () => lines.map((line) => ({ log: 'mesh', line: line.trim() })),
  }
}

/** Of a line in our own format: who calls, or whose credential it is about. */
export function callerIn(line: string): string {
  return /"(?:caller|identity)":"([^"]*)"/.exec(line)?.[1] ?? line
}
