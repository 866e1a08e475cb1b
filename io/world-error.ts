export interface WorldError extends Error {
  /** Stable, kebab-case. */
  readonly code: string
}

/** An error of the world outside: a code to branch on, a message that names the thing, and what caused it. */
export function worldError(code: string, message: string, cause?: unknown): WorldError {
  return Object.assign(new Error(message, { cause }), { code })
}

/** True for an error with this code, ours or the system's. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** The error of a file operation, with the path and the system's own word for it. */
export function fileError(path: string, cause: unknown): WorldError {
  if (hasCode(cause, 'ENOENT')) return worldError('file-missing', `${path}: no such file`, cause)
  if (hasCode(cause, 'EACCES') || hasCode(cause, 'EPERM'))
    return worldError('file-forbidden', `${path}: no permission to read it`, cause)
  if (hasCode(cause, 'EISDIR')) return worldError('file-is-folder', `${path}: is a folder, not a file`, cause)
  return worldError('file-unreadable', `${path}: ${cause instanceof Error ? cause.message : cause}`, cause)
}
