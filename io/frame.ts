import type { RawRecord } from '../domain/ports.ts'

/**
 * Cuts chunks of bytes into line records, wherever the chunk borders fall. A chunk is decoded once: when the text
 * has as many characters as the chunk has bytes, each character is one byte, and lines are slices of that text.
 * Chunks of 64 KiB are the fastest: longer texts leave V8's ordinary young generation.
 */
export const CHUNK_BYTES = 65_536

/** Longest record by default, in bytes. */
export const MAX_RECORD_BYTES = 1_048_576

/** Longest file that is read as one record, in bytes: as much as is checked without keeping other work waiting. */
export const MAX_WHOLE_BYTES = 8 * 1_048_576

/** What is kept of a record over the limit. */
const KEPT_BYTES = 65_536

const LF = 10
const CR = 13
const EMPTY = new Uint8Array(0)
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A place in a stream of lines, with the unfinished line. `cutLines` and `endLines` move it on. */
export interface LineFrame {
  readonly maxRecordBytes: number
  /** Byte offset at which the unfinished line begins: where reading may start again. */
  offset: number
  /** Lines before `offset`. */
  line: number
  /** The beginning of the unfinished line in the first `heldBytes`; the rest is room to grow. */
  held: Uint8Array
  heldBytes: number
  /** Length of the unfinished line so far, of which `heldBytes` are kept. */
  heldLength: number
}

export function lineFrame(
  start: { readonly offset: number; readonly line: number },
  maxRecordBytes = MAX_RECORD_BYTES,
): LineFrame {
  return { maxRecordBytes, offset: start.offset, line: start.line, held: EMPTY, heldBytes: 0, heldLength: 0 }
}

/**
 * The records whose line ends in this chunk. A line is counted, but gives no record, when it is blank. Invalid UTF-8
 * reads as U+FFFD; a CR before the newline and a byte order mark at offset 0 belong to no record. Records point into
 * the chunk: it must not be changed afterwards.
 */
export function cutLines(frame: LineFrame, chunk: Uint8Array): RawRecord[] {
  const records: RawRecord[] = []
  let from = 0
  if (frame.heldLength > 0) {
    const newline = chunk.indexOf(LF)
    hold(frame, newline < 0 ? chunk : chunk.subarray(0, newline))
    if (newline < 0) return records
    finishHeld(frame, 1, records)
    from = newline + 1
  }
  const end = chunk.lastIndexOf(LF) + 1
  if (end > from) cutWholeLines(frame, chunk.subarray(from, end), records)
  hold(frame, chunk.subarray(Math.max(from, end)))
  return records
}

/** The last line, when the stream ended without a newline after it. */
export function endLines(frame: LineFrame): RawRecord[] {
  const records: RawRecord[] = []
  if (frame.heldLength > 0) finishHeld(frame, 0, records)
  return records
}

/** @param bytes whole lines: the last byte is a newline */
function cutWholeLines(frame: LineFrame, bytes: Uint8Array, records: RawRecord[]): void {
  const text = decoder.decode(bytes)
  if (text.length === bytes.length) cutText(frame, bytes, text, records)
  else cutBytes(frame, bytes, records)
}

/** The fast way: `text` has one character for each byte. */
function cutText(frame: LineFrame, chunk: Uint8Array, text: string, records: RawRecord[]): void {
  const base = frame.offset
  let from = 0
  while (from < chunk.length) {
    const newline = text.indexOf('\n', from)
    if (newline - from > frame.maxRecordBytes) {
      records.push(oversized(frame, chunk.subarray(from, newline), newline - from))
    } else {
      const to = newline > from && text.charCodeAt(newline - 1) === CR ? newline - 1 : newline
      if (text.charCodeAt(from) > 32 || !isBlank(chunk, from, to)) {
        records.push({
          text: text.slice(from, to),
          chunk,
          from,
          to,
          offset: base + from,
          line: frame.line + 1,
          length: to - from,
        })
      }
    }
    from = newline + 1
    frame.line++
    frame.offset = base + from
  }
}

function cutBytes(frame: LineFrame, chunk: Uint8Array, records: RawRecord[]): void {
  for (let from = 0; from < chunk.length; ) {
    const newline = chunk.indexOf(LF, from)
    pushLine(frame, { chunk, from, to: newline, length: newline - from }, records)
    frame.line++
    frame.offset += newline + 1 - from
    from = newline + 1
  }
}

type Line = Pick<RawRecord, 'chunk' | 'from' | 'to' | 'length'>

function pushLine(frame: LineFrame, line: Line, records: RawRecord[]): void {
  const { chunk, length } = line
  if (length > frame.maxRecordBytes) {
    records.push(oversized(frame, chunk.subarray(line.from, line.to), length))
    return
  }
  const from = frame.offset === 0 && startsWithMark(chunk, line.from, line.to) ? line.from + 3 : line.from
  const to = line.to > from && chunk[line.to - 1] === CR ? line.to - 1 : line.to
  if (isBlank(chunk, from, to)) return
  const text = decoder.decode(chunk.subarray(from, to))
  records.push({ text, chunk, from, to, offset: frame.offset, line: frame.line + 1, length: to - from })
}

function oversized(frame: LineFrame, beginning: Uint8Array, length: number): RawRecord {
  const to = keptBytes(frame)
  const chunk = beginning.slice(0, to)
  return {
    text: decoder.decode(chunk),
    chunk,
    from: 0,
    to,
    offset: frame.offset,
    line: frame.line + 1,
    length,
  }
}

function keptBytes(frame: LineFrame): number {
  return Math.min(KEPT_BYTES, frame.maxRecordBytes)
}

/** Adds to the unfinished line. Over the limit only its beginning stays, so memory is bounded however long it gets. */
function hold(frame: LineFrame, bytes: Uint8Array): void {
  const was = frame.heldLength
  frame.heldLength += bytes.length
  if (was > frame.maxRecordBytes || bytes.length === 0) return
  const isOver = frame.heldLength > frame.maxRecordBytes
  const kept = isOver ? keptBytes(frame) : frame.heldLength
  if (was === 0) frame.held = isOver ? bytes.slice(0, kept) : bytes
  else if (kept > was) append(frame, bytes.subarray(0, kept - was))
  else frame.held = frame.held.slice(0, kept)
  frame.heldBytes = kept
}

/** A line of many chunks grows by doubling; the first part is still a view of its chunk, without room. */
function append(frame: LineFrame, bytes: Uint8Array): void {
  const length = frame.heldBytes + bytes.length
  if (length > frame.held.length) {
    const room = Math.min(frame.maxRecordBytes, Math.max(length, frame.heldBytes * 2))
    const grown = new Uint8Array(room)
    grown.set(frame.held.subarray(0, frame.heldBytes))
    frame.held = grown
  }
  frame.held.set(bytes, frame.heldBytes)
}

function finishHeld(frame: LineFrame, newlineBytes: number, records: RawRecord[]): void {
  pushLine(frame, { chunk: frame.held, from: 0, to: frame.heldBytes, length: frame.heldLength }, records)
  frame.offset += frame.heldLength + newlineBytes
  frame.line++
  frame.held = EMPTY
  frame.heldBytes = 0
  frame.heldLength = 0
}

function startsWithMark(bytes: Uint8Array, from: number, to: number): boolean {
  return to - from >= 3 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf
}

/** True when every byte is a space or one of \t \v \f \r. */
function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]
    if (byte !== 32 && (byte < 9 || byte > 13)) return false
  }
  return true
}
