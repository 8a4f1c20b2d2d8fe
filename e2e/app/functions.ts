import { commandInterpreter } from '@statefun/gate/smoke'
import { counter } from '../../examples/counter/counter.ts'
import { greeter } from '../../examples/counter/greeter.ts'
import { counterExact } from './counter-exact.ts'
import { counterKinesis } from './counter-kinesis.ts'
import { counterTtl } from './counter-ttl.ts'

/** The functions of the gate's own app (contract 7.3 and 8): for the embedded engine and for a function server alike. */
export const functions = [counter, counterTtl, counterKinesis, counterExact, greeter, commandInterpreter()]
