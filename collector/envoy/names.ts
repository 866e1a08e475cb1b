/** Envoy joins several names of one certificate with commas; a SPIFFE certificate has one. */
export function firstName(names: string): string {
  const comma = names.indexOf(',')
  return comma < 0 ? names : names.slice(0, comma)
}
