import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { EXTENSIONS } from '../cli/extensions.ts'
import { program } from '../cli/program.ts'
import { VERSION } from '../cli/version.ts'
import { readConfigFile } from '../io/config-file.ts'
import { ComposeFile } from './compose-shape.ts'
import { importsOf } from './source-text.ts'

/** docker-compose.yml and what it mounts, held against each other and against our own configuration and commands. */

const read = (path: string): string => readFileSync(path, 'utf8')
const written: unknown = parse(read('docker-compose.yml'), { merge: true })
const dockerfile = read('Dockerfile')

test('docker-compose.yml has the shape of a compose file', () => {
  assert.deepEqual(
    [...Value.Errors(ComposeFile, written)].map(({ instancePath, message }) => `${instancePath}: ${message}`),
    [],
  )
})

const compose = Value.Parse(ComposeFile, written)
const services = Object.entries(compose.services)
const ROLES = ['collector', 'analyzer', 'alerter']
const OURS = [...ROLES, 'topics']
const ours = services.filter(([name]) => OURS.includes(name))
const configText = read('deploy/compose/meshwatch.yaml')
const loaded = await readConfigFile('deploy/compose/meshwatch.yaml', EXTENSIONS)
assert.ok('config' in loaded, JSON.stringify(loaded))
const { config } = loaded

describe('what runs', () => {
  test('are the three roles', () => assert.deepEqual(ours.map(([name]) => name).sort(), [...OURS].sort()))

  test('comes from images pinned by digest, or from the Dockerfile here', () => {
    const foreign = services.filter(([, { build }]) => build === undefined).map(([, { image }]) => image)
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
    assert.ok(foreign.length >= 5 && bases.length >= 1)
    for (const image of [...foreign, ...bases]) assert.match(image, /^[a-z/]+:[\w.-]+@sha256:[0-9a-f]{64}$/)
    assert.equal(new Set(bases).size, 1, 'packages are installed for the Node that runs them')
  })

  test('has no privileges to gain', () => {
    for (const [name, service] of services) {
      assert.deepEqual(service.cap_drop, ['ALL'], name)
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name)
    }
  })

  test('is our program under a user of no rights on a root that it cannot change', () => {
    for (const [name, { user, read_only: isReadOnly, tmpfs }] of ours) {
      assert.doesNotMatch(user ?? '0', /^0(:|$)/, name)
      assert.equal(isReadOnly, true, name)
      assert.equal(tmpfs?.length, 1, name)
    }
    assert.match(dockerfile.split(/^FROM /m).at(-1) ?? '', /^USER [1-9]\d*:[1-9]\d*$/m)
  })

  test('says whether it is well', () => {
    for (const [name, { healthcheck }] of services)
      assert.equal('disable' in healthcheck, name === 'topics', name)
  })

  test('waits for what exists', () => {
    for (const [name, { depends_on: needs = {} }] of services)
      for (const [other, { condition }] of Object.entries(needs)) {
        assert.ok(compose.services[other], `${name} waits for ${other}`)
        if (condition === 'service_healthy')
          assert.ok('test' in compose.services[other].healthcheck, `${other} never says that it is well`)
      }
  })
})

describe('what is reached', () => {
  test('from the host is reached from this machine only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? [])
    assert.ok(ports.length > 0)
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/)
    assert.equal(new Set(ports.map((port) => port.split(':')[1])).size, ports.length)
  })

  test('or tells somebody outside has a network that lets it out, and nothing else has', () => {
    for (const [name, { ports, networks }] of services) {
      for (const network of networks) assert.ok(compose.networks[network], network)
      assert.equal(
        networks.some((network) => !compose.networks[network].internal),
        ports !== undefined || name === 'alerter',
        name,
      )
    }
  })

  test('are brokers and Redis at the addresses of the configuration', () => {
    const listeners = compose.services['kafka'].environment?.['KAFKA_ADVERTISED_LISTENERS'] ?? ''
    for (const broker of config.kafka?.brokers ?? []) assert.ok(listeners.includes(`//${broker},`), broker)
    assert.equal(config.redis?.address, 'redis:6379')
    assert.ok(compose.services['redis'])
  })

  test('are probes and metrics at the ports of the configuration', () => {
    for (const role of ROLES) {
      const { healthcheck } = compose.services[role]
      assert.ok('test' in healthcheck)
      assert.match(healthcheck.test.join(' '), new RegExp(`http://127\\.0\\.0\\.1:${config.api.port}/readyz`))
    }
    const [{ dns_sd_configs: found }] = parse(read('deploy/compose/prometheus.yml')).scrape_configs
    assert.deepEqual(found[0].names, ROLES)
    assert.equal(found[0].port, config.metrics.port)
    assert.equal(config.metrics.host, '0.0.0.0', 'Prometheus is in another container')
  })
})

