import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { findCommand } from './find-command.ts'
import { freePorts } from './free-ports.ts'
import { serverFolder } from './leave-nothing.ts'
import { serverProcess } from './process.ts'
import { isUp } from './ready.ts'
import { startOrStop } from './start-or-stop.ts'

/** Prometheus or Alertmanager. */
export interface WebServer {
  /** `127.0.0.1:<port>` */
  readonly address: string
  readonly url: string
  pid(): number
  /** Ends it and removes what it wrote. */
  stop(): Promise<void>
}

export interface PrometheusOptions {
  /** `host:port` of what is scraped, each second, at `/metrics`. */
  readonly targets?: readonly string[]
  /** Paths of rule files, evaluated each second. */
  readonly rules?: readonly string[]
  /** `host:port` of where alerts go. */
  readonly alertmanager?: string
  /** What is off by default: `exemplar-storage` … */
  readonly features?: readonly string[]
}

/** @returns why no Prometheus can be started, in words for a person, or undefined */
export function whyNoPrometheus(): string | undefined {
  return findCommand('prometheus') === undefined ? 'no prometheus in PATH' : undefined
}

/** @returns why no Alertmanager can be started, in words for a person, or undefined */
export function whyNoAlertmanager(): string | undefined {
  return alertmanagerCommand() === undefined ? 'no prometheus-alertmanager in PATH' : undefined
}

/** Starts a Prometheus. @throws when there is none on this machine, or it is not ready after 60 s */
export function startPrometheus(options: PrometheusOptions = {}): Promise<WebServer> {
  const { targets = [], rules = [], alertmanager, features = [] } = options
  const managers = alertmanager === undefined ? [] : [{ static_configs: [{ targets: [alertmanager] }] }]
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    scrape_configs: [{ job_name: 'meshwatch', static_configs: [{ targets }] }],
    rule_files: rules,
    alerting: { alertmanagers: managers },
  }
  return startWeb('prometheus', config, (file, folder, address) => [
    findCommand('prometheus') ?? missing(whyNoPrometheus()),
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'stored')}`,
    `--web.listen-address=${address}`,
    ...features.map((feature) => `--enable-feature=${feature}`),
  ])
}

/** Starts an Alertmanager that posts alerts to a URL at once. @throws as `startPrometheus` does */
export function startAlertmanager(webhook: string): Promise<WebServer> {
  const route = { receiver: 'webhook', group_wait: '0s', group_interval: '1s', repeat_interval: '1h' }
  const config = { route, receivers: [{ name: 'webhook', webhook_configs: [{ url: webhook }] }] }
  return startWeb('alertmanager', config, (file, folder, address) => [
    alertmanagerCommand() ?? missing(whyNoAlertmanager()),
    `--config.file=${file}`,
    `--storage.path=${join(folder, 'stored')}`,
    `--web.listen-address=${address}`,
    // Alone: no port for others of its kind.
    '--cluster.listen-address=',
  ])
}

async function startWeb(
  name: string,
  config: object,
  command: (file: string, folder: string, address: string) => readonly string[],
): Promise<WebServer> {
  const folder = serverFolder(name)
  const [port] = await freePorts(1)
  const address = `127.0.0.1:${port}`
  const url = `http://${address}`
  const file = join(folder, `${name}.yml`)
  writeFileSync(file, stringify(config))
  const isReady = (): Promise<boolean> => isUp(`${url}/-/ready`)
  const launched = serverProcess({ name, folder, command: command(file, folder, address), isReady })
  const stop = await startOrStop([launched], folder, launched.start)
  return { address, url, pid: launched.pid, stop }
}

/** The first is Debian's name. */
function alertmanagerCommand(): string | undefined {
  return findCommand('prometheus-alertmanager', 'alertmanager')
}

function missing(reason: string | undefined): never {
  throw new Error(reason)
}
