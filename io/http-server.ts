import { randomUUID } from 'node:crypto'
import type { AddressInfo, Socket } from 'node:net'
import swagger from '@fastify/swagger'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteOptions,
} from 'fastify'
import type { Problem, Requester, Route, RouteReply, RouteRequest } from '../domain/route.ts'
import { type AccessToken, checkExposure, requesterOf } from './http-access.ts'
import { openApiInfo, routeDocument } from './http-document.ts'
import { type NotReady, probeRoutes } from './http-probes.ts'
import { NOT_FOUND, ownProblem, PROBLEM_TYPE, problemDocument, problemOf } from './http-problem.ts'

const BODY_LIMIT_BYTES = 1_048_576

/** An API answers programs: nothing of it is to be framed, guessed at, run or kept. */
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

export interface HttpSetup {
  readonly routes: readonly Route[]
  /** None: everybody on this machine may do everything, and only loopback may listen. */
  readonly tokens: readonly AccessToken[]
  readonly version: string
  readonly notReady: () => readonly NotReady[]
  /** Longest time for a request to arrive; default 10 s. */
  readonly requestTimeoutMs?: number
  readonly onAnswer: (answer: { readonly route: string; readonly status: number }) => void
  /** An error of ours; the client is told the request id only. */
  readonly onError: (error: Error, requestId: string) => void
}

export interface HttpServer {
  /** The OpenAPI 3.1 document. */
  document(): object
  /**
   * @returns the port that was taken
   * @throws WorldError `listen-unprotected` for another host than loopback without a token
   */
  listen(at: { readonly host: string; readonly port: number }): Promise<number>
  /** Ends when open requests have been answered. */
  close(): Promise<void>
}

/** Mounts the routes, the probes and `/v1/openapi.json`. Does not listen yet. */
export async function openHttpServer(setup: HttpSetup): Promise<HttpServer> {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: setup.requestTimeoutMs ?? 10_000,
    connectionTimeout: 30_000,
    genReqId: () => randomUUID(),
    logger: false,
    clientErrorHandler,
    // An address that cannot be read comes to no route, and to none of its hooks.
    frameworkErrors: (error, request, reply) => {
      reply.headers(headersOf(request))
      sendProblem(reply, problemOf(error) ?? ownProblem(error))
    },
  })
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  app.setSerializerCompiler(() => (body) => JSON.stringify(body))
  app.removeContentTypeParser('text/plain')
  app.decorateRequest('requester', null)
  app.addHook('onSend', async (request, reply) => {
    reply.headers(headersOf(request))
  })
  app.addHook('onResponse', async (request, reply) => {
    setup.onAnswer({ route: request.routeOptions.url ?? 'none', status: reply.statusCode })
  })
  app.setNotFoundHandler((_, reply) => sendProblem(reply, NOT_FOUND))
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error)
    if (problem === undefined) setup.onError(error, request.id)
    return sendProblem(reply, problem ?? ownProblem(error))
  })
  await app.register(swagger, { openapi: openApiInfo(setup.version) })
  await mountAll(app, setup)
  await app.ready()
  return serverOf(app, setup.tokens)
}

function headersOf({ id }: FastifyRequest): Readonly<Record<string, string>> {
  return { ...SECURITY_HEADERS, 'x-request-id': id }
}

function serverOf(app: FastifyInstance, tokens: readonly AccessToken[]): HttpServer {
  return {
    document: () => app.swagger(),
    listen: async ({ host, port }) => {
      checkExposure(host, tokens)
      await app.listen({ host, port })
      return (app.server.address() as AddressInfo).port
    },
    close: () => app.close(),
  }
}

async function mountAll(app: FastifyInstance, setup: HttpSetup): Promise<void> {
  const routes = [...probeRoutes(setup.notReady), ...setup.routes]
  for (const route of routes.filter((each) => each.acceptsBytes === undefined))
    app.route(optionsOf(route, setup))
  // Bytes have a scope of their own: in it no content type is parsed.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
    for (const route of routes.filter((each) => each.acceptsBytes !== undefined))
      scope.route(optionsOf(route, setup))
  })
  app.get('/v1/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}

function optionsOf(route: Route, setup: HttpSetup): RouteOptions {
  return {
    method: route.method,
    url: route.url,
    schema: routeDocument(route),
    bodyLimit: route.bodyLimitBytes ?? BODY_LIMIT_BYTES,
    onRequest: async (request, reply) => {
      if (route.permission === 'none') return
      const requester = requesterOf(request.headers, route.permission, setup.tokens)
      if ('status' in requester) return sendProblem(reply, requester)
      request.setDecorator<Requester>('requester', requester)
    },
    preValidation: async (request) => {
      checkContentType(route, request)
      // Who sends no body means an empty one; the schema says whether that will do.
      if (route.schema.body !== undefined) request.body ??= {}
    },
    handler: async (request, reply) => sendReply(reply, await route.handle(requestOf(request))),
  }
}

function checkContentType(route: Route, request: FastifyRequest): void {
  const accepted = route.acceptsBytes
  if (accepted === undefined || accepted.includes('*')) return
  const type = (request.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase()
  if (!accepted.includes(type))
    throw Object.assign(new Error('unsupported media type'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' })
}

function requestOf(request: FastifyRequest): RouteRequest {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')])
  return {
    id: request.id,
    requester: request.getDecorator<Requester>('requester') ?? { name: 'anybody', permissions: [] },
    params: request.params,
    query: request.query,
    body: request.body,
    bytes: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
    headers: Object.fromEntries(headers),
  } as RouteRequest
}

function sendReply(reply: FastifyReply, answer: RouteReply): FastifyReply {
  reply.headers(answer.headers ?? {})
  if ('problem' in answer) return sendProblem(reply, answer.problem)
  reply.code(answer.status)
  return answer.body === undefined ? reply.send() : reply.type('application/json').send(answer.body)
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  reply.code(problem.status).type(PROBLEM_TYPE)
  // As bytes, because the framework adds a charset to text, and this media type has none.
  return reply.send(Buffer.from(JSON.stringify(problemDocument(problem, reply.request.id))))
}

/** What is no HTTP at all never becomes a request; the answer is written by hand and the connection ends. */
function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
  const problem = { status, code: 'invalid-request', detail: 'the request cannot be understood' }
  const body = JSON.stringify(problemDocument(problem, randomUUID()))
  const head = `HTTP/1.1 ${status} Bad Request\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}`
  socket.end(`${head}\r\nconnection: close\r\n\r\n${body}`)
}