describe('what is known', () => {
  test('are the variables of our services to the configuration', () => {
    const named = [...configText.matchAll(/\benv: (\w+)/g)].map(([, name]) => name)
    for (const [name, { environment = {} }] of ours)
      assert.deepEqual(
        Object.keys(environment).filter((key) => !named.includes(key)),
        [],
        name,
      )
    for (const name of named)
      for (const [service, { environment = {} }] of ours)
        assert.ok(name in environment, `${service}: ${name}`)
  })

  test('are commands and options to our command line', () => {
    for (const [name, { command = [] }] of ours) {
      const [first, second] = command
      const found = program().commands.find((it) => it.name() === first)
      const leaf = found?.commands.find((it) => it.name() === second) ?? found
      assert.ok(leaf, `${name}: ${first}`)
      for (const option of command.filter((word) => word.startsWith('--')))
        assert.ok(
          leaf.options.some(({ long }) => long === option),
          `${name}: ${first} ${option}`,
        )
    }
  })

  test('is what is mounted: it is there, declared and used', () => {
    for (const kind of ['configs', 'secrets'] as const) {
      const used = services.flatMap(([, service]) => (service[kind] ?? []).map(({ source }) => source))
      assert.deepEqual([...new Set(used)].sort(), Object.keys(compose[kind]).sort())
    }
    for (const { file } of Object.values(compose.configs)) assert.ok(existsSync(file), file)
    const volumes = services.flatMap(([, service]) => service.volumes ?? []).map((it) => it.split(':'))
    const [folders, kept] = [true, false].map((isFolder) =>
      volumes.filter(([from]) => from.startsWith('.') === isFolder),
    )
    for (const [from, , mode] of folders) assert.equal(mode, 'ro', from)
    assert.deepEqual(kept.map(([from]) => from).sort(), Object.keys(compose.volumes).sort())
  })

  test('is each secret that the configuration reads, to the service that reads it', () => {
    const paths = [...configText.matchAll(/\/run\/secrets\/([\w-]+)/g)].map(([, name]) => name)
    for (const [service, { secrets = [] }] of ours) {
      for (const path of paths)
        assert.ok(
          secrets.some(({ source }) => source === path),
          `${service}: ${path}`,
        )
    }
  })

  test('is no secret to Git', () => {
    for (const { file } of Object.values(compose.secrets)) {
      const { status } = spawnSync('git', ['check-ignore', '-q', file])
      assert.equal(status, 0, `${file} could be committed`)
    }
  })
})

describe('the image', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, from]) => from.split(' '))
  const allowed = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1))

  test('is built from what is there', () => {
    for (const path of copied) assert.ok(existsSync(path), path)
    assert.deepEqual([...new Set(copied)].sort(), [...allowed].sort())
  })

  test('holds all that the program needs to run', () => {
    const folder = mkdtempSync(join(tmpdir(), 'meshwatch-image-'))
    for (const path of copied) cpSync(path, join(folder, path), { recursive: true })
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'))
    const told = execFileSync(process.execPath, ['bin/meshwatch.js', '--version'], { cwd: folder })
    assert.equal(String(told).trim(), VERSION)
    rmSync(folder, { recursive: true })
  })

  test('has every folder that the program imports', () => {
    const shipped = copied.filter((path) => !path.includes('.'))
    const targets = shipped
      .flatMap((folder) => globSync(`${folder}/**/*.{ts,js}`))
      .flatMap((path) =>
        importsOf(read(path))
          .filter((it) => it.startsWith('.'))
          .map((it) => new URL(it, `file:///${path}`)),
      )
      .map(({ pathname }) => pathname.split('/')[1])
    assert.deepEqual(
      [...new Set(targets)].filter((folder) => !copied.includes(folder)),
      [],
    )
  })
})
