import { type Certificate, writeCertificate } from './certificate.ts'
import { freePorts } from './free-ports.ts'
import { serverFolder } from './leave-nothing.ts'
import { type RedisNode, type RedisSettings, redisNode } from './redis-node.ts'
import { tlsSettings } from './redis-secured.ts'
import { startOrStop } from './start-or-stop.ts'

export interface RedisOptions {
  /** Over those that a store of checkpoints needs. */
  readonly settings?: RedisSettings
  /** Opens a second port, with TLS; clients need no certificate. */
  readonly certificate?: Certificate
}

/** One server. */
export interface Redis extends RedisNode {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  /** `rediss://127.0.0.1:<port>`; undefined without a certificate */
  readonly tlsUrl: string | undefined
  /** Ends it and removes what it wrote. */
  stop(): Promise<void>
}

/** Starts an empty server. @throws when there is none on this machine, or it is not ready after 60 s */
export async function startRedis({ settings, certificate }: RedisOptions = {}): Promise<Redis> {
  const folder = serverFolder('redis')
  const [port, tlsPort] = await freePorts(2)
  const tls = certificate === undefined ? {} : tlsSettings(writeCertificate(certificate, folder), tlsPort)
  const node = redisNode({ name: 'redis', folder, port, settings: { ...tls, ...settings } })
  const stop = await startOrStop([node], folder, node.start)
  const tlsUrl = certificate === undefined ? undefined : `rediss://127.0.0.1:${tlsPort}`
  return { ...node, url: `redis://127.0.0.1:${port}`, tlsUrl, stop }
}
