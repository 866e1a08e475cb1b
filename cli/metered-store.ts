import type { STORE_OPERATIONS } from '../io/metric-catalogue.ts'
import { hasCode } from '../io/world-error.ts'

export type StoreOperation = (typeof STORE_OPERATIONS)[number]

/** Told of the calls of a store. */
export interface StoreWatch {
  /** A call has ended, however it did. */
  readonly took: (operation: StoreOperation, seconds: number) => void
  readonly failed: () => void
}

const WRITES: ReadonlySet<string> = new Set([
  'apply',
  'settle',
  'hasten',
  'keepEndpoints',
  'disableEndpoint',
  'decide',
  'forgetWaiting',
  'save',
  'saveAll',
  'keep',
  'append',
  'trim',
])

/** `load` is the claim of a partition, which brings all of its state. */
export function operationOf(method: string): StoreOperation {
  if (method === 'claim') return 'load'
  return WRITES.has(method) ? 'write' : 'read'
}

/**
 * The store with every call timed, and every one that fails reported. That another process has taken it over is no
 * failure of the store.
 */
export function meteredStore<Store extends object>(store: Store, { took, failed }: StoreWatch): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      const operation = operationOf(String(name))
      return (...args: unknown[]) => {
        const began = performance.now()
        const end = () => took(operation, (performance.now() - began) / 1000)
        const report = (error: unknown): never => {
          end()
          if (!hasCode(error, 'fenced')) failed()
          throw error
        }
        const succeed = (answer: unknown) => {
          end()
          return answer
        }
        try {
          const answer: unknown = method.apply(target, args)
          return answer instanceof Promise ? answer.then(succeed, report) : succeed(answer)
        } catch (error) {
          return report(error)
        }
      }
    },
  })
}
