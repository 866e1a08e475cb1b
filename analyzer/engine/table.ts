/**
 * State in rows of fixed size inside one buffer: a column is a type and an offset, read through the typed view of
 * its width as `table.f32[row * table.words + column]`. One row lies in two or three cache lines, so an update of
 * twenty columns costs the misses of three; one array a column would cost one miss each. A page is a run of rows:
 * what has changed since the last checkpoint is known, stored and loaded by page.
 */

type Width = 'u8' | 'u16' | 'u32' | 'f32' | 'f64'
/** `u32` is one number, `u32*24` a run of 24; `at` gives the offset of the first. */
export type ColumnType = Width | `${Width}*${number}`
export type Layout = Readonly<Record<string, ColumnType>>

const BYTES = { u8: 1, u16: 2, u32: 4, f32: 4, f64: 8 } as const

function widthOf(type: ColumnType): number {
  return BYTES[type.split('*')[0] as Width]
}

function lengthOf(type: ColumnType): number {
  return Number(type.split('*')[1] ?? 1)
}

/** Rows of which is known together whether one changed: a stored page is one or more such runs. */
const PAGE_ROWS = 64
const PAGE_SHIFT = 6
/**
 * Bytes of a stored page at least, since each costs the store a name, and a restore some microseconds. With another
 * number stored pages are other rows: then the version of checkpoints has to rise.
 */
const LEAST_PAGE_BYTES = 8192

export interface Table<L extends Layout = Layout> {
  readonly name: string
  /** Names, order and types of the columns: a stored page of another layout is refused. */
  readonly signature: string
  /** Offset of each column in units of its own width. */
  readonly at: { readonly [C in keyof L]: number }
  /** Bytes a row, and the same in units of 2, 4 and 8 bytes. */
  readonly stride: number
  readonly halves: number
  readonly words: number
  readonly doubles: number
  /** Rows of a stored page. */
  readonly pageRows: number
  /** Rows handed out so far, freed ones included. */
  rows: number
  /** Freed rows that the next {@link takeRow} gives out again. */
  readonly free: number[]
  u8: Uint8Array
  u16: Uint16Array
  u32: Uint32Array
  f32: Float32Array
  f64: Float64Array
  /** One byte for each {@link PAGE_ROWS} rows: 1 when a row of it changed since the last checkpoint. */
  dirty: Uint8Array
}

/**
 * A table without rows. Columns are laid out widest first, so that each is aligned without padding between, and long
 * runs behind the single numbers, which every update needs.
 */
export function createTable<L extends Layout>(name: string, layout: L): Table<L> {
  const columns = Object.entries(layout).sort(
    ([, a], [, b]) => widthOf(b) - widthOf(a) || lengthOf(a) - lengthOf(b),
  )
  const at: Record<string, number> = {}
  let bytes = 0
  for (const [column, type] of columns) {
    at[column] = bytes / widthOf(type)
    bytes += widthOf(type) * lengthOf(type)
  }
  const stride = Math.ceil(bytes / 8) * 8
  const table = {
    name,
    signature: columns.map(([column, type]) => `${column}:${type}`).join(','),
    at: withFastProperties(at) as { readonly [C in keyof L]: number },
    stride,
    halves: stride / 2,
    words: stride / 4,
    doubles: stride / 8,
    pageRows: PAGE_ROWS * Math.ceil(LEAST_PAGE_BYTES / (PAGE_ROWS * stride)),
    rows: 0,
    free: [] as number[],
  }
  return { ...table, ...views(new ArrayBuffer(stride * PAGE_ROWS)), dirty: new Uint8Array(1) }
}

/**
 * V8 keeps an object that got more than a dozen properties one by one as a hash table, and every offset would be looked
 * up in it; one that comes out of `JSON.parse` has a shape.
 */
function withFastProperties(at: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return JSON.parse(JSON.stringify(at))
}

function views(buffer: ArrayBuffer) {
  return {
    u8: new Uint8Array(buffer),
    u16: new Uint16Array(buffer),
    u32: new Uint32Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
  }
}

/** Makes room for `rows` rows, and at least for a quarter more than there was room for. */
function reserve(table: Table, rows: number): void {
  const capacity = table.u8.length / table.stride
  if (rows > capacity) makeRoom(table, Math.max(rows, capacity * 1.25))
}

/** Gives the rows a buffer with room for `rows`, in whole pages. */
function makeRoom(table: Table, rows: number): void {
  const pages = Math.ceil(rows / PAGE_ROWS)
  const buffer = new ArrayBuffer(pages * PAGE_ROWS * table.stride)
  new Uint8Array(buffer).set(table.u8)
  Object.assign(table, views(buffer))
  const dirty = new Uint8Array(pages)
  dirty.set(table.dirty)
  table.dirty = dirty
}

/** A row of zeros, marked as changed. */
export function takeRow(table: Table): number {
  const freed = table.free.pop()
  const row = freed ?? table.rows++
  reserve(table, row + 1)
  table.u8.fill(0, row * table.stride, (row + 1) * table.stride)
  touch(table, row)
  return row
}

/** Gives a row back; its bytes become zeros. */
export function freeRow(table: Table, row: number): void {
  table.u8.fill(0, row * table.stride, (row + 1) * table.stride)
  table.free.push(row)
  touch(table, row)
}

/** Marks the page of `row` as changed. */
export function touch(table: Table, row: number): void {
  table.dirty[row >> PAGE_SHIFT] = 1
}

/** Bytes of the rows in use. */
export function tableBytes(table: Table): number {
  return (table.rows - table.free.length) * table.stride
}

/** Copies of the changed pages with their numbers, each as it is asked for; it counts as unchanged from then on. */
export function* takeDirtyPages(table: Table): Generator<readonly [page: number, bytes: Uint8Array]> {
  const used = Math.ceil(table.rows / table.pageRows)
  const size = table.pageRows * table.stride
  const flags = table.pageRows / PAGE_ROWS
  for (let page = 0; page < used; page++) {
    const dirty = table.dirty.subarray(page * flags, (page + 1) * flags)
    if (!dirty.includes(1)) continue
    dirty.fill(0)
    yield [page, table.u8.slice(page * size, (page + 1) * size)]
  }
}

/** Lets a table without rows have so many, whose pages are loaded next: in one buffer, since none grows out of another. */
export function startLoading(table: Table, rows: number): void {
  table.rows = rows
  if (rows > 0) makeRoom(table, rows)
}

/** Puts a stored page back. */
export function loadPage(table: Table, page: number, bytes: Uint8Array): void {
  const first = page * table.pageRows
  table.u8.set(bytes.subarray(0, (table.rows - first) * table.stride), first * table.stride)
}
