// The functions of foreign-functions.ts, written with the npm package `apache-flink-statefun`.
import { createServer } from 'node:http'
import {
  type Context,
  kafkaEgressMessage,
  type Message,
  messageBuilder,
  StateFun,
} from 'apache-flink-statefun'

const { FOREIGN_NAMESPACE: namespace, FOREIGN_RESULTS_TOPIC: topic = '', FOREIGN_TTL_MS: ttl } = process.env
const ttlMs = Number(ttl)
const statefun = new StateFun()

function emit(context: Context, text: string): void {
  context.send(kafkaEgressMessage({ typename: 'foreign/results', topic, key: context.self.id, value: text }))
}

statefun.bind({
  typename: `${namespace}/counter`,
  specs: [{ name: 'total', type: StateFun.intType() }],
  fn(context: Context, message: Message) {
    const total = (context.storage.total ?? 0) + message.asInt()
    context.storage.total = total
    const { caller } = context
    if (caller) context.send(messageBuilder({ typename: caller.typename, id: caller.id, value: total }))
    emit(context, String(total))
  },
})

statefun.bind({
  typename: `${namespace}/relay`,
  fn(context: Context, message: Message) {
    if (context.caller) emit(context, `relayed ${message.asInt()}`)
    else {
      const target = { typename: `${namespace}/counter`, id: context.self.id }
      context.send(messageBuilder({ ...target, value: message.asInt() }))
    }
  },
})

statefun.bind({
  typename: `${namespace}/reminder`,
  fn(context: Context, message: Message) {
    const { id, typename } = context.self
    const [command, delay] = (message.asString() ?? '').split(' ')
    switch (command) {
      case 'start':
        context.sendAfter(Number(delay), messageBuilder({ typename, id, value: 'ring' }), `reminder-${id}`)
        break
      case 'cancel':
        context.cancelDelayedMessage(`reminder-${id}`)
        break
      case 'ring':
        emit(context, 'ring')
        break
      default:
        throw new Error(`unknown command: ${command}`)
    }
  },
})

statefun.bind({
  typename: `${namespace}/session`,
  specs: [
    { name: 'visits', type: StateFun.intType(), expireAfterWrite: ttlMs },
    { name: 'calls', type: StateFun.intType(), expireAfterCall: ttlMs },
  ],
  fn(context: Context) {
    const visits = (context.storage.visits ?? 0) + 1
    const calls = (context.storage.calls ?? 0) + 1
    context.storage.visits = visits
    context.storage.calls = calls
    emit(context, `${visits}/${calls}`)
  },
})

const server = createServer(statefun.handler())
server.listen(Number(process.env.FUNCTIONS_PORT), '127.0.0.1', () => {
  const address = server.address()
  console.log(`listening on ${typeof address === 'object' ? address?.port : address}`)
})
