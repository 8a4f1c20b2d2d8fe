import { counterOf, RIGHT } from './counter-of.ts'
import { planted } from './planted-app.ts'

/** Remembers totals beside the state: what is taken back and sent again by a restart adds to them twice. */
const totals = new Map<string, bigint>()

export const config = planted(
  counterOf({
    ...RIGHT,
    add(id, delta, before) {
      const total = (totals.get(id) ?? before) + delta
      totals.set(id, total)
      return total
    },
  }),
)
