import { defineFunction, kafkaEgress, textType } from '@statefun/sdk'

/** JSON as bare text: what other systems write into a topic, without the wrapper of `types.string`. */
export const GreetRequest = textType('greeter/json-string')

const results = kafkaEgress('greeter/results', { topic: 'greeter.results' })

/** Greets whoever the request names; keeps no state. */
export const greeter = defineFunction({
  type: 'greeter/fn',
  accepts: [GreetRequest],
  handle(ctx, request) {
    const name = /"name"\s*:\s*"([^"]*)"/.exec(request)?.[1] ?? request
    ctx.emit(results, { key: ctx.self.id, value: JSON.stringify({ greeting: `Hello, ${name}!` }) })
  },
})
