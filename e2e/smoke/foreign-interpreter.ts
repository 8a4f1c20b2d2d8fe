import { join } from 'node:path'
import { toBinary } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import { SMOKE_PROTO, type SmokeTopics } from '@statefun/gate/smoke'
import { type ForeignServer, startForeignServer } from '../../test/foreign-sdks/foreign-server.ts'

/** Languages whose SDK serves the function of the smoke test. */
export const INTERPRETER_LANGUAGES = ['java', 'python'] as const

const SOURCES = { java: 'CommandInterpreter.java', python: 'command_interpreter.py' } as const

/**
 * Starts a server of the smoke test's function, written with the SDK of another language. It reads the messages by the same
 * proto as ours.
 *
 * @throws StatefunError as `startForeignServer`
 */
export function startForeignInterpreter(
  language: (typeof INTERPRETER_LANGUAGES)[number],
  topics: SmokeTopics,
): Promise<ForeignServer> {
  const proto = toBinary(FileDescriptorProtoSchema, SMOKE_PROTO)
  return startForeignServer({
    language,
    source: join(import.meta.dirname, 'servers', SOURCES[language]),
    env: {
      SMOKE_DESCRIPTOR: Buffer.from(proto).toString('base64'),
      SMOKE_DISCARDED_TOPIC: topics.discarded,
      SMOKE_VERIFICATIONS_TOPIC: topics.verifications,
    },
  })
}
