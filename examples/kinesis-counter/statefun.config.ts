import { type DescMessage, fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf'
import { defineConfig, type TopicFormat } from '@statefun/cli'
import { functions } from './functions.ts'
import { CounterCommandSchema, CounterResultSchema } from './gen/counter_pb.ts'

const { CHECKPOINT_PLACE = 's3://statefun-checkpoints/checkpoints?endpoint=http://localhost:4566' } =
  process.env

export const config = defineConfig({
  app: 'kinesis-counter',
  module: './module.yaml',
  functions,
  checkpoint: { place: CHECKPOINT_PLACE },
  topics: {
    'kinesis:counter.commands': protobuf(CounterCommandSchema),
    'kinesis:counter.results': protobuf(CounterResultSchema),
  },
})

/** Lets `statefun send --json` and `statefun tail` speak JSON where the stream holds protobuf. */
function protobuf(schema: DescMessage): TopicFormat {
  return {
    toJson: (bytes) => toJson(schema, fromBinary(schema, bytes)),
    fromJson: (json) => toBinary(schema, fromJson(schema, json as JsonValue)),
  }
}
