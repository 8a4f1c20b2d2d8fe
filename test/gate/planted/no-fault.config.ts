import { counter } from '../../../examples/counter/counter.ts'
import { planted } from './planted-app.ts'

export const config = planted(counter)
