import { STATUS_CODES } from 'node:http'
import { Type } from 'typebox'
import type { Problem } from '../domain/route.ts'
import { isStoreFailure } from './store-failure.ts'

export const PROBLEM_TYPE = 'application/problem+json'

/** RFC 9457, with a code for programs and the id under which the request is found in the log. */
export const ProblemDocument = Type.Object({
  type: Type.String({ description: 'urn:meshwatch:problem: and the code' }),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String({ description: 'stable: a client may branch on it' }),
  detail: Type.String(),
  requestId: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
})

export function problemDocument(problem: Problem, requestId: string): object {
  const { status, code, detail, errors } = problem
  return {
    type: `urn:meshwatch:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail,
    requestId,
    ...(errors !== undefined && { errors }),
  }
}

/** One thing that does not fit, as JSON Schema says it. */
interface Failure {
  readonly keyword?: string
  readonly instancePath?: string
  readonly message?: string
  readonly params?: { readonly allowedValue?: unknown }
}

/** What is known of an error of the HTTP framework. */
interface FrameworkError {
  readonly code?: string
  readonly statusCode?: number
  readonly validationContext?: string
  readonly validation?: readonly Failure[]
}

const BY_CODE: Readonly<Record<string, Problem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    code: 'body-too-large',
    detail: 'the body is longer than this route takes',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'unsupported-media-type',
    detail: 'this route does not take the content type',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'invalid-request',
    detail: 'the body is not as long as its header says',
  },
  FST_ERR_HANDLER_TIMEOUT: { status: 503, code: 'timeout', detail: 'the answer took too long' },
}

const MAX_ERRORS = 20

/**
 * The problem that an error is, when it is the client's to solve; undefined for one of ours, about which the client
 * learns nothing. Values of the request are not repeated.
 */
export function problemOf(error: FrameworkError): Problem | undefined {
  if (error.validation !== undefined) return invalid(error.validationContext, error.validation)
  const known = BY_CODE[error.code ?? '']
  if (known !== undefined) return known
  if (error instanceof SyntaxError || error.code?.startsWith('FST_ERR_CTP_'))
    return { status: 400, code: 'invalid-json', detail: 'the body is not one whole JSON value' }
  const status = error.statusCode ?? 500
  if (status < 400 || status > 499) return undefined
  return { status, code: 'invalid-request', detail: 'the request cannot be understood' }
}

function invalid(part: string | undefined, failures: NonNullable<FrameworkError['validation']>): Problem {
  if (part === 'params') return NOT_FOUND
  const errors = failures
    .slice(0, MAX_ERRORS)
    .map((failure) => ({ pointer: failure.instancePath ?? '', detail: wordsOf(failure) }))
  return part === 'body'
    ? { status: 422, code: 'invalid-body', detail: 'the body does not fit the schema', errors }
    : { status: 400, code: 'invalid-query', detail: 'a parameter does not fit the schema', errors }
}

/** The words of the validator, where they say what would do. */
function wordsOf({ keyword, params, message }: Failure): string {
  if (keyword === 'const') return `must be ${JSON.stringify(params?.allowedValue)}`
  if (keyword === 'boolean') return 'is not known here'
  return message ?? 'invalid'
}

export const NOT_FOUND: Problem = {
  status: 404,
  code: 'not-found',
  detail: 'there is nothing at this address',
}

/** What becomes of an error of ours: the client learns only whether to ask again. */
export function ownProblem(error: unknown): Problem {
  return isStoreFailure(error) ? STORE_UNAVAILABLE : INTERNAL
}

const STORE_UNAVAILABLE: Problem = {
  status: 503,
  code: 'store-unavailable',
  detail: 'the store cannot be read or written now; ask again',
}

const INTERNAL: Problem = {
  status: 500,
  code: 'internal',
  detail: 'something went wrong here; the log has more under the request id',
}
