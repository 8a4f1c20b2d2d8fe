import { type DescMessage, fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf'
import { defineConfig, type TopicFormat } from '@statefun/cli'
import { deploy } from './deploy.ts'
import { functions } from './functions.ts'
import { CounterCommandSchema, CounterResultSchema } from './gen/counter_pb.ts'

export const config = defineConfig({
  app: 'counter',
  module: './module.yaml',
  functions,
  deploy,
  topics: {
    'counter.commands': protobuf(CounterCommandSchema),
    'counter.commands.ttl': protobuf(CounterCommandSchema),
    'counter.results': protobuf(CounterResultSchema),
    'counter.results.ttl': protobuf(CounterResultSchema),
  },
})

/** Lets `statefun send --json` and `statefun tail` speak JSON where the topic holds protobuf. */
function protobuf(schema: DescMessage): TopicFormat {
  return {
    toJson: (bytes) => toJson(schema, fromBinary(schema, bytes)),
    fromJson: (json) => toBinary(schema, fromJson(schema, json as JsonValue)),
  }
}
