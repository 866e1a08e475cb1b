/**
 * Where a row came from, exactly enough to skip it when it is delivered again and to show it to a person.
 * Two coordinates of one (source, generation) are ordered by offset, then index.
 */
export interface Coordinate {
  /** Name of the source: a file's path as configured, `stdin`, `http:<token name>`, `facts`, `decisions`. */
  readonly source: string
  /** Rises or changes when the source starts again from its beginning: a file's inode and head, a topic's id. */
  readonly generation: string
  /** Byte offset of the record in a file, or its number in a journal or partition. */
  readonly offset: number
  /** Line number from 1 where the source has lines, else 0. */
  readonly line: number
  /** Number of the event within its record, from 0. */
  readonly index: number
}

/** How far a source has been read: everything below `offset` has been handed over. */
export interface Position {
  readonly source: string
  readonly generation: string
  /** The next byte (or journal number) to read. */
  readonly offset: number
  /** Lines before `offset`. */
  readonly line: number
}
