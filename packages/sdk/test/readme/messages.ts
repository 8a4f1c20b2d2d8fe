import { defineFunction, functionRef, jsonType, textType, typed, types } from '@statefun/sdk'

const Visit = jsonType<{ page: string }>('example/visit')
const Line = textType('example/line')
const anything = functionRef('example/anything')

/** Several types: the value is their union, and the message tells which. */
export const visits = defineFunction({
  type: 'example/visits',
  state: { pages: jsonType<string[]>('example/pages') },
  accepts: [Visit, Line],
  otherTypes: 'ignore',
  handle(ctx, visit, message) {
    const page = typeof visit === 'string' ? visit : visit.page
    const pages = ctx.state.pages ?? []
    pages.push(page)
    ctx.state.pages = pages
    const trace = message.headers.last('trace-id')?.utf8()
    ctx.send(anything, ctx.self.id, typed(types.int, pages.length), {
      headers: { 'trace-id': trace ?? null },
    })
  },
})

/** No types: the value is the message itself, to be looked at or passed on with its type and headers. */
export const relay = defineFunction({
  type: 'example/relay',
  handle(ctx, message) {
    if (message.is(Line)) ctx.forward(visits, message.as(Line), message)
  },
})
