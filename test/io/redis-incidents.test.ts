import { after, before, describe } from 'node:test'
import { claimIncidents, redisIncidents } from '../../io/redis-incidents.ts'
import { without } from '../servers/availability.ts'
import { startRedis } from '../servers/redis.ts'
import { startRedisCluster } from '../servers/redis-cluster.ts'
import { checkIncidentStore } from './incident-store.suite.ts'
import { addressOf, openRedis } from './redis-for-tests.ts'

const skip = without('redis')

describe('incidents in one Redis', { skip }, () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  before(async () => {
    server = await startRedis()
  })
  after(() => server?.stop())
  checkIncidentStore('redis, claimed', () => claimIncidents(openRedis({ address: addressOf(server) }), 0))
  checkIncidentStore('redis', async () => redisIncidents(openRedis({ address: addressOf(server) }), 0))
})

describe('incidents in a cluster', { skip }, () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>
  before(async () => {
    cluster = await startRedisCluster()
  })
  after(() => cluster?.stop())
  const open = () => openRedis({ cluster: cluster.masters.map(addressOf) })
  checkIncidentStore('redis cluster, claimed', () => claimIncidents(open(), 3))
})
