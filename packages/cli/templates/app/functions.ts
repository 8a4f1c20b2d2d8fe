import { defineFunction, jsonType, kafkaEgress, message, types } from '@statefun/sdk'
import { z } from 'zod'

/** What the topic `greetings.in` holds: JSON, checked when it arrives. */
export const GreetRequest = message('my-app/greet-request', z.object({ name: z.string().min(1) }))

/** What the topic `greetings.out` gets. */
export const Greeting = jsonType<{ readonly greeting: string; readonly visits: number }>('my-app/greeting')

const greetings = kafkaEgress('my-app/greetings-out', { topic: 'greetings.out', value: Greeting })

/** Greets whoever comes and remembers, per id, how often. */
export const greeter = defineFunction({
  type: 'my-app/greeter',
  state: { visits: types.int },
  accepts: [GreetRequest],
  handle(ctx, { name }) {
    const visits = (ctx.state.visits ?? 0) + 1
    ctx.state.visits = visits
    const greeting = visits === 1 ? `Welcome, ${name}!` : `Welcome back, ${name}!`
    ctx.emit(greetings, { key: ctx.self.id, value: { greeting, visits } })
  },
})
