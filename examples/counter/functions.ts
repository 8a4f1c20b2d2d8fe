import { counter } from './counter.ts'
import { counterTtl } from './counter-ttl.ts'
import { greeter } from './greeter.ts'

/** The functions of this app, for the embedded engine and for the server alike. */
export const functions = [counter, counterTtl, greeter]
