import { hasCode } from '../io/world-error.ts'

/**
 * The store with every call that fails reported. That another process has taken it over is no failure of the store.
 * @param failed told of each
 */
export function countedStore<Store extends object>(store: Store, failed: () => void): Store {
  const report = (error: unknown): never => {
    if (!hasCode(error, 'fenced')) failed()
    throw error
  }
  return new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        try {
          const answer: unknown = method.apply(target, args)
          return answer instanceof Promise ? answer.catch(report) : answer
        } catch (error) {
          return report(error)
        }
      }
    },
  })
}
