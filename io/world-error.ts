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

/**
 * The error of a port that cannot be listened on, with the key of the configuration to change. One that says what to
 * do already stays as it is.
 * @param section of the configuration: `api`, `intake`, `metrics`
 */
export function listenError(
  section: string,
  { host, port }: { readonly host: string; readonly port: number },
  cause: unknown,
): Error {
  const failed = (what: string) => worldError('listen-failed', what, cause)
  if (hasCode(cause, 'EADDRINUSE'))
    return failed(
      `${section}.port: port ${port} of ${host} is taken: write another one, or 0 for any free one`,
    )
  if (hasCode(cause, 'EACCES'))
    return failed(`${section}.port: no permission to listen on port ${port}: write one above 1023`)
  if (hasCode(cause, 'EADDRNOTAVAIL') || hasCode(cause, 'ENOTFOUND'))
    return failed(`${section}.host: this machine has no address ${host}`)
  return cause instanceof Error ? cause : failed(`${section}: cannot listen on ${host} port ${port}`)
}
