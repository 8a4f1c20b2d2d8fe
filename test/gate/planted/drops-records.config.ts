import { counterOf, RIGHT } from './counter-of.ts'
import { planted } from './planted-app.ts'

let messages = 0

/**
 * Passes over one of every 1000 messages: not the 1000th, which may be the last one of an id, and a test that waits for it would end
 * with what is missing rather than with what is wrong.
 */
export const config = planted(
  counterOf({
    ...RIGHT,
    add(_id, delta, before) {
      messages++
      return messages % 1000 === 500 ? undefined : before + delta
    },
  }),
)
