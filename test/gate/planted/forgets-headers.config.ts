import { counterOf, RIGHT } from './counter-of.ts'
import { planted } from './planted-app.ts'

/** Hands on no header of its input. */
export const config = planted(counterOf({ ...RIGHT, headers: () => [['processed-by', 'counter-fn']] }))
