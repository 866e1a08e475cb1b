/** Signature of each table of a state, by the table's name. */
export type Signatures = Readonly<Record<string, string>>

/**
 * Why a stored state does not fit, in words for people.
 * @returns undefined when it fits
 */
export function layoutChange(stored: Signatures, own: Signatures): string | undefined {
  if (Object.entries(own).every(([table, signature]) => stored[table] === signature)) return undefined
  const [before, now] = [detectorColumns(stored), detectorColumns(own)]
  const names = [...new Set([...before.keys(), ...now.keys()])].sort()
  const changes = names.flatMap((name) => {
    if (before.get(name) === now.get(name)) return []
    if (!now.has(name)) return [`the detector "${name}" was on when it was stored, and is off now`]
    if (!before.has(name)) return [`the detector "${name}" was off when it was stored, and is on now`]
    return [`the detector "${name}" has other columns in this release`]
  })
  // Windows come and go with the detectors that count in them.
  return changes.length > 0 ? changes.join('; ') : 'the engine has other columns in this release'
}

/** A detector's columns bear its name, `volume_mean0`; those of the engine bear none, or that of a window. */
function detectorColumns(signatures: Signatures): ReadonlyMap<string, string> {
  const columns = new Map<string, string>()
  for (const [table, signature] of Object.entries(signatures))
    for (const column of signature.split(',')) {
      const name = /^(?!window\d)([^:]+?)_/.exec(column)?.[1]
      if (name !== undefined) columns.set(name, `${columns.get(name) ?? ''},${table}.${column}`)
    }
  return columns
}
