/** The few harmless globals that the core may use beside the language itself (see tsconfig.core.json). */
interface TextDecoder {
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string
}
declare var TextDecoder: {
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder
}
interface TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
}
declare var TextEncoder: { new (): TextEncoder }
/** Base64 to one character a byte; throws on anything else. */
declare function atob(base64: string): string
