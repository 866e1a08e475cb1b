import { incidentRoutes } from '../alerter/api/routes.ts'
import { coverageOf } from '../cli/coverage.ts'
import { coverageRoute } from '../cli/coverage-route.ts'
import { openHttpServer } from '../io/http-server.ts'
import { openDatabase } from '../io/sqlite.ts'
import { SqliteIncidents } from '../io/sqlite-incidents.ts'

/** The OpenAPI document of the API, as text: made from the routes, which are mounted and never called. */
export async function openApiText(version: string): Promise<string> {
  const ignore = () => {}
  const name = (text: string) => text
  const fold = { quietMs: { statistical: 1, certain: 1 }, agreementMs: 1, sha256Hex: name }
  const db = openDatabase(':memory:')
  const desk = {
    store: new SqliteIncidents(db),
    endpoints: [],
    stages: [],
    fold,
    sha256Hex: name,
    clock: () => 0,
    onChange: ignore,
  }
  const server = await openHttpServer({
    routes: [...incidentRoutes(desk, name), coverageRoute(() => coverageOf([]))],
    tokens: [],
    version,
    notReady: () => [],
    onAnswer: ignore,
    onError: ignore,
  })
  const text = JSON.stringify(server.document(), undefined, 2)
  await server.close()
  db.close()
  return `${text}\n`
}
