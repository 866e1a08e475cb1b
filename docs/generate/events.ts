import { CREDENTIAL_KINDS } from '../../domain/credential.ts'
import { CallInput, LIFECYCLE_ACTIONS, LifecycleInput } from '../../domain/event.ts'
import { code, table } from './table.ts'

/** What this page reads of a schema. */
interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly description?: string
  readonly default?: unknown
}

/** Lines of our own format: a test parses each of them. */
const EXAMPLES = [
  { kind: 'call', time: '2026-03-02T09:41:00.125Z', caller: 'checkout', callee: 'ledger' },
  {
    kind: 'call',
    time: 1772444460125,
    caller: 'spiffe://shop.example/ns/shop/sa/checkout',
    callee: 'spiffe://shop.example/ns/shop/sa/ledger',
    operation: 'POST /entries',
    credential: { kind: 'x509', issuer: 'CN=Shop Intermediate CA', id: '0F:1F:2A:99:5C:00:71:C4' },
    origin: { address: '10.0.3.7', workload: 'checkout-5d9c7' },
    connection: 4711,
    connectionStartTime: 1772444400000,
    reporter: 'ledger-sidecar-1',
    transport: 'mtls',
    status: 201,
    bytesIn: 412,
    bytesOut: 88,
    durationMs: 7,
  },
  {
    kind: 'lifecycle',
    time: '2026-03-02T09:40:00Z',
    action: 'revoked',
    identity: 'spiffe://shop.example/ns/shop/sa/checkout',
    credential: { kind: 'x509', issuer: 'Shop Intermediate CA', id: '0f1f2a995c0071c4' },
    reason: 'key compromise',
  },
] as const

/** `docs/reference/events.md`: the event schema, which is also our own log format. */
export function eventsPage(): string {
  return `# Events

Every log format is turned into these two kinds of event. They are also a log format of their own, \`meshwatch\`: one
JSON object a line. Whatever can write such lines can be watched, or replayed:

\`\`\`json
${EXAMPLES.map((example) => JSON.stringify(example)).join('\n')}
\`\`\`

Save them as \`events.jsonl\` and see how they are understood:

\`\`\`console
$ meshwatch replay --emit events events.jsonl
\`\`\`

* Instants are epoch milliseconds or RFC 3339 with a zone. The \`time\` of a call is its **end**.
* \`null\` and an absent key say the same. Keys that are not named here are ignored.
* Any text is an identity. SPIFFE ids and the spellings of a Kubernetes service account that Istio, Linkerd and
  Kubernetes use are brought into one form; see \`domain/identity.ts\`.
* The id of a certificate is its serial number in hex; colons, spaces, case and leading zeros do not matter. An issuer
  is reduced to its common name, so that \`CN=Shop Intermediate CA\` and \`Shop Intermediate CA\` are one.
* A secret (kinds \`token\`, \`api-key\`, \`client-secret\`, and any JSON Web Token) is replaced by its keyed HMAC as soon as
  it is read.

## \`"kind": "call"\`

${fields(CallInput as Schema)}

## \`"kind": "lifecycle"\`

${fields(LifecycleInput as Schema)}

Actions: ${LIFECYCLE_ACTIONS.map(code).join(', ')}. A step with another action is refused as \`wrong-type\`. Kinds of
credential: ${CREDENTIAL_KINDS.map(code).join(', ')}.
`
}

function fields(schema: Schema): string {
  return table(['field', 'value', 'required', 'meaning'], rows(schema, ''))
}

function rows(schema: Schema, prefix: string): readonly (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => [
    [
      code(prefix + key),
      value(field),
      schema.required?.includes(key) ? (prefix === '' ? 'yes' : 'with it') : '',
      meaning(field),
    ],
    ...rows(field, `${prefix}${key}.`),
  ])
}

function meaning({ description, anyOf = [], default: fallback }: Schema): string {
  const text = description ?? anyOf.find((each) => each.description !== undefined)?.description
  return [text, fallback === undefined ? undefined : `default: ${fallback}`]
    .filter((part) => part !== undefined)
    .join('; ')
}

function value(field: Schema): string {
  if (field.const !== undefined) return code(JSON.stringify(field.const))
  if (field.anyOf === undefined) return field.type ?? 'any'
  return field.anyOf.length > 4 ? 'one of the actions below' : field.anyOf.map(value).join(' or ')
}
