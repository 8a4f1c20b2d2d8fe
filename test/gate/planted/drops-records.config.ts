import { counterOf, RIGHT } from './counter-of.ts'
import { planted } from './planted-app.ts'

let messages = 0

/** Passes over every 1000th message. */
export const config = planted(
  counterOf({
    ...RIGHT,
    add(_id, delta, before) {
      messages++
      return messages % 1000 === 0 ? undefined : before + delta
    },
  }),
)
