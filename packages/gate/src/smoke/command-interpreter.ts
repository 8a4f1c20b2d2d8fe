import { setImmediate as turn } from 'node:timers/promises'
import { create, isMessage } from '@bufbuild/protobuf'
import { StatefunError } from '@statefun/protocol'
import {
  type Context,
  defineFunction,
  functionRef,
  kafkaEgress,
  type SendableTo,
  type StatefulFunction,
  types,
} from '@statefun/sdk'
import {
  type Commands,
  CommandsSchema,
  SourceCommandSchema,
  VerificationResultSchema,
} from './gen/smoke_pb.ts'
import {
  COMMAND_INTERPRETER,
  CommandsType,
  DISCARD_SINK,
  type SmokeTopics,
  SourceCommandType,
  smokeTopics,
  VERIFICATION_SINK,
  VerificationResultType,
} from './messages.ts'

const STATE = { state: types.long }

/** Milliseconds that a delayed message waits, as in Apache's own smoke test. */
const DELAY_MS = 1

/** The function of the smoke test. */
export type CommandInterpreter = StatefulFunction<
  SendableTo<readonly [typeof SourceCommandType, typeof CommandsType]>,
  typeof STATE
>

const NOTHING = create(CommandsSchema)
const target = functionRef(COMMAND_INTERPRETER, [CommandsType])

/**
 * The function under test (contract 8.2): carries out the commands that it is sent, one after another. Its two sinks are Kafka
 * egresses, so that it runs unchanged on Flink, whose engine holds none of the smoke test's own sinks.
 *
 * The handler throws StatefunError `SF_GATE_SMOKE_COMMAND` for a command it does not know.
 */
export function commandInterpreter(topics: SmokeTopics = smokeTopics()): CommandInterpreter {
  const discardSink = kafkaEgress(DISCARD_SINK, { topic: topics.discarded })
  const verificationSink = kafkaEgress(VERIFICATION_SINK, {
    topic: topics.verifications,
    value: VerificationResultType,
  })

  async function carryOut(ctx: Context<typeof STATE>, list: Commands | undefined): Promise<void> {
    for (const { command } of list?.command ?? []) {
      const { case: name, value } = command
      if (name === 'increment') ctx.state.state = (ctx.state.state ?? 0n) + 1n
      else if (name === 'send') ctx.send(target, String(value.target), value.commands ?? NOTHING)
      else if (name === 'sendAfter') {
        const { cancellationToken: token } = value
        const options = token === '' ? {} : { token }
        ctx.sendAfter(DELAY_MS, target, String(value.target), value.commands ?? NOTHING, options)
      } else if (name === 'cancelSendAfter') ctx.cancel(value.cancellationToken)
      else if (name === 'sendEgress') ctx.emit(discardSink, { key: ctx.self.id, value: 'discarded-message' })
      else if (name === 'verify') {
        const result = { id: Number(ctx.self.id), expected: value.expected, actual: ctx.state.state ?? 0n }
        ctx.emit(verificationSink, { key: ctx.self.id, value: create(VerificationResultSchema, result) })
      } else if (name === 'asyncOperation') {
        await turn()
        await carryOut(ctx, value.resolvedCommands)
      } else {
        throw new StatefunError('SF_GATE_SMOKE_COMMAND', 'a command is of no known kind', {
          where: `${COMMAND_INTERPRETER}/${ctx.self.id}`,
        })
      }
    }
  }
  return defineFunction({
    type: COMMAND_INTERPRETER,
    state: STATE,
    accepts: [SourceCommandType, CommandsType],
    handle: (ctx, input) => carryOut(ctx, isMessage(input, SourceCommandSchema) ? input.commands : input),
  })
}
