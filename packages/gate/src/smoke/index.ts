/**
 * The smoke test of Stateful Functions (contract 8): random command trees against a model, on any engine.
 *
 * @module
 */
export { CommandGenerator } from './command-generator.ts'
export { type CommandInterpreter, commandInterpreter } from './command-interpreter.ts'
export {
  COMMAND_INTERPRETER,
  type CommandInit,
  CommandsType,
  commands,
  DISCARD_SINK,
  SMOKE_PROTO,
  type SmokeTopics,
  SourceCommandType,
  smokeTopics,
  VERIFICATION_SINK,
  VerificationResultType,
  verify,
} from './messages.ts'
export { SmokeModel } from './model.ts'
export { type SmokeModule, smokeModule } from './module-text.ts'
export { SMOKE_DEFAULTS, type SmokeParameters, unusedInstance, WITHOUT_DELAYS } from './parameters.ts'
export { runSmoke, type SmokeFault, type SmokeOptions } from './run-smoke.ts'
export { checkSmoke, formatSmokeReport, type SmokeReport, smokeSeed } from './smoke-report.ts'
export type { InstanceVerdict } from './verdict.ts'
