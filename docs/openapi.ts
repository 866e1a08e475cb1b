import { startAlerter } from '../alerter/main.ts'
import { openHttpServer } from '../io/http-server.ts'
import { openDatabase } from '../io/sqlite.ts'
import { SqliteIncidents } from '../io/sqlite-incidents.ts'

/** The OpenAPI document of the API, as text: made from the routes, which are mounted and never called. */
export async function openApiText(version: string): Promise<string> {
  const db = openDatabase(':memory:')
  const ignore = () => {}
  const { routes } = startAlerter({
    store: new SqliteIncidents(db),
    endpoints: [],
    options: {
      quietMinutes: 60,
      certainQuietHours: 24,
      agreementMinutes: 60,
      inFlightPerEndpoint: 1,
      attemptSeconds: 15,
    },
    send: async () => ({ outcome: 'delivered' }),
    sha256Hex: (text) => text,
    hmacHex: (text) => text,
    clock: () => 0,
    dice: () => 0,
    onChange: ignore,
    onAttempt: ignore,
  })
  const server = await openHttpServer({
    routes,
    tokens: [],
    version,
    notReady: () => [],
    onAnswer: ignore,
    onError: ignore,
  })
  const text = `${JSON.stringify(server.document(), undefined, 2)}\n`
  await server.close()
  db.close()
  return text
}
