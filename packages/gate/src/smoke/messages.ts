import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { protobufType } from '@statefun/sdk/protobuf'
import {
  CommandSchema,
  type Commands,
  CommandsSchema,
  file_smoke,
  type SourceCommand,
  SourceCommandSchema,
  VerificationResultSchema,
} from './gen/smoke_pb.ts'

/** Function type of the smoke test (contract 8.1). */
export const COMMAND_INTERPRETER = 'statefun.smoke.e2e/command-interpreter-fn'

/** Egress that takes what only counts by its number. */
export const DISCARD_SINK = 'statefun.smoke.e2e/discard-sink'

/** Egress that takes what instances report. */
export const VERIFICATION_SINK = 'statefun.smoke.e2e/verification-sink'

/** The proto of all messages, for functions in other languages. */
export const SMOKE_PROTO = file_smoke.proto

/** What comes from the ingress. */
export const SourceCommandType = protobufType(SourceCommandSchema, 'statefun.smoke.e2e/source-command')

/** What instances send each other. */
export const CommandsType = protobufType(CommandsSchema, 'statefun.smoke.e2e/commands')

/** What instances report. */
export const VerificationResultType = protobufType(
  VerificationResultSchema,
  'statefun.smoke.e2e/verification-result',
)

/** Kafka topics of a smoke test. */
export interface SmokeTopics {
  /** Key = id of the instance, value = `SourceCommand`. */
  readonly commands: string
  /** What `discard-sink` takes: key = id of the instance that emitted it. */
  readonly discarded: string
  /** What `verification-sink` takes: key = id of the instance, value = `VerificationResult`. */
  readonly verifications: string
}

/** The topics of a test: `smoke.commands`, `smoke.discarded`, `smoke.verifications`, or with another word in front. */
export function smokeTopics(prefix = 'smoke'): SmokeTopics {
  return {
    commands: `${prefix}.commands`,
    discarded: `${prefix}.discarded`,
    verifications: `${prefix}.verifications`,
  }
}

/** One command, as `create` takes it: `{ case: 'send', value: { target, commands } }`. */
export type CommandInit = NonNullable<MessageInitShape<typeof CommandSchema>['command']>

/** A list of commands. */
export function commands(...list: readonly CommandInit[]): Commands {
  return create(CommandsSchema, { command: list.map((command) => create(CommandSchema, { command })) })
}

/** Asks an instance what it has counted. */
export function verify(target: number, expected: bigint): SourceCommand {
  return create(SourceCommandSchema, { target, commands: commands({ case: 'verify', value: { expected } }) })
}
