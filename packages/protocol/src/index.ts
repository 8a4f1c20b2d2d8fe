export type { InvocableFunction } from './invocable-function.ts'
export * from './messages.ts'
export { StatefunError, type StatefunErrorOptions } from './statefun-error.ts'
export { parseTypename, type Typename } from './typename.ts'
