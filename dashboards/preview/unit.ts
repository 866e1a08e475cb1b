const SHORT = [
  { from: 1e9, name: ' Bil' },
  { from: 1e6, name: ' Mil' },
  { from: 1e3, name: ' K' },
]
const BYTES = [
  { from: 2 ** 30, name: ' GiB' },
  { from: 2 ** 20, name: ' MiB' },
  { from: 2 ** 10, name: ' KiB' },
]
const SECONDS = [
  { from: 86_400, name: ' days' },
  { from: 3600, name: ' h' },
  { from: 60, name: ' min' },
  { from: 1, name: ' s' },
  { from: 1e-3, name: ' ms' },
  { from: 1e-6, name: ' µs' },
]

/** A value as Grafana writes it in this unit, to three digits. */
export function inUnit(value: number, unit = 'short'): string {
  switch (unit) {
    case 's':
      return value === 0 ? '0 s' : scaled(value, SECONDS)
    case 'bytes':
      return scaled(value, BYTES, ' B')
    case 'percentunit':
      return `${digits(value * 100)} %`
    case 'cps':
      return `${scaled(value, SHORT)} c/s`
    case 'reqps':
      return `${scaled(value, SHORT)} req/s`
    case 'bool_yes_no':
      return value === 0 ? 'No' : 'Yes'
    default:
      return scaled(value, SHORT)
  }
}

function scaled(value: number, scales: readonly { from: number; name: string }[], small = ''): string {
  const scale = scales.find(({ from }) => Math.abs(value) >= from)
  return scale === undefined ? `${digits(value)}${small}` : `${digits(value / scale.from)}${scale.name}`
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)))
}
